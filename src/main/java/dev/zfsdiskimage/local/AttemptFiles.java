package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Format;
import dev.zfsdiskimage.recipe.Recipe;
import java.nio.file.Path;

/** Where the files of one attempt are. */
record AttemptFiles(Path folder) {
  Path bootDisk() {
    return folder.resolve("boot.raw");
  }

  Path rootDisk() {
    return folder.resolve("root.raw");
  }

  /** The ISO image {@code name}, and the folder it is made from beside it. */
  Path iso(String name) {
    return folder.resolve(name + ".iso");
  }

  Path isoContent(String name) {
    return folder.resolve(name);
  }

  /** What is published: everything in here, under its final name. */
  Path results() {
    return folder.resolve("results");
  }

  Path bootImage(Recipe.Output output) {
    return results().resolve(fileName(output.filePrefix(), "boot", output.format()));
  }

  Path rootImage(Recipe.Output output) {
    return results().resolve(fileName(output.filePrefix(), "root", output.format()));
  }

  /** A folder for one boot of the results. */
  Path trial(String name) {
    return folder.resolve(name);
  }

  static String fileName(String prefix, String disk, Format format) {
    return prefix + "." + disk + "." + format.extension();
  }
}
