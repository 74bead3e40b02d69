package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.local.Appliance;
import dev.zfsdiskimage.local.ApplianceStore;
import dev.zfsdiskimage.local.BuildFailure;
import dev.zfsdiskimage.local.ChildProcesses;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code zdi appliance}. */
@Command(
    name = "appliance",
    description = "Makes or names the kernel, initramfs and toolbox that builder VMs boot.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./zdi appliance build     make it now, if it is not there yet",
      "  ls $(./zdi appliance path)",
    })
final class ApplianceCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "build|path|info",
      defaultValue = "info",
      description = {
        "build: make it if need be (minutes, once).",
        "path: print the folder it is in.",
        "info: print what is in it (default)."
      })
  private Verb verb;

  private enum Verb {
    BUILD,
    PATH,
    INFO;

    /** As it is written on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  ApplianceCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws BuildFailure, InterruptedException {
    try (ChildProcesses children = surroundings.children()) {
      ApplianceStore store = new ApplianceStore(surroundings.host(), children);
      Optional<Appliance> appliance = verb == Verb.BUILD ? Optional.of(make(store)) : store.find();
      if (appliance.isEmpty()) {
        surroundings
            .err()
            .out()
            .println("The appliance is not made yet: ./zdi appliance build makes it.");
        return Zdi.FAILED;
      }
      say(appliance.get());
      return 0;
    }
  }

  private Appliance make(ApplianceStore store) throws BuildFailure, InterruptedException {
    long started = System.nanoTime();
    try (BuildDisplay display = surroundings.err().display()) {
      display.started("appliance");
      Appliance appliance = store.get(display::note);
      display.finished("appliance", Duration.ofNanos(System.nanoTime() - started));
      return appliance;
    }
  }

  private void say(Appliance appliance) {
    if (verb != Verb.INFO) {
      surroundings.out().out().println(appliance.folder());
      return;
    }
    Rows rows = new Rows("folder", appliance.folder().toString());
    rows.add("Linux", appliance.kernelVersion());
    rows.add("ZFS", appliance.zfsVersion());
    rows.add("architecture", appliance.architecture());
    rows.add("id", appliance.id());
    rows.lines().forEach(surroundings.out().out()::println);
  }
}
