package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.local.LocalHost;
import dev.zfsdiskimage.local.SearchPath;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/** The commands of {@code zdi} and their options, to be looked at and not run. */
public final class CommandModel {
  private CommandModel() {}

  /** All commands, in surroundings where nothing is to be found. */
  public static CommandLine zdi() {
    return Zdi.commandLine(
        new Surroundings(
            InputStream.nullInputStream(),
            new Screens().terminal(80, true),
            new Screens().terminal(80, true),
            new LocalHost(new SearchPath(List.of()), Path.of("no-cache"), Optional.empty())));
  }
}
