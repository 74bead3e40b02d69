package dev.zfsdiskimage.images;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One OCI image, before it is written.
 *
 * @param name its repository's last part
 * @param description in a sentence
 * @param base an archive, as {@code docker save} writes it, whose layers come first
 * @param layers in this order, above the base
 * @param process what a container of it runs
 * @param packages the software that is in it
 * @param created the only time that it tells; no clock is asked
 */
public record OciImage(
    String name,
    String description,
    Optional<Path> base,
    List<Layer> layers,
    ContainerProcess process,
    List<SoftwarePackage> packages,
    Instant created) {

  /**
   * Files that change together.
   *
   * @param owner {@code uid:gid}
   */
  public record Layer(String name, String owner, List<LayerFile> files) {}

  /**
   * One regular file.
   *
   * @param source on this machine
   * @param target its absolute path in the image
   */
  public record LayerFile(Path source, String target) {}

  /**
   * What a container runs.
   *
   * @param user {@code uid:gid}: of numbers only can Kubernetes tell that they are not root's
   * @param entrypoint program and arguments; empty: the image is only a vessel of files
   * @param ports TCP
   */
  public record ContainerProcess(
      String user, List<String> entrypoint, Map<String, String> environment, List<Integer> ports) {
    /** A user who owns the files, and nothing to run. */
    static ContainerProcess vessel(String user) {
      return new ContainerProcess(user, List.of(), Map.of(), List.of());
    }
  }
}
