package dev.zfsdiskimage.images;

import java.nio.file.Path;
import java.util.Optional;

/**
 * An image that exists.
 *
 * @param reference its name
 * @param digest of its manifest, as {@code sha256:…}
 * @param archive the file it was written to; empty when it was pushed
 */
public record WrittenImage(String reference, String digest, Optional<Path> archive) {}
