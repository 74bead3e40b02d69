package dev.zfsdiskimage.kubernetes.cluster;

import dev.zfsdiskimage.guest.DiskReport;
import dev.zfsdiskimage.guest.SampleReports;
import dev.zfsdiskimage.recipe.Place;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipes;
import dev.zfsdiskimage.recipe.References;
import dev.zfsdiskimage.schema.Checked;
import io.fabric8.kubernetes.client.Config;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * A cluster with a simulated KubeVirt as a program, for an operator in a process of its own and for
 * kubectl. Every build is a good one.
 *
 * <p>Arguments: the kubeconfig to write; milliseconds between two lines of a console; API groups
 * that are not installed. Environment: CUSTOM_RESOURCES_FROM, the kubeconfig of a real API server
 * that serves our custom resources.
 */
public final class SimulatedCluster implements AutoCloseable {
  private static final long OTHER_THAN_POOL = 128L << 20;

  private final ApiServer api = new ApiServer();
  private final SimulatedKubeVirt kubevirt = new SimulatedKubeVirt(api, Clock.systemUTC());
  private final long pace;

  /**
   * @param pace milliseconds between two lines of a console
   */
  public SimulatedCluster(long pace) {
    this.pace = pace;
    kubevirt.guest(
        "build",
        machine -> {
          machine.run();
          print(machine, machine.speech().goodBuild());
          machine.powerOff();
        });
    kubevirt.guest(
        "check",
        machine -> {
          machine.run();
          print(machine, machine.speech().check(withPool(recipe(machine), 0)));
          machine.powerOff();
        });
    for (String part : List.of("bios", "uefi", "grow")) {
      kubevirt.guest(part, this::boot);
    }
    kubevirt.guest(
        "grown",
        machine -> {
          machine.run();
          Recipe recipe = recipe(machine);
          long more = recipe.verify().grow().orElseThrow().byBytes();
          print(machine, machine.speech().check(withPool(recipe, more)));
          machine.powerOff();
        });
  }

  /** Says what is expected once, and as a prompt. */
  private void boot(SimulatedKubeVirt.Machine machine) throws InterruptedException {
    machine.run();
    print(machine, List.of("BdsDxe: starting Boot0001", "Loading Linux ..."));
    machine.awaitViewer();
    machine.console().write(recipe(machine).verify().boot().orElseThrow().expect() + " ");
    machine.untilDeleted();
  }

  /** Disks as the recipe asks, with a root disk larger by so much and a pool that took it. */
  private static DiskReport withPool(Recipe recipe, long more) {
    long disk = recipe.rootBytes() + more;
    return SampleReports.withPool(SampleReports.good(recipe), disk - OTHER_THAN_POOL, disk);
  }

  public static void main(String... arguments) throws IOException, InterruptedException {
    long pace = arguments.length > 1 ? Long.parseLong(arguments[1]) : 0;
    try (SimulatedCluster cluster = new SimulatedCluster(pace)) {
      Optional.ofNullable(System.getenv("CUSTOM_RESOURCES_FROM"))
          .map(kubeconfig -> Config.fromKubeconfig(new File(kubeconfig)))
          .ifPresent(cluster.api::customResourcesFrom);
      List.of(arguments).stream().skip(2).forEach(cluster.api::withoutGroup);
      cluster.writeKubeconfig(Path.of(arguments[0]));
      new CountDownLatch(1).await();
    }
  }

  /** The API server. */
  public ApiServer api() {
    return api;
  }

  /** Writes how to reach it; a file that is there is whole. */
  public void writeKubeconfig(Path file) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(
        unfinished,
        """
        apiVersion: v1
        kind: Config
        current-context: simulated
        contexts: [{name: simulated, context: {cluster: simulated, user: me, namespace: default}}]
        clusters: [{name: simulated, cluster: {server: "%s"}}]
        users: [{name: me, user: {}}]
        """
            .formatted(api.config().getMasterUrl()));
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() {
    kubevirt.close();
    api.close();
  }

  private void print(SimulatedKubeVirt.Machine machine, List<String> lines)
      throws InterruptedException {
    if (pace == 0) {
      machine.print(lines);
      return;
    }
    for (String line : lines) {
      machine.print(List.of(line));
      Thread.sleep(pace);
    }
  }

  private static Recipe recipe(SimulatedKubeVirt.Machine machine) {
    References none = new References(Map.of(), Map.of(), Map.of());
    Checked<Recipe> recipe = Recipes.read(machine.resource(), none, Place.CLUSTER);
    return ((Checked.Valid<Recipe>) recipe).value();
  }
}
