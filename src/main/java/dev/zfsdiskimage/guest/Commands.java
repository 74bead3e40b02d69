package dev.zfsdiskimage.guest;

import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipe.Content;
import dev.zfsdiskimage.recipe.Recipe.Dataset;
import dev.zfsdiskimage.recipe.Recipe.Install;
import dev.zfsdiskimage.recipe.Recipe.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The commands that a build will run, for a person to read: what the steps write to the console
 * behind {@code + }, except that disks stand under their lasting names and not as {@code /dev/vdb}.
 * What depends on things that only the builder VM sees (how a payload is packed, who owns what in
 * the target) stands as a comment, {@code # …}.
 */
public final class Commands {
  private static final String BOOT_DISK = "/dev/disk/by-id/virtio-zdi-boot";
  private static final String ROOT_DISK = "/dev/disk/by-id/virtio-zdi-root";
  private static final String ESP = BOOT_DISK + "-part2";
  private static final int SECTOR_BYTES = 512;
  private static final int SECTORS_PER_MIB = 2048;

  private final Recipe recipe;
  private final Layout layout;
  private final TargetConfiguration configuration;
  private final List<Line> lines = new ArrayList<>();

  private Commands(Recipe recipe) {
    this.recipe = recipe;
    this.layout = new Layout(recipe);
    this.configuration = new TargetConfiguration(recipe);
  }

  /** One command line, or a comment, of one step. */
  public record Line(String step, String text) {}

  /** The commands of {@code recipe}'s build, in order. */
  public static List<Line> of(Recipe recipe) {
    Commands commands = new Commands(recipe);
    GuestProgram.steps(recipe).forEach(commands::step);
    return List.copyOf(commands.lines);
  }

  private void step(String name) {
    switch (name) {
      case "partition" -> run(name, partition());
      case "pool" -> run(name, with(List.of("zpool", "create"), layout.pool(), List.of(ROOT_DISK)));
      case "datasets" ->
          layout.datasets().forEach(command -> run(name, with(List.of("zfs"), command)));
      case "mount" -> layout.mounts().forEach(dataset -> run(name, mount(dataset)));
      case "boot-filesystem" -> {
        run(name, with(List.of("mkfs.vfat"), GuestProgram.BOOT_FILE_SYSTEM, List.of(ESP)));
        run(name, List.of("mount", "-t", "vfat", "-o", "quiet,umask=0077", ESP, "/mnt/boot"));
      }
      case "install" -> install();
      case "configure" -> {
        configuration.files().forEach(file -> place(name, file));
        accounts();
      }
      case "contents" -> recipe.contents().forEach(content -> place(name, content));
      case "bootloader" -> bootloader();
      case "scrub" -> run(name, List.of("zpool", "scrub", "-w", recipe.pool().name()));
      case "unmount" -> {
        run(name, List.of("fstrim", "--verbose", "/mnt/boot"));
        run(name, List.of("umount", "--recursive", "/mnt"));
      }
      case "trim" -> run(name, List.of("zpool", "trim", "-w", recipe.pool().name()));
      case "export" -> {
        run(name, List.of("zpool", "export", recipe.pool().name()));
        run(name, List.of("blockdev", "--flushbufs", BOOT_DISK));
        run(name, List.of("blockdev", "--flushbufs", ROOT_DISK));
      }
      default -> throw new IllegalStateException("step " + name + " has no commands");
    }
  }

  /** The last MiB stays free for the backup GPT. */
  private List<String> partition() {
    long sectors = recipe.bootBytes() / SECTOR_BYTES;
    long last = (sectors / SECTORS_PER_MIB - 1) * SECTORS_PER_MIB - 1;
    return List.of(
        "sgdisk",
        "--clear",
        "--set-alignment=2048",
        "--new=1:2048:4095",
        "--typecode=1:EF02",
        "--change-name=1:bios-boot",
        "--new=2:4096:" + last,
        "--typecode=2:EF00",
        "--change-name=2:ESP",
        BOOT_DISK);
  }

  private static List<String> mount(Dataset dataset) {
    String mount = dataset.mount().orElseThrow();
    return with(
        List.of("mount", "-t", "zfs"),
        dataset.legacy() ? List.of() : List.of("-o", "zfsutil"),
        List.of(dataset.name(), mount.equals("/") ? Layout.TARGET : Layout.TARGET + mount));
  }

  private void install() {
    if (recipe.install() instanceof Install.Debian debian) {
      comment("install", "unpack zdi-payload-" + debian.payload() + " into /mnt");
    } else if (recipe.install() instanceof Install.Rootfs rootfs) {
      comment("install", "unpack zdi-payload-" + rootfs.payload() + " into /mnt");
    } else if (recipe.install() instanceof Install.Nixos nixos) {
      comment(
          "install",
          "with nix, into /mnt, as nixos-install does: "
              + ShellWord.commandLine(NixosArguments.install(nixos)));
      NixosArguments.closure(nixos)
          .forEach(
              source -> comment("install", "  store paths from " + ShellWord.commandLine(source)));
    } else if (recipe.install() instanceof Install.Script script) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  "env",
                  "ZDI_TARGET=/mnt",
                  "ZDI_BOOT_DISK=" + BOOT_DISK,
                  "ZDI_ROOT_DISK=" + ROOT_DISK,
                  "ZDI_POOL=" + recipe.pool().name()));
      if (!namesItsInterpreter(script.source())) {
        command.add("bash");
      }
      command.add("/run/zdi/install-script");
      run("install", command);
    }
  }

  private static boolean namesItsInterpreter(Source script) {
    if (!(script instanceof Source.Inline inline)) {
      return false;
    }
    byte[] text = inline.bytes().toArray();
    return text.length > 2 && text[0] == '#' && text[1] == '!';
  }

  private void place(String step, Content content) {
    comment(
        step,
        "copy "
            + inWords(content.source())
            + " to "
            + ShellWord.quoted(Layout.TARGET + content.target())
            + content.mode().map(mode -> ", mode " + mode).orElse("")
            + content.owner().map(owner -> ", owner " + ShellWord.quoted(owner)).orElse(""));
  }

  private void accounts() {
    if (recipe.install() instanceof Install.Debian debian) {
      comment(
          "configure",
          debian
              .rootPassword()
              .map(source -> "set root's password from " + inWords(source))
              .orElse("lock root's password"));
      debian
          .authorizedKeys()
          .ifPresent(
              source -> comment("configure", "authorize root's keys from " + inWords(source)));
    }
  }

  private void bootloader() {
    comment("bootloader", "in the target, chroot /mnt:");
    for (String target : List.of("i386-pc", "x86_64-efi")) {
      comment("bootloader", "  grub-install --target=" + target + " … for " + BOOT_DISK);
    }
    Optional<List<String>> arguments = configuration.kernelArguments();
    comment(
        "bootloader",
        "write /boot/grub/grub.cfg, kernel arguments root=ZFS="
            + layout.rootDataset()
            + " "
            + ShellWord.commandLine(arguments.orElse(List.of())));
  }

  private static String inWords(Source source) {
    if (source instanceof Source.Inline inline) {
      return "inline text (" + inline.bytes().size() + " bytes)";
    }
    if (source instanceof Source.Secret secret) {
      return "zdi-secret-" + secret.index() + " " + ShellWord.quoted(secret.key());
    }
    Source.InPayload payload = (Source.InPayload) source;
    return "zdi-payload-" + payload.index() + " " + ShellWord.quoted(payload.path());
  }

  private void run(String step, List<String> command) {
    lines.add(new Line(step, ShellWord.commandLine(command)));
  }

  private void comment(String step, String text) {
    lines.add(new Line(step, "# " + text));
  }

  @SafeVarargs
  private static List<String> with(List<String>... parts) {
    List<String> command = new ArrayList<>();
    for (List<String> part : parts) {
      command.addAll(part);
    }
    return command;
  }
}
