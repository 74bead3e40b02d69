package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where a build's files are until they are published: a hidden folder of the output directory, so
 * on the same file system. Closing removes it.
 */
final class WorkDirectory implements AutoCloseable {
  /** How the names of work directories begin. */
  static final String PREFIX = ".zdi-";

  private final Path path;

  private WorkDirectory(Path path) {
    this.path = path;
  }

  /** Makes one, and removes those that builds which were killed have left; needs the lock. */
  static WorkDirectory create(Path output, OutputLock lock) throws BuildFailure {
    lock.require(output);
    try {
      try (DirectoryStream<Path> left = Files.newDirectoryStream(output, PREFIX + "*")) {
        for (Path stale : left) {
          delete(stale);
        }
      }
      return new WorkDirectory(
          Files.createTempDirectory(
              output,
              PREFIX,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
    } catch (IOException e) {
      throw HostSpace.explain(e, output, Reason.SAVE_FAILED, "cannot write to " + output);
    }
  }

  Path path() {
    return path;
  }

  /** The folder of one attempt. */
  Path attempt(int attempt) {
    return path.resolve("attempt-" + attempt);
  }

  @Override
  public void close() throws IOException {
    delete(path);
  }

  /** Removes a file or a folder with all in it, if it is there; follows no symbolic link. */
  static void delete(Path root) throws IOException {
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException error)
                throws IOException {
              Files.deleteIfExists(folder);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException e) {
      // It was not there.
    }
  }
}
