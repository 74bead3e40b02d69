package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.guest.ConfigDiskFullException;
import dev.zfsdiskimage.local.BuildFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says what went wrong in one line; only what nobody foresaw comes with its stack trace. */
final class Complaint implements IExecutionExceptionHandler {
  private final Terminal terminal;

  Complaint(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public int handleExecutionException(
      Exception error, CommandLine commandLine, ParseResult parseResult) {
    Exception cause =
        error instanceof UncheckedIOException unchecked ? unchecked.getCause() : error;
    if (cause instanceof WrongInput wrong) {
      wrong.problems().lines(terminal).forEach(line -> terminal.out().println(line));
      return Zdi.WRONG_INPUT;
    }
    if (cause instanceof ConfigDiskFullException full) {
      terminal.out().println(terminal.styled("red", "error:") + " " + full.getMessage());
      return Zdi.WRONG_INPUT;
    }
    if (cause instanceof BuildFailure failure) {
      FailureText.lines(failure.reason(), failure.getMessage(), terminal)
          .forEach(terminal.out()::println);
      return FailureText.status(failure.reason());
    }
    if (cause instanceof IOException io) {
      terminal.out().println(terminal.styled("red", "error:") + " " + message(io));
      return Zdi.FAILED;
    }
    terminal.out().println(terminal.styled("red", "error:") + " this is a fault of zdi's own:");
    error.printStackTrace(terminal.out());
    return Zdi.FAILED;
  }

  private static String message(IOException error) {
    if (error instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file";
    }
    if (error instanceof AccessDeniedException denied) {
      return denied.getFile() + ": permission denied";
    }
    return error.getMessage();
  }
}
