package dev.zfsdiskimage.cli;

import java.util.Locale;

/** How a command says its result. */
enum OutputForm {
  /** For a person. */
  TEXT,
  /** For a program: one object a line. */
  JSON;

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
