package dev.zfsdiskimage.guest;

/**
 * The checksum of POSIX {@code cksum}: CRC-32 with polynomial 0x04C11DB7, most significant bit
 * first, over the bytes and then over their count (least significant byte first, no leading zeros),
 * complemented. {@code java.util.zip.CRC32} is the reflected variant and no substitute.
 */
final class Cksum {
  private static final int POLYNOMIAL = 0x04C11DB7;
  private static final int[] TABLE = table();

  private Cksum() {}

  /** The checksum of {@code length} bytes from {@code offset}, from 0 to 2^32 - 1. */
  static long of(byte[] bytes, int offset, int length) {
    int crc = 0;
    for (int i = offset; i < offset + length; i++) {
      crc = step(crc, bytes[i]);
    }
    for (int rest = length; rest != 0; rest >>>= 8) {
      crc = step(crc, rest);
    }
    return ~crc & 0xFFFFFFFFL;
  }

  private static int step(int crc, int next) {
    return (crc << 8) ^ TABLE[((crc >>> 24) ^ next) & 0xFF];
  }

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < table.length; i++) {
      int crc = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc < 0) ? (crc << 1) ^ POLYNOMIAL : crc << 1;
      }
      table[i] = crc;
    }
    return table;
  }
}
