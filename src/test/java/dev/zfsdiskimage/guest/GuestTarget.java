package dev.zfsdiskimage.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Two folders for a guest script that runs on this machine.
 *
 * @param path stands for the builder VM's {@code /mnt}
 * @param outside for what else the builder has
 */
record GuestTarget(Path path, Path outside) {

  /** Both in {@code folder}, beside scripts that know them, and {@code run} for their notes. */
  static GuestTarget in(Path folder, String... scripts) throws IOException {
    Path target = Files.createDirectory(folder.resolve("target"));
    Path run = Files.createDirectory(folder.resolve("run"));
    for (String name : scripts) {
      String script = new String(FixedProgram.shell(name).toArray(), StandardCharsets.UTF_8);
      Files.writeString(
          folder.resolve(name),
          script.replace("/run/zdi", run.toString()).replace("/mnt", target.toString()));
    }
    return new GuestTarget(target, Files.createDirectory(folder.resolve("outside")));
  }

  /** A symbolic link in the target, with the folders above it. */
  Path link(String name, String to) throws IOException {
    Path link = path.resolve(name);
    Files.createDirectories(link.getParent());
    return Files.createSymbolicLink(link, Path.of(to));
  }
}
