package dev.zfsdiskimage.recipe;

import dev.zfsdiskimage.api.RootSpec;
import dev.zfsdiskimage.schema.FieldPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The datasets of a pool with their parents, and where each is mounted by ZFS's rules of
 * inheritance: a {@code mountpoint} that is a path is inherited with the child's name behind it,
 * {@code legacy} and {@code none} as they are; {@code canmount} is not inherited.
 */
final class DatasetTree {
  private static final FieldPath LIST =
      FieldPath.ROOT.field("spec").field("root").field("datasets");
  private static final String LEGACY = "legacy";
  private static final String NONE = "none";

  private final String pool;
  private final Map<String, String> poolProperties;
  private final Problems problems;

  /** In the order of names, which puts parents before their children. */
  private final TreeMap<String, Node> nodes = new TreeMap<>();

  private DatasetTree(String pool, Map<String, String> poolProperties, Problems problems) {
    this.pool = pool;
    this.poolProperties = poolProperties;
    this.problems = problems;
  }

  /**
   * The datasets of {@code pool}, parents first; says what is wrong with them.
   *
   * @param poolProperties what the pool's root dataset is created with
   * @param specs what the resource lists, or null for one root
   */
  static List<Recipe.Dataset> read(
      String pool,
      Map<String, String> poolProperties,
      List<RootSpec.Dataset> specs,
      ZfsProperties properties,
      Problems problems) {
    var tree = new DatasetTree(pool, poolProperties, problems);
    if (specs == null) {
      tree.nodes.put(pool + "/root", new Node(LIST, Map.of(), "/"));
    } else {
      tree.add(specs, properties);
    }
    tree.addMissingParents();
    return tree.mounted();
  }

  private void add(List<RootSpec.Dataset> specs, ZfsProperties properties) {
    for (int i = 0; i < specs.size(); i++) {
      RootSpec.Dataset spec = specs.get(i);
      FieldPath at = LIST.item(i);
      String field = at.field("name").text();
      if (spec.name() == null) {
        problems.add(field, null, "is missing", "name the dataset, such as " + pool + "/root");
        continue;
      }
      Optional<List<String>> fault = ZfsNames.faultOfDataset(spec.name(), pool);
      if (fault.isPresent()) {
        problems.add(field, spec.name(), fault.get().get(0), fault.get().get(1));
        continue;
      }
      Map<String, String> own =
          spec.properties() == null ? Map.of() : new LinkedHashMap<>(spec.properties());
      properties.check(at.field("properties"), ZfsProperties.Target.FILESYSTEM, own);
      if (nodes.putIfAbsent(spec.name(), new Node(at, own, spec.mount())) != null) {
        problems.add(field, spec.name(), "is there twice", "keep one of the two entries");
      }
    }
  }

  private void addMissingParents() {
    for (String name : new ArrayList<>(nodes.keySet())) {
      for (String parent = parent(name); parent.contains("/"); parent = parent(parent)) {
        nodes.putIfAbsent(parent, new Node(LIST, Map.of(), null));
      }
    }
    nodes.putIfAbsent(pool, new Node(LIST, Map.of(), null));
  }

  private List<Recipe.Dataset> mounted() {
    Map<String, String> mountpoints = new HashMap<>();
    Map<String, String> readOnly = new HashMap<>();
    Map<String, String> mountedAt = new HashMap<>();
    List<Recipe.Dataset> datasets = new ArrayList<>();
    nodes.forEach(
        (name, node) -> {
          String mountpoint = mountpoint(name, node, mountpoints);
          mountpoints.put(name, mountpoint);
          readOnly.put(
              name,
              local(name, node, "readonly")
                  .or(() -> Optional.ofNullable(readOnly.get(parent(name))))
                  .orElse("off"));
          Optional<String> mount = mount(name, node, mountpoint);
          mount.ifPresent(path -> unique(name, node, path, mountedAt));
          if (mount.filter("/"::equals).isPresent() && readOnly.get(name).equals("on")) {
            problems.add(
                node.at.text(),
                name,
                "is mounted at / and read-only, so that nothing can be installed on it",
                "remove readonly and set it in the installed system");
          }
          if (!name.equals(pool) || node.at != LIST || mount.isPresent()) {
            datasets.add(
                new Recipe.Dataset(name, node.properties, mount, mountpoint.equals(LEGACY)));
          }
        });
    if (!mountedAt.containsKey("/") && problems.none()) {
      problems.add(LIST.text(), null, "no dataset is mounted at /", "give one of them mount: /");
    }
    return datasets;
  }

  private String mountpoint(String name, Node node, Map<String, String> known) {
    return local(name, node, "mountpoint")
        .orElseGet(
            () -> {
              if (name.equals(pool)) {
                return "/" + pool;
              }
              String above = known.get(parent(name));
              if (above.equals(LEGACY) || above.equals(NONE)) {
                return above;
              }
              return (above.equals("/") ? "" : above) + name.substring(name.lastIndexOf('/'));
            });
  }

  /** Where the dataset is mounted while it is built and afterwards. */
  private Optional<String> mount(String name, Node node, String mountpoint) {
    String canmount = local(name, node, "canmount").orElse("on");
    if (node.mount == null) {
      boolean automatic =
          canmount.equals("on") && !mountpoint.equals(LEGACY) && !mountpoint.equals(NONE);
      if (!automatic) {
        return Optional.empty();
      }
      String field =
          node.at == LIST ? LIST.text() : node.at.field("properties").field("mountpoint").text();
      return acceptable(field, mountpoint) ? Optional.of(mountpoint) : Optional.empty();
    }
    String field = node.at == LIST ? LIST.text() : node.at.field("mount").text();
    if (!acceptable(field, node.mount)) {
      return Optional.empty();
    }
    if (canmount.equals("off")) {
      problems.add(
          field, node.mount, "can't be: canmount is off", "remove mount or the property canmount");
      return Optional.empty();
    }
    if (mountpoint.equals(LEGACY) || mountpoint.equals(node.mount)) {
      return Optional.of(node.mount);
    }
    problems.add(
        field,
        node.mount,
        "disagrees with the property mountpoint of "
            + name
            + ", which is "
            + mountpoint
            + origin(name),
        "set mountpoint to legacy there (the default of spec.root.pool.filesystemProperties, which is gone when you give that map), or "
            + (mountpoint.equals(NONE) ? "remove mount" : "mount it at " + mountpoint));
    return Optional.empty();
  }

  private String origin(String name) {
    for (String at = name; ; at = parent(at)) {
      Node node = nodes.get(at);
      if (local(at, node, "mountpoint").isPresent()) {
        return at.equals(name) ? "" : ", inherited from " + at;
      }
      if (at.equals(pool)) {
        return ", which ZFS makes of the names because no mountpoint is set";
      }
    }
  }

  private boolean acceptable(String field, String path) {
    if (!TargetPath.check(field, path, problems)) {
      return false;
    }
    if (TargetPath.isBelow(path, "/boot")) {
      problems.add(
          field,
          path,
          "belongs to the EFI system partition of the boot disk",
          "mount the dataset elsewhere");
      return false;
    }
    return true;
  }

  private void unique(String name, Node node, String path, Map<String, String> mountedAt) {
    String other = mountedAt.putIfAbsent(path, name);
    if (other != null) {
      problems.add(
          node.at == LIST ? LIST.text() : node.at.field("mount").text(),
          path,
          "is where " + other + " is mounted already",
          "mount " + name + " elsewhere");
    }
  }

  private Optional<String> local(String name, Node node, String property) {
    String own = node.properties.get(property);
    return Optional.ofNullable(
        own == null && name.equals(pool) ? poolProperties.get(property) : own);
  }

  private static String parent(String name) {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? "" : name.substring(0, slash);
  }

  /**
   * One dataset.
   *
   * @param at its entry in the resource, or the list when it has none
   * @param mount as the resource says, or null
   */
  private record Node(FieldPath at, Map<String, String> properties, String mount) {}
}
