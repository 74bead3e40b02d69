package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.api.Format;
import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Bootloader;
import dev.zfsdiskimage.recipe.Recipe.Builder;
import dev.zfsdiskimage.recipe.Recipe.Content;
import dev.zfsdiskimage.recipe.Recipe.Dataset;
import dev.zfsdiskimage.recipe.Recipe.Install;
import dev.zfsdiskimage.recipe.Recipe.Network;
import dev.zfsdiskimage.recipe.Recipe.OnDelete;
import dev.zfsdiskimage.recipe.Recipe.Output;
import dev.zfsdiskimage.recipe.Recipe.Payload;
import dev.zfsdiskimage.recipe.Recipe.Pool;
import dev.zfsdiskimage.recipe.Recipe.Source;
import dev.zfsdiskimage.recipe.Recipe.Storage;
import dev.zfsdiskimage.recipe.Recipe.Timeouts;
import dev.zfsdiskimage.recipe.Recipe.Verify;
import dev.zfsdiskimage.recipe.Recipe.VolumeMode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Recipes for tests, one of every kind. */
public final class SampleRecipes {
  public static final long GIB = 1L << 30;

  private static final Output OUTPUT =
      new Output(
          Format.RAW,
          "nixos",
          new Storage(Optional.empty(), List.of("ReadWriteOnce"), VolumeMode.FILESYSTEM),
          2,
          OnDelete.DELETE,
          Map.of());

  private static final Builder BUILDER =
      new Builder(
          2 * GIB,
          2,
          Optional.empty(),
          Network.NONE,
          new Timeouts(Duration.ofMinutes(5), Duration.ofHours(1), Duration.ofMinutes(30)),
          2,
          Map.of());

  public static final Verify NO_VERIFY = new Verify(false, Optional.empty(), Optional.empty());

  private SampleRecipes() {}

  /** The smallest one: one legacy dataset, a script. */
  public static Recipe minimal() {
    return recipe(
        new Pool("tank", map("ashift", "12", "autoexpand", "on"), map("mountpoint", "legacy")),
        List.of(new Dataset("tank/root", Map.of(), Optional.of("/"), true)),
        new Install.Script(new Source.Inline(Bytes.of("#!/bin/sh\ntrue\n"))),
        List.of(),
        List.of(),
        NO_VERIFY);
  }

  /** Many datasets whose names, mounts and values hold whatever can hurt a shell. */
  public static Recipe hostile() {
    return recipe(
        new Pool(
            "my pool",
            map("ashift", "12", "comment", "it's \"quoted\" & $(reboot) `reboot` \\ ünïcödé"),
            map("compression", "zstd", "com.example:note", "line one\nline two\ttab\n")),
        List.of(
            new Dataset("my pool", map("atime", "off"), Optional.empty(), false),
            new Dataset("my pool/root", map("mountpoint", "legacy"), Optional.of("/"), true),
            new Dataset(
                "my pool/home of #1",
                map("mountpoint", "legacy", "com.example:a", "~", "com.example:b", ""),
                Optional.of("/home dir/#1 \\ ü"),
                true),
            new Dataset(
                "my pool/nix",
                map("mountpoint", "/nix", "com.example:equals", "a=b=c", "quota", "1G"),
                Optional.of("/nix"),
                false),
            new Dataset(
                "my pool/nix/store", map("canmount", "noauto"), Optional.of("/nix/store"), false),
            new Dataset(
                "my pool/deep", map("mountpoint", "legacy"), Optional.of("/home dir"), true)),
        new Install.Script(new Source.Secret(1, "install -rf.sh")),
        List.of(
            new Content(
                new Source.InPayload(0, "a path/with 'quotes'"),
                "/etc/$HOME/x\ny",
                Optional.of("0600"),
                Optional.of("www-data:adm")),
            new Content(
                new Source.Inline(Bytes.of(new byte[] {0, 1, (byte) 0xFF})),
                "/srv/-n",
                Optional.empty(),
                Optional.empty())),
        List.of(new Payload.OciImage("registry.example/payload:1")),
        new Verify(true, Optional.empty(), Optional.empty()));
  }

  /** Debian with GRUB, a locked root and keys. */
  public static Recipe debian() {
    return recipe(
        new Pool(
            "tank",
            map("ashift", "12", "autoexpand", "on"),
            map("acltype", "posixacl", "atime", "off", "mountpoint", "legacy", "xattr", "sa")),
        List.of(
            new Dataset("tank/system", map("canmount", "off"), Optional.empty(), true),
            new Dataset("tank/system/root", Map.of(), Optional.of("/"), true),
            new Dataset("tank/system/var", Map.of(), Optional.of("/var"), true),
            new Dataset("tank/home", map("mountpoint", "/home"), Optional.of("/home"), false)),
        new Install.Debian(
            0,
            "web-1",
            Optional.empty(),
            Optional.of(new Source.Secret(0, "authorized_keys")),
            List.of("console=tty0", "console=ttyS0,115200", "quote='")),
        List.of(),
        List.of(
            new Payload.DebianRoot("trixie", Optional.empty(), List.of("main"), List.of("ssh"))),
        NO_VERIFY);
  }

  /** A root file system with GRUB and a password from a Secret. */
  public static Recipe rootfs(Bootloader bootloader) {
    return recipe(
        new Pool("tank", map("ashift", "12"), map("mountpoint", "legacy")),
        List.of(
            new Dataset("tank/root", Map.of(), Optional.of("/"), true),
            new Dataset("tank/srv", Map.of(), Optional.of("/srv"), true)),
        new Install.Rootfs(1, bootloader, List.of("quiet")),
        List.of(
            new Content(
                new Source.Inline(Bytes.of("hello\n")),
                "/etc/motd",
                Optional.of("0644"),
                Optional.of("0:0"))),
        List.of(
            new Payload.Path("data.tar", Optional.empty()),
            new Payload.Http("https://example.org/root.tar.zst", "0".repeat(64))),
        NO_VERIFY);
  }

  /** {@link #minimal} with other checks. */
  public static Recipe verifying(Verify verify) {
    Recipe base = minimal();
    return recipe(base.pool(), base.datasets(), base.install(), List.of(), List.of(), verify);
  }

  /** {@link #minimal} with other contents. */
  public static Recipe containing(List<Content> contents) {
    Recipe base = minimal();
    return recipe(base.pool(), base.datasets(), base.install(), contents, List.of(), NO_VERIFY);
  }

  /** {@link #minimal} with another pool and other datasets. */
  public static Recipe layout(Pool pool, List<Dataset> datasets) {
    return recipe(pool, datasets, minimal().install(), List.of(), List.of(), NO_VERIFY);
  }

  /** A map that keeps the order of its pairs. */
  public static Map<String, String> map(String... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static Recipe recipe(
      Pool pool,
      List<Dataset> datasets,
      Install install,
      List<Content> contents,
      List<Payload> payloads,
      Verify verify) {
    return new Recipe(
        "sample",
        GIB,
        2 * GIB,
        pool,
        datasets,
        install,
        contents,
        payloads,
        List.of("first-secret", "second-secret"),
        OUTPUT,
        Optional.empty(),
        BUILDER,
        verify,
        "0123456789");
  }
}
