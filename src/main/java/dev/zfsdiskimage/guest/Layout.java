package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Dataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A recipe's pool, datasets and mounts as arguments of {@code zpool}, {@code zfs} and mount. */
final class Layout {
  /** Where the target is mounted in the builder VM. */
  static final String TARGET = "/mnt";

  private static final String[] NO_PATH = {};

  private final Recipe recipe;

  Layout(Recipe recipe) {
    this.recipe = recipe;
  }

  /**
   * The arguments of {@code zpool create} but the disk. Everything asked of the pool's own dataset
   * goes in here: some properties can be set at its creation only.
   */
  List<String> pool() {
    List<String> arguments = new ArrayList<>(List.of("-R", TARGET));
    recipe.pool().properties().forEach((name, value) -> option(arguments, "-o", name, value));
    ownProperties().forEach((name, value) -> option(arguments, "-O", name, value));
    arguments.add(recipe.pool().name());
    return arguments;
  }

  /** The arguments of each {@code zfs} command, parents before children. */
  List<List<String>> datasets() {
    List<List<String>> commands = new ArrayList<>();
    if (mountsItself()) {
      commands.add(List.of("unmount", recipe.pool().name()));
    }
    for (Dataset dataset : recipe.datasets()) {
      if (!dataset.name().equals(recipe.pool().name())) {
        List<String> create = new ArrayList<>(List.of("create", "-u"));
        dataset.properties().forEach((name, value) -> option(create, "-o", name, value));
        create.add(dataset.name());
        commands.add(create);
      }
    }
    return commands;
  }

  /** The datasets that have a mount, so that what is mounted on comes before what is mounted. */
  List<Dataset> mounts() {
    return recipe.datasets().stream()
        .filter(dataset -> dataset.mount().isPresent())
        .sorted(Comparator.comparing(Layout::path, Arrays::compare))
        .toList();
  }

  /** The dataset mounted at {@code /}. */
  String rootDataset() {
    return mounts().stream()
        .filter(dataset -> dataset.mount().get().equals("/"))
        .map(Dataset::name)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no dataset is mounted at /"));
  }

  /** What is set locally on the pool's own dataset. */
  Map<String, String> ownProperties() {
    Map<String, String> properties = new LinkedHashMap<>(recipe.pool().filesystemProperties());
    for (Dataset dataset : recipe.datasets()) {
      if (dataset.name().equals(recipe.pool().name())) {
        properties.putAll(dataset.properties());
      }
    }
    return properties;
  }

  /**
   * Whether {@code zpool create} mounts the pool's own dataset, in the way of the target's root.
   */
  private boolean mountsItself() {
    String mountpoint = ownProperties().getOrDefault("mountpoint", "/" + recipe.pool().name());
    String canmount = ownProperties().getOrDefault("canmount", "on");
    return !mountpoint.equals("legacy") && !mountpoint.equals("none") && canmount.equals("on");
  }

  private static String[] path(Dataset dataset) {
    String mount = dataset.mount().orElseThrow();
    return mount.equals("/") ? NO_PATH : mount.substring(1).split("/");
  }

  private static void option(List<String> arguments, String flag, String name, String value) {
    arguments.add(flag);
    arguments.add(name + "=" + value);
  }
}
