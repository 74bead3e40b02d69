package dev.zfsdiskimage.images;

import java.nio.file.Path;

/** Where images go. */
public sealed interface Destination {

  /** One OCI archive per image, with its bill of materials beside it, in this folder. */
  record Folder(Path path) implements Destination {}

  /**
   * A registry.
   *
   * @param insecure whether HTTP, or a certificate nobody vouches for, will do
   */
  record Registry(boolean insecure) implements Destination {}
}
