package dev.zfsdiskimage.cli;

import io.quarkus.runtime.annotations.QuarkusMain;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Entry point of {@code zdi}. A plain main: of the frameworks only the operator needs Quarkus
 * started.
 */
@QuarkusMain
@Command(
    name = "zdi",
    description = "Builds two-disk operating-system images on ZFS, and looks at them.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./zdi build operator/samples/debian.yaml -o out    build both disks into out/",
      "  ./zdi inspect out                                  see what is on them",
      "  ./zdi boot out                                     boot them in this terminal",
      "  ./zdi doctor                                       see what this machine lacks",
      "",
      "Exit status: 0 done, 1 it failed, 2 the input is wrong, 130 interrupted.",
    })
public final class Zdi implements Runnable {
  /** The exit status when a build, or whatever was asked for, failed. */
  static final int FAILED = 1;

  /** The exit status when the command line or the resource is wrong. */
  static final int WRONG_INPUT = 2;

  @Spec private CommandSpec spec;

  private Zdi() {}

  /** Runs one command; the exit status is 0, 1 or 2. */
  public static void main(String... arguments) {
    System.exit(commandLine(Surroundings.ofThisProcess()).execute(arguments));
  }

  /** All commands, run in these surroundings. */
  static CommandLine commandLine(Surroundings surroundings) {
    CommandLine zdi =
        new CommandLine(new Zdi())
            .addSubcommand(new BuildCommand(surroundings))
            .addSubcommand(new ValidateCommand(surroundings))
            .addSubcommand(new RenderCommand(surroundings))
            .addSubcommand(new InspectCommand(surroundings))
            .addSubcommand(new BootCommand(surroundings))
            .addSubcommand(new DoctorCommand(surroundings))
            .addSubcommand(new ApplianceCommand(surroundings))
            .addSubcommand(new ImagesCommand(surroundings))
            .addSubcommand(new OperatorCommand(surroundings));
    zdi.setOut(surroundings.out().writer());
    zdi.setErr(surroundings.err().writer());
    zdi.setColorScheme(CommandLine.Help.defaultColorScheme(surroundings.out().ansi()));
    zdi.setUsageHelpAutoWidth(false);
    zdi.setUsageHelpWidth(Math.max(surroundings.out().columns().getAsInt(), 55));
    zdi.setCaseInsensitiveEnumValuesAllowed(true);
    zdi.setParameterExceptionHandler(new WrongCommandLine());
    zdi.setExecutionExceptionHandler(new Complaint(surroundings.err()));
    return zdi;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }
}
