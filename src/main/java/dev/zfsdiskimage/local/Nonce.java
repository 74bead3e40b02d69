package dev.zfsdiskimage.local;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Words that nobody can guess: a guest that does not know its boot's nonce cannot speak for it. */
final class Nonce {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Nonce() {}

  static String next() {
    byte[] bytes = new byte[8];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
