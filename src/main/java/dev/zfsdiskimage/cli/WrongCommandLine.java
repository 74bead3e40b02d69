package dev.zfsdiskimage.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with the arguments and where to read on; not the whole help text. */
final class WrongCommandLine implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException error, String[] arguments) {
    CommandLine command = error.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(command.getColorScheme().errorText(error.getMessage()));
    UnmatchedArgumentException.printSuggestions(error, err);
    err.print(command.getHelp().fullSynopsis());
    err.println("See: ./" + command.getCommandSpec().qualifiedName() + " --help");
    err.flush();
    return Zdi.WRONG_INPUT;
  }
}
