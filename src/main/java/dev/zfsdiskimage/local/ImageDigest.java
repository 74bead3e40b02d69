package dev.zfsdiskimage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of files. */
final class ImageDigest {
  /** Small, so that the JIT compiles the inner loop within the first megabytes. */
  private static final int CHUNK_BYTES = 16 << 10;

  private ImageDigest() {}

  /**
   * The SHA-256 of a file, 64 lower-case hexadecimal digits. Holes are read as the zeros they are:
   * reading them costs a fifth of hashing them.
   *
   * @throws InterruptedException when this thread is interrupted meanwhile
   */
  static String sha256(Path file) throws IOException, InterruptedException {
    MessageDigest digest = newDigest();
    update(digest, file);
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Adds a file's bytes to a digest. */
  static void update(MessageDigest digest, Path file) throws IOException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer) >= 0) {
        digest.update(buffer.flip());
        buffer.clear();
      }
    } catch (java.nio.channels.ClosedByInterruptException e) {
      Thread.interrupted();
      throw new InterruptedException("while hashing " + file);
    }
  }

  static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
