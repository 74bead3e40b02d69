package dev.zfsdiskimage.local;

import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Holds an output directory for one build. The kernel gives the lock back when its process ends,
 * however it ends.
 */
final class OutputLock implements AutoCloseable {
  private static final String NAME = ".zdi.lock";

  private final Path output;
  private final FileChannel channel;

  private OutputLock(Path output, FileChannel channel) {
    this.output = output;
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws BuildFailure when another build has it; the message says which process
   */
  static OutputLock take(Path output) throws BuildFailure {
    Path file = output.resolve(NAME);
    FileChannel channel = null;
    try {
      Files.createDirectories(output);
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        String holder = Files.readString(file).strip();
        channel.close();
        throw new BuildFailure(
            Reason.SAVE_FAILED,
            "another build writes to %s (process %s); wait for it or choose another directory"
                .formatted(output, holder.isEmpty() ? "unknown" : holder));
      }
      byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8);
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid), 0);
      return new OutputLock(output, channel);
    } catch (IOException e) {
      closeQuietly(channel);
      throw HostSpace.explain(e, output, Reason.SAVE_FAILED, "cannot write to " + output);
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // Nothing was written through it.
    }
  }

  /** Fails when this is another directory's lock. */
  void require(Path directory) {
    if (!directory.equals(output)) {
      throw new IllegalArgumentException("the lock is for " + output + ", not " + directory);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
