package dev.zfsdiskimage.images;

import dev.zfsdiskimage.images.SoftwarePackage.Debian;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Ingredients of a few bytes each. */
final class SampleImages {
  private final Path folder;

  SampleImages(Path folder) {
    this.folder = folder;
  }

  OciImage builder() {
    return ImageSet.builder(
        file("vmlinuz", "a kernel"),
        file("initramfs", "an initramfs"),
        file("toolbox.squashfs", "a toolbox"),
        List.of(new Debian("bash", "5.2", "amd64")));
  }

  OciImage tools() throws IOException {
    return ImageSet.tools(root());
  }

  OciImage operator() throws IOException {
    Path application = folder.resolve("quarkus-app");
    file("quarkus-app/app/zfs-disk-image-0.1.0.jar", "ours");
    file("quarkus-app/lib/boot/org.example.boot-1.jar", "theirs");
    file("quarkus-app/lib/main/org.example.main-2.jar", "theirs too");
    file("quarkus-app/quarkus/generated-bytecode.jar", "Quarkus'");
    file("quarkus-app/quarkus-run.jar", "the start");
    file(
        "quarkus-app/quarkus-app-dependencies.txt",
        "org.example:boot::jar:1\norg.example:main:linux:jar:2\n");
    return ImageSet.operator(
        root(), new Application(application), file("classes.jsa", "classes"), "0.1.0");
  }

  /** As {@code make-root} leaves it: a layer with one file. */
  BaseRoot root() {
    byte[] layer = tar("etc/os-release", "ID=debian".getBytes(StandardCharsets.UTF_8));
    byte[] config =
        """
        {"architecture":"amd64","os":"linux","config":{},
         "rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}
        """
            .formatted(sha256(layer))
            .getBytes(StandardCharsets.UTF_8);
    byte[] manifest =
        """
        [{"Config":"config.json","RepoTags":null,"Layers":["layer.tar"]}]
        """
            .getBytes(StandardCharsets.UTF_8);
    file(
        "root/base.tar", tar("manifest.json", manifest, "config.json", config, "layer.tar", layer));
    file("root/date", "1763716544\n");
    file(
        "root/packages.status",
        """
        Package: libc6
        Status: install ok installed
        Architecture: amd64
        Version: 2.41-12+deb13u1
        Description: GNU C Library
         Package: no field, but text of a description

        Package: gone
        Status: deinstall ok config-files
        Architecture: all
        Version: 1
        """);
    return new BaseRoot(folder.resolve("root"));
  }

  private Path file(String name, String text) {
    return file(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private Path file(String name, byte[] bytes) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] tar(Object... namesAndBytes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (int i = 0; i < namesAndBytes.length; i += 2) {
        TarArchiveEntry entry = new TarArchiveEntry((String) namesAndBytes[i]);
        byte[] content = (byte[]) namesAndBytes[i + 1];
        entry.setSize(content.length);
        entry.setModTime(0);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
