package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.local.ChildProcesses;
import dev.zfsdiskimage.local.LocalHost;
import java.io.InputStream;
import java.util.Map;

/**
 * What a command is run in.
 *
 * @param out results go here
 * @param err progress and complaints go here
 * @param host this machine: programs, cache, builder scripts
 */
record Surroundings(InputStream in, Terminal out, Terminal err, LocalHost host) {

  /** Those of this process, with what {@code zdi} has found out. */
  static Surroundings ofThisProcess() {
    Map<String, String> environment = Map.copyOf(System.getenv());
    String tty = System.getProperty("zdi.tty", "");
    return new Surroundings(
        System.in,
        Terminal.of(System.out, tty.contains("1"), environment),
        Terminal.of(System.err, tty.contains("2"), environment),
        LocalHost.current());
  }

  /** The programs that a command starts. */
  ChildProcesses children() {
    return new ChildProcesses(host.searchPath());
  }

  /** Objects on {@link #out}, one a line. */
  JsonLines jsonLines() {
    return new JsonLines(out.out());
  }
}
