package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.local.BuildFailure;
import dev.zfsdiskimage.local.FinishedImages;
import dev.zfsdiskimage.local.FinishedImages.Changes;
import dev.zfsdiskimage.local.FinishedImages.Network;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zdi boot}. */
@Command(
    name = "boot",
    description = "Boots finished images, their serial console in this terminal.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./zdi boot out",
      "  ./zdi boot out --firmware uefi",
      "",
      "Leave the machine with Ctrl-A X; Ctrl-C goes to the machine.",
    })
final class BootCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(paramLabel = "DIR", description = "A directory that a build has filled.")
  private Path directory;

  @Option(
      names = "--firmware",
      paramLabel = "bios|uefi",
      defaultValue = "bios",
      description = "What starts the boot loader (default: bios).")
  private Firmware firmware;

  @Option(
      names = "--keep-changes",
      description = {
        "Write to the images themselves, whose checksums are wrong from then on;",
        "else what is written goes to copies that are thrown away."
      })
  private boolean keepChanges;

  @Option(
      names = "--network",
      description = {
        "Give the machine a network card: it reaches what this machine reaches,",
        "and this machine; else it has none."
      })
  private boolean network;

  BootCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws BuildFailure, InterruptedException {
    FinishedImages images = FinishedImages.open(surroundings.host(), directory);
    surroundings
        .err()
        .out()
        .println(
            "Booting %s under %s; %s. Leave with Ctrl-A X."
                .formatted(
                    images.manifest().name(),
                    firmware,
                    (keepChanges ? "changes are written to the images" : "changes are thrown away")
                        + (network ? ", with a network" : ", without a network")));
    int status =
        images.boot(
            firmware,
            keepChanges ? Changes.KEPT : Changes.DISCARDED,
            network ? Network.OPEN : Network.NONE);
    return status == 0 ? 0 : Zdi.FAILED;
  }
}
