package dev.zfsdiskimage.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.ClosureSource;
import dev.zfsdiskimage.recipe.Recipe.Content;
import dev.zfsdiskimage.recipe.Recipe.Dataset;
import dev.zfsdiskimage.recipe.Recipe.Install;
import dev.zfsdiskimage.recipe.Recipe.NixosSystem;
import dev.zfsdiskimage.recipe.Recipe.Pool;
import dev.zfsdiskimage.recipe.Recipe.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NixosConfigurationTest {
  private static final Path NIX = Path.of("/usr/bin/nix-instantiate");
  private static final String HOSTILE = "/it's \"so\" ''${x}'' ${y} \\ $z\n\t ünïcödé";

  @TempDir Path folder;

  @Test
  void fileSystemsOfThePredecessorsLayoutAreWrittenAsNixfmtWould() {
    Recipe recipe =
        SampleRecipes.layout(
            pool("tank"),
            List.of(
                dataset("tank/root", "/", true),
                dataset("tank/nix", "/nix", true),
                dataset("tank/home", "/home", false)));

    assertThat(new NixosConfiguration(recipe).fileSystems())
        .isEqualTo(
            """
            # The disks that this system was installed on; configuration.nix imports this file.
            { lib, ... }:

            {
              fileSystems = {
                "/" = {
                  device = "tank/root";
                  fsType = "zfs";
                };
                "/home" = {
                  device = "tank/home";
                  fsType = "zfs";
                  options = [ "zfsutil" ];
                };
                "/nix" = {
                  device = "tank/nix";
                  fsType = "zfs";
                };
                "/boot" = {
                  device = "/dev/disk/by-label/ESP";
                  fsType = "vfat";
                  options = [ "umask=0077" ];
                };
              };

              # ZFS wants every machine to have an id of its own: eight hexadecimal digits.
              networking.hostId = lib.mkDefault "HOSTID";

              # Disks of virtual machines often have no name in /dev/disk/by-id.
              boot.zfs.devNodes = lib.mkDefault "/dev";

              # The pool takes what its disk has grown by.
              services.zfs.expandOnBoot = lib.mkDefault [ "tank" ];

              # GRUB for BIOS on the first disk, and for UEFI where firmware looks for it.
              boot.loader.grub.devices = lib.mkDefault [ "/dev/vda" ];
              boot.loader.grub.efiSupport = lib.mkDefault true;
              boot.loader.grub.efiInstallAsRemovable = lib.mkDefault true;
            }
            """
                .replace("HOSTID", hostId(recipe)));
  }

  @Test
  void hostIdFollowsFromTheResourceAndItsPool() {
    List<Dataset> datasets = List.of();

    String first = hostId(SampleRecipes.layout(pool("first"), datasets));

    assertThat(first)
        .matches("[0-9a-f]{8}")
        .isEqualTo(hostId(SampleRecipes.layout(pool("first"), datasets)))
        .isNotEqualTo(hostId(SampleRecipes.layout(pool("second"), datasets)));
  }

  @Test
  void nixReadsHostileNamesAsTheyAre() throws IOException {
    needsNix();
    Recipe recipe =
        SampleRecipes.layout(
            pool("my pool"),
            List.of(dataset("my pool/root", "/", true), dataset("my pool/x y", HOSTILE, true)));

    JsonNode module = evaluate(new NixosConfiguration(recipe).fileSystems());

    assertThat(module.at("/fileSystems").get(HOSTILE).get("device").asText())
        .isEqualTo("my pool/x y");
    assertThat(module.at("/fileSystems").get("/").get("fsType").asText()).isEqualTo("zfs");
    assertThat(module.at("/fileSystems").get("/boot").get("fsType").asText()).isEqualTo("vfat");
    assertThat(module.at("/services/zfs/expandOnBoot/0").asText()).isEqualTo("my pool");
    assertThat(module.at("/networking/hostId").asText()).matches("[0-9a-f]{8}");
  }

  @Test
  void nixReadsEveryStringAsItIs() throws IOException {
    needsNix();
    for (String text :
        List.of(
            "", HOSTILE, "$", "$$", "${", "$${a}", "\\${a}", "''", "\r\n", "a\"b", "\\", "\\n")) {
      Files.writeString(folder.resolve("text.nix"), NixString.of(text));

      byte[] json = nix("text.nix");

      assertThat(new ObjectMapper().readTree(json).asText()).isEqualTo(text);
    }
  }

  @Test
  void defaultConfigurationImportsTheFileSystems() throws IOException {
    needsNix();
    Recipe recipe = SampleRecipes.minimal();
    List<Content> files = new NixosConfiguration(recipe).files(nixos(Optional.empty()));

    JsonNode configuration = evaluate(text(files.get(0)));

    assertThat(files)
        .extracting(Content::target)
        .containsExactly(
            "/etc/nixos/configuration.nix", "/etc/nixos/hardware/zfs-file-systems.nix");
    assertThat(configuration.at("/imports/0").asText()).endsWith("-zfs-file-systems.nix");
  }

  @Test
  void usersConfigurationIsKeptByteForByteBesideTheFileSystems() {
    Bytes bytes =
        Bytes.of(("{ } # \u00fcnicode, and no line end").getBytes(StandardCharsets.UTF_8));

    List<Content> files =
        new NixosConfiguration(SampleRecipes.minimal())
            .files(nixos(Optional.of(new Source.Inline(bytes))));

    assertThat(files.get(0).target()).isEqualTo("/etc/nixos/configuration.nix");
    assertThat(files.get(0).source()).isEqualTo(new Source.Inline(bytes));
    assertThat(files.get(1).source()).isNotEqualTo(files.get(0).source());
  }

  private static Install.Nixos nixos(Optional<Source> configFile) {
    return new Install.Nixos(
        new NixosSystem.StorePath("/nix/store/" + "0".repeat(32) + "-nixos-system-web-24.11"),
        List.of(new ClosureSource.InPayload(0)),
        configFile,
        Optional.empty());
  }

  private static void needsNix() {
    assumeTrue(
        Files.isExecutable(NIX),
        "SKIPPED: there is no nix-instantiate to read the generated files with; install nix-bin");
  }

  /** The module, as nix reads it, with mkDefault giving its argument. */
  private JsonNode evaluate(String module) throws IOException {
    Files.createDirectories(folder.resolve("hardware"));
    Files.writeString(folder.resolve("hardware/zfs-file-systems.nix"), "{ }");
    Files.writeString(folder.resolve("module.nix"), module);
    Files.writeString(
        folder.resolve("evaluate.nix"), "(import ./module.nix) { lib.mkDefault = value: value; }");
    return new ObjectMapper().readTree(nix("evaluate.nix"));
  }

  private byte[] nix(String file) {
    return RealBash.run(
        folder,
        "/usr/bin/env",
        "HOME=" + folder,
        "NIX_STORE_DIR=" + folder.resolve("store"),
        "NIX_STATE_DIR=" + folder.resolve("state"),
        "NIX_LOG_DIR=" + folder.resolve("log"),
        NIX.toString(),
        "--eval",
        "--strict",
        "--json",
        file);
  }

  private static String hostId(Recipe recipe) {
    String text = new NixosConfiguration(recipe).fileSystems();
    return text.replaceAll("(?s).*networking.hostId = lib.mkDefault \"([0-9a-f]*)\".*", "$1");
  }

  private static String text(Content content) {
    return new String(((Source.Inline) content.source()).bytes().toArray(), StandardCharsets.UTF_8);
  }

  private static Pool pool(String name) {
    return new Pool(name, Map.of(), Map.of());
  }

  private static Dataset dataset(String name, String mount, boolean legacy) {
    return new Dataset(name, Map.of(), Optional.of(mount), legacy);
  }
}
