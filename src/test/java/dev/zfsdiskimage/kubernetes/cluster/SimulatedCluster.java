package dev.zfsdiskimage.kubernetes.cluster;

import dev.zfsdiskimage.guest.SampleReports;
import dev.zfsdiskimage.recipe.Place;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipes;
import dev.zfsdiskimage.recipe.References;
import dev.zfsdiskimage.schema.Checked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A cluster with a simulated KubeVirt as a program, for an operator in a process of its own and for
 * kubectl. Every build is a good one.
 *
 * <p>Arguments: the kubeconfig to write; milliseconds between two lines of a console; API groups
 * that are not installed.
 */
public final class SimulatedCluster implements AutoCloseable {
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
          print(machine, machine.speech().check(SampleReports.good(recipe(machine))));
          machine.powerOff();
        });
  }

  public static void main(String... arguments) throws IOException, InterruptedException {
    long pace = arguments.length > 1 ? Long.parseLong(arguments[1]) : 0;
    try (SimulatedCluster cluster = new SimulatedCluster(pace)) {
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
