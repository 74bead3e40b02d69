package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder and programs for one command; both go with it, also when this JVM is told to end. */
final class Scratch implements AutoCloseable {
  private final Path folder;
  private final ChildProcesses children;
  private final Thread atExit = new Thread(this::clear, "clear-at-exit");

  private Scratch(Path folder, ChildProcesses children) {
    this.folder = folder;
    this.children = children;
  }

  static Scratch create(LocalHost host) throws BuildFailure {
    Path parent = host.cache().resolve("scratch");
    try {
      Files.createDirectories(parent);
      Scratch scratch =
          new Scratch(Files.createTempDirectory(parent, ""), new ChildProcesses(host.searchPath()));
      Runtime.getRuntime().addShutdownHook(scratch.atExit);
      return scratch;
    } catch (IOException e) {
      throw HostSpace.explain(e, host.cache(), Reason.VM_START_FAILED, "cannot write to " + parent);
    }
  }

  Path folder() {
    return folder;
  }

  ChildProcesses children() {
    return children;
  }

  private void clear() {
    children.close();
    try {
      WorkDirectory.delete(folder);
    } catch (IOException e) {
      // It is in the cache, where nothing is precious.
    }
  }

  @Override
  public void close() {
    clear();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook runs already.
    }
  }
}
