package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * This machine, as far as builds care.
 *
 * @param searchPath where programs are looked for
 * @param cache what may be kept between builds, and thrown away at any time
 * @param project the folder with {@code operator/builder}; empty when the launcher named none
 */
public record LocalHost(SearchPath searchPath, Path cache, Optional<Path> project) {
  /** The system property by which the launcher names the project's folder. */
  public static final String PROJECT_PROPERTY = "zdi.home";

  /** Reads {@code PATH}, {@code ZDI_CACHE}, {@code XDG_CACHE_HOME}, {@code HOME}. */
  public static LocalHost of(Map<String, String> environment, Optional<String> project) {
    return new LocalHost(
        SearchPath.of(environment.getOrDefault("PATH", "/usr/bin:/bin")),
        cache(environment),
        project.map(Path::of).map(Path::toAbsolutePath));
  }

  /** The machine this program runs on. */
  public static LocalHost current() {
    return of(System.getenv(), Optional.ofNullable(System.getProperty(PROJECT_PROPERTY)));
  }

  private static Path cache(Map<String, String> environment) {
    String own = environment.getOrDefault("ZDI_CACHE", "");
    if (!own.isEmpty()) {
      return Path.of(own).toAbsolutePath();
    }
    String common = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path caches =
        common.isEmpty()
            ? Path.of(environment.getOrDefault("HOME", "/"), ".cache")
            : Path.of(common);
    return caches.toAbsolutePath().resolve("zfs-disk-image");
  }

  /**
   * A script of the project.
   *
   * @param folder within the project
   */
  Path script(String folder, String name) throws BuildFailure {
    Path script = projectFolder().resolve(folder).resolve(name);
    if (!Files.isExecutable(script)) {
      throw new BuildFailure(
          Reason.REFERENCE_NOT_FOUND, script + " is missing; " + PROJECT_PROPERTY + " is wrong");
    }
    return script;
  }

  /** This program, as the launcher has built it. */
  public Path application() throws BuildFailure {
    return projectFolder().resolve("target/quarkus-app");
  }

  private Path projectFolder() throws BuildFailure {
    return project.orElseThrow(
        () ->
            new BuildFailure(
                Reason.REFERENCE_NOT_FOUND,
                "the system property "
                    + PROJECT_PROPERTY
                    + " does not name the project's folder; start zdi by its launcher"));
  }
}
