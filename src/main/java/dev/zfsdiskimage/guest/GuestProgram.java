package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.recipe.Bytes;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Content;
import dev.zfsdiskimage.recipe.Recipe.Dataset;
import dev.zfsdiskimage.recipe.Recipe.Install;
import dev.zfsdiskimage.recipe.Recipe.Source;
import dev.zfsdiskimage.recipe.Recipe.VolumeMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The files on the builder VM's config disk, in one flat folder, as docs/guest-program.md describes
 * them. No secret is among them: secrets travel on disks of their own.
 *
 * @param files by name, sorted; at most {@value #MAX_BYTES} bytes in all
 */
public record GuestProgram(SortedMap<String, Bytes> files) {
  /** The largest config disk: a ConfigMap holds no more. */
  public static final int MAX_BYTES = 1024 * 1024;

  /** The arguments of {@code mkfs.vfat} but the partition: GRUB and fstab go by this label. */
  static final List<String> BOOT_FILE_SYSTEM = List.of("-n", "ESP");

  private static final Pattern NONCE = Pattern.compile("[A-Za-z0-9]{1,64}");

  /** Copies the files. */
  public GuestProgram {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
  }

  /**
   * The program that builds {@code recipe}.
   *
   * @param nonce tells this boot's messages from all others; letters and digits
   * @param payloadBytes sizes of payloads by number, as far as they are known; they only make the
   *     display of progress better
   * @throws ConfigDiskFullException when the recipe's inline contents are too large
   */
  public static GuestProgram build(Recipe recipe, String nonce, Map<Integer, Long> payloadBytes) {
    Files files = new Files(nonce);
    Layout layout = new Layout(recipe);
    TargetConfiguration configuration = new TargetConfiguration(recipe);

    files.list("steps", steps(recipe));
    files.list("partition", diskSizes(recipe));
    files.list("pool", layout.pool());
    files.records("datasets", layout.datasets());
    files.records("mount", mounts(layout));
    files.list("boot-filesystem", BOOT_FILE_SYSTEM);
    files.records("install", List.of(install(recipe, payloadBytes, files)));
    if (recipe.install() instanceof Install.Nixos nixos) {
      files.records("nixos-closure", NixosArguments.closure(nixos));
      files.list("nixos-channel", NixosArguments.channel(nixos));
    }
    files.records("configure", contents(configuration.files(), files));
    files.records("contents", contents(recipe.contents(), files));
    files.records("accounts", accounts(recipe, files));
    files.list("bootloader", bootloader(layout, configuration));
    return files.program();
  }

  /** The program that builds {@code recipe}, with no payload's size known. */
  public static GuestProgram build(Recipe recipe, String nonce) {
    return build(recipe, nonce, Map.of());
  }

  /**
   * The program that looks at finished disks of {@code recipe} and reports what {@link DiskCheck}
   * compares: what else is on them is no business of the check, and may be any amount.
   */
  public static GuestProgram check(Recipe recipe, String nonce) {
    List<List<String>> asked = new ArrayList<>();
    DiskCheck.asked(recipe)
        .forEach(
            (dataset, properties) -> {
              List<String> fields = new ArrayList<>(List.of(dataset));
              fields.addAll(properties.keySet());
              asked.add(fields);
            });
    Files files = look(recipe.pool().name(), nonce);
    files.records("asked", asked);
    files.list(
        "asked-pool",
        recipe.pool().properties().keySet().stream().filter(name -> name.contains(":")).toList());
    return files.program();
  }

  /**
   * The program that looks at finished disks whose recipe is not at hand, and reports all of the
   * pool's datasets and properties, and files.
   *
   * @param mounted the datasets whose files are to be reported, in mount order
   */
  public static GuestProgram look(String pool, List<Mounted> mounted, String nonce) {
    List<List<String>> mounts = new ArrayList<>();
    mounted.forEach(
        each -> mounts.add(List.of(each.dataset(), each.path(), each.legacy() ? "" : "zfsutil")));
    Files files = look(pool, nonce);
    files.records("mount", mounts);
    return files.program();
  }

  /**
   * A dataset and where it is mounted.
   *
   * @param legacy whether its {@code mountpoint} is {@code legacy}
   */
  public record Mounted(String dataset, String path, boolean legacy) {}

  private static Files look(String pool, String nonce) {
    Files files = new Files(nonce);
    files.list("steps", List.of("check"));
    files.list("check", List.of(pool));
    return files;
  }

  /** The steps of {@code recipe}'s build, in order. */
  static List<String> steps(Recipe recipe) {
    TargetConfiguration configuration = new TargetConfiguration(recipe);
    List<String> steps =
        new ArrayList<>(
            List.of("partition", "pool", "datasets", "mount", "boot-filesystem", "install"));
    if (recipe.install() instanceof Install.Nixos) {
      // Its configuration.nix may be what the install builds.
      steps.add(steps.indexOf("install"), "configure");
    } else if (!configuration.files().isEmpty()) {
      steps.add("configure");
    }
    if (!recipe.contents().isEmpty()) {
      steps.add("contents");
    }
    if (configuration.kernelArguments().isPresent()) {
      steps.add("bootloader");
    }
    if (recipe.verify().scrub()) {
      steps.add("scrub");
    }
    steps.addAll(List.of("unmount", "trim", "export"));
    return steps;
  }

  /** A block volume is often a little larger than asked for, and taken whole. */
  private static List<String> diskSizes(Recipe recipe) {
    boolean whatever = recipe.output().storage().volumeMode() == VolumeMode.BLOCK;
    return List.of(
        Long.toString(whatever ? 0 : recipe.bootBytes()),
        Long.toString(whatever ? 0 : recipe.rootBytes()));
  }

  private static List<List<String>> mounts(Layout layout) {
    List<List<String>> mounts = new ArrayList<>();
    for (Dataset dataset : layout.mounts()) {
      mounts.add(
          List.of(
              dataset.name(), dataset.mount().orElseThrow(), dataset.legacy() ? "" : "zfsutil"));
    }
    return mounts;
  }

  private static List<String> install(Recipe recipe, Map<Integer, Long> payloadBytes, Files files) {
    if (recipe.install() instanceof Install.Debian debian) {
      return rootfs(debian.payload(), payloadBytes);
    }
    if (recipe.install() instanceof Install.Rootfs rootfs) {
      return rootfs(rootfs.payload(), payloadBytes);
    }
    if (recipe.install() instanceof Install.Script script) {
      List<String> fields = new ArrayList<>(List.of("script"));
      fields.addAll(files.source(script.source(), "install.script"));
      return fields;
    }
    if (recipe.install() instanceof Install.Nixos nixos) {
      return NixosArguments.install(nixos);
    }
    return List.of("none");
  }

  private static List<String> rootfs(int payload, Map<Integer, Long> payloadBytes) {
    return List.of(
        "rootfs", Integer.toString(payload), Long.toString(payloadBytes.getOrDefault(payload, 0L)));
  }

  private static List<List<String>> contents(List<Content> contents, Files files) {
    List<List<String>> records = new ArrayList<>();
    for (Content content : contents) {
      List<String> fields =
          new ArrayList<>(files.source(content.source(), "contents for " + content.target()));
      fields.add(content.target());
      fields.add(content.mode().orElse(""));
      fields.add(content.owner().orElse(""));
      records.add(fields);
    }
    return records;
  }

  /** Root without a password is locked: an empty one would let everybody in. */
  private static List<List<String>> accounts(Recipe recipe, Files files) {
    List<List<String>> records = new ArrayList<>();
    if (recipe.install() instanceof Install.Debian debian) {
      records.add(
          debian
              .rootPassword()
              .map(password -> account("password", password, files))
              .orElse(List.of("lock", "root")));
      debian.authorizedKeys().ifPresent(keys -> records.add(account("keys", keys, files)));
    }
    return records;
  }

  private static List<String> account(String kind, Source source, Files files) {
    List<String> fields = new ArrayList<>(List.of(kind, "root"));
    fields.addAll(files.source(source, "root's " + kind));
    return fields;
  }

  private static List<String> bootloader(Layout layout, TargetConfiguration configuration) {
    List<String> fields = new ArrayList<>();
    configuration
        .kernelArguments()
        .ifPresentOrElse(
            arguments -> {
              fields.addAll(List.of("grub", layout.rootDataset()));
              fields.addAll(arguments);
            },
            () -> fields.add("none"));
    return fields;
  }

  /** The config disk while it fills. */
  private static final class Files {
    private final SortedMap<String, Bytes> files = new TreeMap<>();
    private final Map<String, String> meanings = new TreeMap<>();

    private Files(String nonce) {
      if (!NONCE.matcher(nonce).matches()) {
        throw new IllegalArgumentException(
            "nonce \"" + nonce + "\": must be 1 to 64 letters and digits");
      }
      FixedProgram.FILES.forEach(name -> files.put(name, FixedProgram.shell(name)));
      list("build", List.of(nonce));
    }

    private void list(String name, List<String> strings) {
      files.put(name + ".args", ArgumentFile.ofList(strings));
    }

    private void records(String name, List<List<String>> records) {
      files.put(name + ".args", ArgumentFile.ofRecords(records));
    }

    /** The three fields of a source; the bytes of an inline one become a file. */
    private List<String> source(Source source, String meaning) {
      if (source instanceof Source.Secret secret) {
        return List.of("secret", Integer.toString(secret.index()), secret.key());
      }
      if (source instanceof Source.InPayload payload) {
        return List.of("payload", Integer.toString(payload.index()), payload.path());
      }
      String name = String.format(Locale.ROOT, "content-%04d", meanings.size());
      meanings.put(name, meaning);
      files.put(name, ((Source.Inline) source).bytes());
      return List.of("file", name, "");
    }

    private GuestProgram program() {
      long total =
          files.entrySet().stream()
              .mapToLong(file -> file.getKey().length() + file.getValue().size())
              .sum();
      if (total > MAX_BYTES) {
        throw new ConfigDiskFullException(total, largest());
      }
      return new GuestProgram(files);
    }

    private String largest() {
      return files.entrySet().stream()
          .sorted(
              Comparator.comparing(
                  Map.Entry::getValue, Comparator.comparingInt(Bytes::size).reversed()))
          .limit(3)
          .map(
              file ->
                  meanings.getOrDefault(file.getKey(), file.getKey())
                      + " ("
                      + file.getValue().size()
                      + " bytes)")
          .collect(Collectors.joining(", "));
    }
  }
}
