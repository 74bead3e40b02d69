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
import java.util.regex.Pattern;

/**
 * Holds an output directory for one build. The kernel gives the lock back when its process ends,
 * however it ends.
 */
final class OutputLock implements AutoCloseable {
  private static final String NAME = ".zdi.lock";

  /** A process' number; a machine that lost its power may leave zeros. */
  private static final Pattern OWN = Pattern.compile("[0-9\\s\\x00]*");

  private static final int MOST_BYTES = 32;

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
      channel = LockFile.open(file);
      if (tryLock(channel) == null) {
        String holder = Files.readString(file).strip();
        channel.close();
        throw new BuildFailure(
            Reason.SAVE_FAILED,
            "another build writes to %s (process %s); wait for it or choose another directory"
                .formatted(output, holder.isEmpty() ? "unknown" : holder));
      }
      requireOwn(channel, file);
      byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8);
      channel.write(ByteBuffer.wrap(pid), 0);
      channel.truncate(pid.length);
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

  /** What is written over is the number of a process, at most; not a file that got this name. */
  private static void requireOwn(FileChannel channel, Path file) throws IOException {
    ByteBuffer found = ByteBuffer.allocate(MOST_BYTES + 1);
    channel.read(found, 0);
    String text = new String(found.array(), 0, found.position(), StandardCharsets.ISO_8859_1);
    if (found.position() > MOST_BYTES || !OWN.matcher(text).matches()) {
      throw LockFile.refused(file, "is no lock of zdi, it holds something else");
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
