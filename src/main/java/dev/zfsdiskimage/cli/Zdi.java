package dev.zfsdiskimage.cli;

import io.quarkus.runtime.annotations.QuarkusMain;

/** Entry point of {@code zdi}. */
@QuarkusMain
public final class Zdi {
  private Zdi() {}

  /** Runs one command; the exit status is 0, 1 or 2. */
  public static void main(String... arguments) {
    System.out.println("zdi");
  }
}
