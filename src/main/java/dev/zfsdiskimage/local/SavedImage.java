package dev.zfsdiskimage.local;

/**
 * A finished image, as {@code manifest.json} tells of it.
 *
 * @param file its name in the output directory
 * @param format as {@code qemu-img -f} takes it
 * @param virtualBytes the size a guest sees
 * @param fileBytes the length of the file
 * @param allocatedBytes what the file takes on disk; less than its length when it is sparse
 * @param sha256 of the file, 64 lower-case hexadecimal digits
 */
public record SavedImage(
    String file,
    String format,
    long virtualBytes,
    long fileBytes,
    long allocatedBytes,
    String sha256) {}
