package dev.zfsdiskimage.images;

import dev.zfsdiskimage.images.OciImage.Layer;
import dev.zfsdiskimage.images.OciImage.LayerFile;
import dev.zfsdiskimage.images.SoftwarePackage.Maven;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The program as Quarkus packs it.
 *
 * @param folder Maven's {@code quarkus-app}
 */
public record Application(Path folder) {
  /** Where it is in the image. */
  static final String HOME = "/opt/zdi";

  /** Root's, so that what runs it cannot change it. */
  static final String OWNER = "0:0";

  private static final String DEPENDENCIES = "quarkus-app-dependencies.txt";

  /** What changes seldom first: others' jars, then Quarkus' generated classes, then our own. */
  List<Layer> layers() throws IOException {
    return List.of(
        new Layer("libraries", OWNER, files("lib")),
        new Layer(
            "application",
            OWNER,
            Stream.of(files("quarkus"), files("app"), files("quarkus-run.jar"))
                .flatMap(List::stream)
                .toList()));
  }

  /** The jars it is made of, its own among them. */
  List<SoftwarePackage> packages(String version) throws IOException {
    Path list = folder.resolve(DEPENDENCIES);
    Stream<SoftwarePackage> libraries =
        Files.readAllLines(list).stream().filter(line -> !line.isBlank()).map(Application::jar);
    Maven own = new Maven("dev.zfsdiskimage", "zfs-disk-image", version);
    return Stream.concat(libraries, Stream.of(own)).distinct().toList();
  }

  private List<LayerFile> files(String part) throws IOException {
    try (Stream<Path> found = Files.walk(folder.resolve(part))) {
      return found
          .filter(Files::isRegularFile)
          .sorted()
          .map(file -> new LayerFile(file, HOME + "/" + folder.relativize(file)))
          .toList();
    }
  }

  /** A line {@code group:artifact:classifier:type:version}. */
  private static Maven jar(String line) {
    String[] parts = line.split(":", -1);
    return new Maven(parts[0], parts[1], parts[parts.length - 1]);
  }
}
