package dev.zfsdiskimage.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.RegistryUnauthorizedException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarFile;

/**
 * The one file in an OCI image's folder {@code /disk}, as KubeVirt's containerDisks have it. Pulled
 * with the credentials of the user's own {@code ~/.docker/config.json}; layers are cached.
 */
final class OciPayload {
  private static final String FOLDER = "disk/";

  /** A tar must have a name for its image. */
  private static final ImageReference TARGET = ImageReference.of(null, "payload", "pulled");

  private final Path cache;

  /**
   * @param cache folder for layers and for the files taken out of them
   */
  OciPayload(Path cache) {
    this.cache = cache;
  }

  /**
   * The file, from the cache where the image has not changed since.
   *
   * @throws BuildFailure {@code PayloadInvalid} when the registry does not give the image or it
   *     holds no such file, {@code PayloadUnavailable} when trying again may help, {@code
   *     HostDiskFull}
   */
  Path fetch(String reference) throws BuildFailure, InterruptedException {
    Path pulled = null;
    try {
      Files.createDirectories(cache);
      pulled = Files.createTempFile(cache, "pulled-", ".tar");
      String id = pull(ImageReference.parse(reference), pulled);
      Path file = cache.resolve(id);
      if (!Files.exists(file)) {
        extract(reference, pulled, file);
      }
      return file;
    } catch (InvalidImageReferenceException e) {
      throw refused(reference, "this is no image reference", e);
    } catch (RegistryException | CacheDirectoryCreationException e) {
      throw refused(reference, e.getMessage(), e);
    } catch (ExecutionException e) {
      throw explain(reference, e.getCause());
    } catch (IOException e) {
      throw HostSpace.explain(e, cache, Reason.PAYLOAD_UNAVAILABLE, reference);
    } finally {
      remove(pulled);
    }
  }

  /** Writes the image as a tar; its id names all that is in it. */
  private String pull(ImageReference reference, Path tar)
      throws InterruptedException,
          RegistryException,
          IOException,
          CacheDirectoryCreationException,
          ExecutionException {
    RegistryImage source =
        RegistryImage.named(reference)
            .addCredentialRetriever(
                CredentialRetrieverFactory.forImage(reference, event -> {}).dockerConfig());
    JibContainer container =
        Jib.from(source)
            .containerize(
                Containerizer.to(TarImage.at(tar).named(TARGET))
                    .setBaseImageLayersCache(cache.resolve("layers"))
                    .setApplicationLayersCache(cache.resolve("own-layers"))
                    .setAllowInsecureRegistries(isLocal(reference.getRegistry()))
                    .setToolName("zdi"));
    return container.getImageId().getHash();
  }

  /** Registries on this machine often have no certificate. Nothing on the way can listen. */
  private static boolean isLocal(String registry) {
    return registry.matches("(localhost|127(\\.[0-9]+){3}|\\[::1])(:[0-9]+)?");
  }

  private static void extract(String reference, Path tar, Path target)
      throws IOException, BuildFailure {
    try (TarFile image = new TarFile(tar)) {
      JsonNode layers =
          new ObjectMapper()
              .readTree(image.getInputStream(entry(image, "manifest.json")))
              .path(0)
              .path("Layers");
      List<String> names = new ArrayList<>();
      Path growing = target.resolveSibling(target.getFileName() + ".part");
      for (JsonNode layer : layers) {
        takeFrom(image.getInputStream(entry(image, layer.asText())), growing, names);
      }
      if (names.size() != 1) {
        Files.deleteIfExists(growing);
        throw new BuildFailure(
            Reason.PAYLOAD_INVALID,
            names.isEmpty()
                ? reference + " holds no file in /disk"
                : reference + " holds more than one file in /disk: " + String.join(", ", names));
      }
      Files.move(growing, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static TarArchiveEntry entry(TarFile image, String name) throws IOException {
    return image.getEntries().stream()
        .filter(entry -> entry.getName().equals(name))
        .findAny()
        .orElseThrow(() -> new IOException("the pulled image has no " + name));
  }

  /** A later layer's file of the same name takes the place of an earlier one's. */
  private static void takeFrom(InputStream layer, Path target, List<String> names)
      throws IOException {
    try (TarArchiveInputStream files = new TarArchiveInputStream(new GZIPInputStream(layer))) {
      for (TarArchiveEntry entry = files.getNextEntry();
          entry != null;
          entry = files.getNextEntry()) {
        String name = entry.getName().replaceFirst("^\\.?/", "");
        if (name.startsWith(FOLDER) && entry.isFile()) {
          Files.copy(files, target, StandardCopyOption.REPLACE_EXISTING);
          if (!names.contains(name)) {
            names.add(name);
          }
        }
      }
    }
  }

  private BuildFailure explain(String reference, Throwable cause) {
    if (cause instanceof RegistryUnauthorizedException) {
      return refused(
          reference, "the registry does not let you read it; log in with docker or skopeo", cause);
    }
    if (cause instanceof IOException && !(cause instanceof RegistryException)) {
      return HostSpace.explain((IOException) cause, cache, Reason.PAYLOAD_UNAVAILABLE, reference);
    }
    return refused(reference, String.valueOf(cause.getMessage()), cause);
  }

  private static BuildFailure refused(String reference, String why, Throwable cause) {
    return new BuildFailure(Reason.PAYLOAD_INVALID, "image " + reference + ": " + why, cause);
  }

  private static void remove(Path pulled) {
    try {
      if (pulled != null) {
        Files.deleteIfExists(pulled);
      }
    } catch (IOException e) {
      // A temporary file in the cache; the build has its payload.
    }
  }
}
