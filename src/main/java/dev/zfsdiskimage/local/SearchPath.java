package dev.zfsdiskimage.local;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Where programs are looked for, as {@code PATH} says. */
public record SearchPath(List<Path> folders) {
  /** System programs that a person's {@code PATH} often leaves out. */
  private static final List<Path> SYSTEM =
      List.of(Path.of("/usr/local/sbin"), Path.of("/usr/sbin"), Path.of("/sbin"));

  /** The folders of a {@code PATH} variable, then the system's. */
  public static SearchPath of(String variable) {
    List<Path> named =
        Arrays.stream(variable.split(File.pathSeparator))
            .filter(folder -> !folder.isEmpty())
            .map(Path::of)
            .toList();
    return new SearchPath(
        java.util.stream.Stream.concat(named.stream(), SYSTEM.stream()).distinct().toList());
  }

  /** The program called {@code name}, or empty when no folder has it. */
  public Optional<Path> find(String name) {
    return folders.stream()
        .map(folder -> folder.resolve(name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  /** The folders as a {@code PATH} variable. */
  public String variable() {
    return String.join(File.pathSeparator, folders.stream().map(Path::toString).toList());
  }
}
