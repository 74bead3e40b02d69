package dev.zfsdiskimage.images;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FileEntry;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/**
 * Writes images to archives or pushes them, without a container engine.
 *
 * @param cache jib's layers; may be thrown away at any time
 * @param names what the images are called
 * @param version of the project
 * @param architecture as Debian and OCI name it: {@code amd64}, {@code arm64}
 */
public record ImageWriter(Path cache, Names names, String version, String architecture) {
  /** A class-data archive records its jars' times; the script that makes it sets the same. */
  private static final Instant FILE_TIME = Instant.ofEpochSecond(1);

  private static final FilePermissions READABLE = FilePermissions.fromOctalString("644");

  /**
   * What images are called: {@code prefix/name:tag}.
   *
   * @param prefix registry and repository
   */
  public record Names(String prefix, String tag) {
    String of(OciImage image) {
      return prefix + "/" + image.name() + ":" + tag;
    }
  }

  /**
   * Writes or pushes an image.
   *
   * @throws IOException also when the registry refuses
   */
  public WrittenImage write(OciImage image, Destination destination)
      throws IOException, InterruptedException {
    String reference = names.of(image);
    if (destination instanceof Destination.Folder folder) {
      return archive(image, reference, folder.path());
    }
    boolean insecure = ((Destination.Registry) destination).insecure();
    ImageReference parsed = parse(reference);
    CredentialRetrieverFactory credentials =
        CredentialRetrieverFactory.forImage(parsed, event -> {});
    JibContainer pushed =
        containerize(
            image,
            Containerizer.to(
                    RegistryImage.named(parsed)
                        .addCredentialRetriever(credentials.dockerConfig())
                        .addCredentialRetriever(credentials.wellKnownCredentialHelpers()))
                .setAllowInsecureRegistries(insecure));
    return new WrittenImage(reference, pushed.getDigest().toString(), Optional.empty());
  }

  /** The archive appears whole or not at all. */
  private WrittenImage archive(OciImage image, String reference, Path folder)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    String stem = image.name() + "-" + version + "-" + architecture;
    Path unnamed = folder.resolve(stem + ".unnamed");
    Path part = folder.resolve(stem + ".part");
    Path archive = folder.resolve(stem + ".tar");
    try {
      String digest =
          containerize(image, Containerizer.to(TarImage.at(unnamed).named(parse(reference))))
              .getDigest()
              .toString();
      OciArchive.copy(unnamed, part, reference);
      Files.writeString(
          folder.resolve(stem + ".cdx.json"),
          new BillOfMaterials(image, version, architecture).json(digest));
      Files.move(part, archive, StandardCopyOption.ATOMIC_MOVE);
      return new WrittenImage(reference, digest, Optional.of(archive));
    } finally {
      Files.deleteIfExists(unnamed);
      Files.deleteIfExists(part);
    }
  }

  private JibContainer containerize(OciImage image, Containerizer target)
      throws IOException, InterruptedException {
    try {
      return container(image)
          .containerize(
              target
                  .setBaseImageLayersCache(cache.resolve("base"))
                  .setApplicationLayersCache(cache.resolve("layers"))
                  .setToolName("zdi")
                  .setToolVersion(version));
    } catch (RegistryException | CacheDirectoryCreationException e) {
      throw new IOException(image.name() + ": " + e.getMessage(), e);
    } catch (ExecutionException e) {
      throw new IOException(image.name() + ": " + e.getCause().getMessage(), e.getCause());
    }
  }

  private JibContainerBuilder container(OciImage image) {
    OciImage.ContainerProcess process = image.process();
    JibContainerBuilder container =
        image.base().map(base -> Jib.from(TarImage.at(base))).orElseGet(Jib::fromScratch);
    container
        .setFormat(ImageFormat.OCI)
        .setPlatforms(Set.of(new Platform(architecture, "linux")))
        .setCreationTime(image.created())
        .setUser(process.user())
        .setEnvironment(process.environment())
        .setExposedPorts(process.ports().stream().map(Port::tcp).collect(Collectors.toSet()))
        .setLabels(labels(image))
        .setFileEntriesLayers(image.layers().stream().map(ImageWriter::layer).toList());
    if (!process.entrypoint().isEmpty()) {
      container.setEntrypoint(process.entrypoint());
    }
    return container;
  }

  private static FileEntriesLayer layer(OciImage.Layer layer) {
    FileEntriesLayer.Builder files = FileEntriesLayer.builder().setName(layer.name());
    for (OciImage.LayerFile file : layer.files()) {
      files.addEntry(
          new FileEntry(
              file.source(),
              AbsoluteUnixPath.get(file.target()),
              READABLE,
              FILE_TIME,
              layer.owner()));
    }
    return files.build();
  }

  private Map<String, String> labels(OciImage image) {
    return new TreeMap<>(
        Map.of(
            "org.opencontainers.image.title",
            image.name(),
            "org.opencontainers.image.description",
            image.description(),
            "org.opencontainers.image.version",
            version,
            "org.opencontainers.image.created",
            image.created().toString(),
            "org.opencontainers.image.licenses",
            "Apache-2.0"));
  }

  private static ImageReference parse(String reference) throws IOException {
    try {
      return ImageReference.parse(reference);
    } catch (InvalidImageReferenceException e) {
      throw new IOException(
          reference + " is no image reference; it looks like registry.example/team/name:tag", e);
    }
  }
}
