package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.images.ApplianceManifest;
import dev.zfsdiskimage.images.Application;
import dev.zfsdiskimage.images.BaseRoot;
import dev.zfsdiskimage.images.Destination;
import dev.zfsdiskimage.images.DpkgStatus;
import dev.zfsdiskimage.images.ImageSet;
import dev.zfsdiskimage.images.ImageWriter;
import dev.zfsdiskimage.images.OciImage;
import dev.zfsdiskimage.images.WrittenImage;
import dev.zfsdiskimage.local.Appliance;
import dev.zfsdiskimage.local.ApplianceStore;
import dev.zfsdiskimage.local.BuildFailure;
import dev.zfsdiskimage.local.ChildProcesses;
import dev.zfsdiskimage.local.ImageIngredients;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code zdi images}. */
@Command(
    name = "images",
    description = "Makes the OCI images that the operator needs in a cluster.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./zdi images --to images",
      "  ctr -n k8s.io images import images/zfs-disk-image-tools-*.tar",
      "  ./zdi images --to docker://registry.example/team",
      "",
      "A folder gets an OCI archive and a CycloneDX bill of materials per image.",
      "The same sources and state of the Debian archive give the same digests.",
      "Credentials for a registry: those of docker login.",
    })
final class ImagesCommand implements Callable<Integer> {
  private static final String REGISTRY = "docker://";

  private final Surroundings surroundings;

  @Option(
      names = "--to",
      paramLabel = "DIR|docker://REGISTRY",
      required = true,
      description = "A folder for archives, or a registry with the images' common prefix.")
  private String to;

  @Option(
      names = "--image",
      paramLabel = "NAME",
      split = ",",
      description = "operator, builder, tools, debian; may be repeated (default: all).")
  private Set<Name> only = EnumSet.allOf(Name.class);

  @Option(
      names = "--prefix",
      paramLabel = "PREFIX",
      defaultValue = "docker.io/library",
      description = "What the names in archives begin with (default: ${DEFAULT-VALUE}).")
  private String prefix;

  @Option(
      names = "--tag",
      paramLabel = "TAG",
      description = "Instead of zdi's version, such as 1.0-arm64 for one of several architectures.")
  private String tag;

  @Option(
      names = "--insecure",
      description = "HTTP, or a certificate that nobody vouches for, will do.")
  private boolean insecure;

  private enum Name {
    OPERATOR,
    BUILDER,
    TOOLS,
    DEBIAN;

    /** As it is written on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  ImagesCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws BuildFailure, IOException, InterruptedException {
    Rows rows = new Rows("IMAGE", "DIGEST");
    try (ChildProcesses children = surroundings.children();
        BuildDisplay display = surroundings.err().display()) {
      Assembly assembly =
          new Assembly(
              new ImageIngredients(surroundings.host(), children, display::note),
              new ApplianceStore(surroundings.host(), children),
              display);
      for (Name name : Name.values()) {
        if (only.contains(name)) {
          WrittenImage written = write(name, assembly, display);
          rows.add(
              written.archive().map(Path::toString).orElse(written.reference()), written.digest());
        }
      }
    }
    rows.lines().forEach(surroundings.out().out()::println);
    return 0;
  }

  private WrittenImage write(Name name, Assembly assembly, BuildDisplay display)
      throws BuildFailure, IOException, InterruptedException {
    long started = System.nanoTime();
    display.started(name.toString());
    WrittenImage written = writer().write(assembly.make(name), destination());
    display.finished(name.toString(), Duration.ofNanos(System.nanoTime() - started));
    return written;
  }

  private ImageWriter writer() {
    boolean registry = to.startsWith(REGISTRY);
    String names = registry ? to.substring(REGISTRY.length()) : prefix;
    return new ImageWriter(
        surroundings.host().cache().resolve("images/jib"),
        new ImageWriter.Names(names, tag == null ? Version.text() : tag),
        Version.text(),
        architecture());
  }

  private Destination destination() {
    return to.startsWith(REGISTRY)
        ? new Destination.Registry(insecure)
        : new Destination.Folder(Path.of(to));
  }

  /** As Debian and OCI call this machine's, which the ingredients are made for. */
  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("aarch64") ? "arm64" : name;
  }

  /** Puts ingredients together. */
  private final class Assembly {
    private final ImageIngredients ingredients;
    private final ApplianceStore appliances;
    private final BuildDisplay display;

    Assembly(ImageIngredients ingredients, ApplianceStore appliances, BuildDisplay display) {
      this.ingredients = ingredients;
      this.appliances = appliances;
      this.display = display;
    }

    OciImage make(Name name) throws BuildFailure, IOException, InterruptedException {
      return switch (name) {
        case OPERATOR -> operator();
        case BUILDER -> builder();
        case TOOLS -> ImageSet.tools(new BaseRoot(ingredients.root(name.toString())));
        case DEBIAN -> debian();
      };
    }

    private OciImage operator() throws BuildFailure, IOException, InterruptedException {
      Path application = surroundings.host().application();
      Path root = ingredients.root(Name.OPERATOR.toString());
      return ImageSet.operator(
          new BaseRoot(root),
          new Application(application),
          ingredients.classArchive(root, application),
          Version.text());
    }

    private OciImage builder() throws BuildFailure, IOException, InterruptedException {
      Appliance appliance = appliances.get(display::note);
      return ImageSet.builder(
          appliance.kernel(),
          appliance.initramfs(),
          appliance.toolbox(),
          ApplianceManifest.packages(appliance.manifest()));
    }

    private OciImage debian() throws BuildFailure, InterruptedException {
      Path rootFileSystem = ingredients.debian();
      return ImageSet.debian(
          rootFileSystem, DpkgStatus.installed(ingredients.packagesIn(rootFileSystem)));
    }
  }
}
