package dev.zfsdiskimage.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.zfsdiskimage.api.BootSpec;
import dev.zfsdiskimage.api.BuilderSpec;
import dev.zfsdiskimage.api.ContentSpec;
import dev.zfsdiskimage.api.Defaults;
import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Format;
import dev.zfsdiskimage.api.InstallSpec;
import dev.zfsdiskimage.api.OutputSpec;
import dev.zfsdiskimage.api.PostBuildSpec;
import dev.zfsdiskimage.api.RootSpec;
import dev.zfsdiskimage.api.VerifySpec;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageSpec;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.schema.FieldPath;
import dev.zfsdiskimage.schema.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads recipes from resources: fills in the defaults that the schema has, holds every rule, and
 * says all problems at once.
 */
public final class Recipes {
  private static final long BOOT_LEAST = 64 * ByteSize.MIB;
  private static final long BOOT_LEAST_DEBIAN = 256 * ByteSize.MIB;
  private static final long ROOT_LEAST = 80 * ByteSize.MIB;
  private static final long ROOT_LEAST_DEBIAN = 512 * ByteSize.MIB;
  private static final long MEMORY_LEAST = 512 * ByteSize.MIB;
  private static final long GROW_LEAST = 64 * ByteSize.MIB;

  /** Where FAT32 ends with sectors of 512 bytes. */
  private static final long BOOT_MOST = 2L * 1024 * 1024 * ByteSize.MIB;

  /** A VHD's sector count has 32 bits and keeps some for itself. */
  private static final long VPC_MOST = 2040L * 1024 * ByteSize.MIB;

  /** What a config disk (1 MiB) holds besides the program and its arguments. */
  private static final long INLINE_MOST = 768 * 1024;

  private static final FieldPath SPEC = FieldPath.ROOT.field("spec");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ZfsDiskImage resource;
  private final ZfsDiskImageSpec spec;
  private final References references;
  private final Problems problems = new Problems();
  private final Attachments attachments;

  private Recipes(ZfsDiskImage resource, References references, Place place) {
    this.resource = resource;
    this.spec = resource.getSpec();
    this.references = references;
    this.attachments = new Attachments(references, place, problems);
  }

  /**
   * The recipe of a text that a person wrote: what the schema says against it and what the rules
   * say, with lines and in their order.
   *
   * @param files the bytes of {@link Manifest#files}, as far as they could be read
   */
  public static Checked<Recipe> read(Manifest manifest, Map<String, Bytes> files, Place place) {
    List<Problem> problems = new ArrayList<>(manifest.problems());
    Optional<ZfsDiskImage> resource = manifest.resource();
    if (resource.isEmpty()) {
      return new Checked.Invalid<>(problems);
    }
    Checked<Recipe> recipe = read(resource.get(), manifest.references().withFiles(files), place);
    if (recipe instanceof Checked.Valid<Recipe> && problems.isEmpty()) {
      return recipe;
    }
    Set<String> known = new HashSet<>();
    problems.forEach(problem -> known.add(problem.field()));
    for (Problem problem : recipe.problems()) {
      if (!known.contains(problem.field())) {
        problems.add(problem.atLine(manifest.line(problem.field())));
      }
    }
    problems.sort(Comparator.comparingInt(problem -> problem.line().orElse(0)));
    return new Checked.Invalid<>(problems);
  }

  /** The recipe of {@code resource}, whose defaults may be written out or not. */
  public static Checked<Recipe> read(ZfsDiskImage resource, References references, Place place) {
    if (resource.getSpec() == null) {
      return new Checked.Invalid<>(
          List.of(Problem.invalid("spec", "", "is missing", "say what to build")));
    }
    return new Recipes(resource, references, place).recipe();
  }

  private Checked<Recipe> recipe() {
    String name = name();
    BootSpec boot = or(spec.boot(), new BootSpec(null));
    RootSpec root = or(spec.root(), new RootSpec(null, null, null));
    BuilderSpec builderSpec =
        or(spec.builder(), new BuilderSpec(null, null, null, null, null, null, null, null, null));
    OutputSpec outputSpec = or(spec.output(), new OutputSpec(null, null, null, null, null, null));
    InstallSpec install = or(spec.install(), new InstallSpec(null, null, null, null));

    boolean debian = install.debian() != null;
    long bootBytes =
        ByteSize.read(
            "spec.boot.size",
            or(boot.size(), Defaults.BOOT_SIZE),
            debian ? BOOT_LEAST_DEBIAN : BOOT_LEAST,
            debian
                ? "Debian keeps two kernels and their initial RAM disks on it"
                : "the partition tables, GRUB's core, a FAT file system and one kernel lie on it",
            problems);
    if (bootBytes > BOOT_MOST) {
      problems.add(
          "spec.boot.size",
          boot.size(),
          "is more than a FAT file system holds",
          "make it at most " + ByteSize.text(BOOT_MOST));
    }
    long rootBytes =
        ByteSize.read(
            "spec.root.size",
            or(root.size(), Defaults.ROOT_SIZE),
            debian ? ROOT_LEAST_DEBIAN : ROOT_LEAST,
            debian
                ? "Debian does not fit on it"
                : "ZFS needs 64Mi for a pool and keeps 9Mi of a whole disk for its partition table",
            problems);
    RootSpec.Pool poolSpec = or(root.pool(), new RootSpec.Pool(null, null, null));
    var zfsProperties = new ZfsProperties(builderSpec.image() == null, problems);
    Recipe.Pool pool = pool(poolSpec, zfsProperties);
    List<Recipe.Dataset> datasets =
        DatasetTree.read(
            pool.name(), pool.filesystemProperties(), root.datasets(), zfsProperties, problems);
    Recipe.Install system = install(install);
    List<Recipe.Content> contents = contents();
    Optional<Recipe.PostBuild> postBuild =
        Optional.ofNullable(spec.postBuild()).map(this::postBuild);
    Recipe.Output output = output(outputSpec, name, bootBytes, rootBytes);
    Recipe.Builder builder = builder(builderSpec);
    if (system instanceof Recipe.Install.Nixos nixos) {
      new NixosRules(attachments, problems).hold(nixos, builder);
    }
    Recipe.Verify verify = verify(install);
    inlineFits(system, contents);
    if (!problems.none()) {
      return new Checked.Invalid<>(problems.found());
    }
    var unnamed =
        new Recipe(
            name,
            bootBytes,
            rootBytes,
            pool,
            datasets,
            system,
            contents,
            attachments.payloads(),
            attachments.secrets(),
            output,
            postBuild,
            builder,
            verify,
            "");
    return new Checked.Valid<>(
        new Recipe(
            unnamed.name(),
            unnamed.bootBytes(),
            unnamed.rootBytes(),
            unnamed.pool(),
            unnamed.datasets(),
            unnamed.install(),
            unnamed.contents(),
            unnamed.payloads(),
            unnamed.secrets(),
            unnamed.output(),
            unnamed.postBuild(),
            unnamed.builder(),
            unnamed.verify(),
            hash(unnamed)));
  }

  private String name() {
    String name = resource.getMetadata() == null ? null : resource.getMetadata().getName();
    if (name == null) {
      problems.add("metadata.name", null, "is missing", "name the resource");
      return "";
    }
    if (name.length() > ZfsDiskImage.NAME_LENGTH || !name.matches(ZfsDiskImage.NAME_PATTERN)) {
      problems.add(
          "metadata.name",
          name,
          "is no name of such a resource",
          "use at most "
              + ZfsDiskImage.NAME_LENGTH
              + " lower-case letters, digits and '-', with no '-' at its ends");
    }
    return name;
  }

  private Recipe.Pool pool(RootSpec.Pool spec, ZfsProperties zfsProperties) {
    String name = or(spec.name(), Defaults.POOL_NAME);
    ZfsNames.checkPool("spec.root.pool.name", name, problems);
    FieldPath at = SPEC.field("root").field("pool");
    Map<String, String> properties =
        new LinkedHashMap<>(or(spec.properties(), map(Defaults.POOL_PROPERTIES)));
    properties.putIfAbsent("ashift", Defaults.ASHIFT);
    Map<String, String> filesystemProperties =
        or(spec.filesystemProperties(), map(Defaults.POOL_FILESYSTEM_PROPERTIES));
    zfsProperties.check(at.field("properties"), ZfsProperties.Target.POOL, properties);
    zfsProperties.check(
        at.field("filesystemProperties"), ZfsProperties.Target.FILESYSTEM, filesystemProperties);
    return new Recipe.Pool(name, properties, new LinkedHashMap<>(filesystemProperties));
  }

  private Recipe.Install install(InstallSpec install) {
    FieldPath at = SPEC.field("install");
    List<String> given = new ArrayList<>();
    if (install.nixos() != null) {
      given.add("nixos");
    }
    if (install.debian() != null) {
      given.add("debian");
    }
    if (install.rootfs() != null) {
      given.add("rootfs");
    }
    if (install.script() != null) {
      given.add("script");
    }
    if (given.size() != 1) {
      problems.add(
          at.text(),
          null,
          "needs exactly one of nixos, debian, rootfs, script; it has "
              + (given.isEmpty() ? "none" : String.join(", ", given)),
          "keep one of them");
    }
    if (install.nixos() != null) {
      return new NixosRules(attachments, problems).read(at.field("nixos"), install.nixos());
    }
    if (install.debian() != null) {
      return debian(at.field("debian"), install.debian());
    }
    if (install.rootfs() != null) {
      return rootfs(at.field("rootfs"), install.rootfs());
    }
    return new Recipe.Install.Script(
        given.isEmpty()
            ? new Recipe.Source.Inline(Bytes.of(""))
            : attachments.script(at.field("script"), install.script()));
  }

  private Recipe.Install debian(FieldPath at, InstallSpec.Debian spec) {
    List<String> components = or(spec.components(), list(Defaults.DEBIAN_COMPONENTS));
    if (!components.contains("main") || !components.contains("contrib")) {
      problems.add(
          at.field("components").text(),
          String.join(", ", components),
          "lacks main or contrib, and Debian's ZFS is in contrib",
          "add what is missing");
    }
    String hostname = or(spec.hostname(), Defaults.DEBIAN_HOSTNAME);
    if (!hostname.matches("[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")) {
      problems.add(
          at.field("hostname").text(),
          hostname,
          "is no host name",
          "use at most 63 letters, digits and '-', with no '-' at its ends");
    }
    List<String> arguments = kernelArguments(at, spec.kernelArguments());
    int payload =
        attachments.attach(
            new Recipe.Payload.DebianRoot(
                or(spec.suite(), Defaults.DEBIAN_SUITE),
                Optional.ofNullable(spec.mirror()),
                List.copyOf(components),
                List.copyOf(or(spec.packages(), List.of()))));
    return new Recipe.Install.Debian(
        payload,
        hostname,
        secret(at.field("rootPassword"), spec.rootPassword()),
        secret(at.field("authorizedKeys"), spec.authorizedKeys()),
        arguments);
  }

  private Optional<Recipe.Source> secret(FieldPath at, InstallSpec.SecretValue value) {
    if (value == null) {
      return Optional.empty();
    }
    FieldPath reference = at.field("secretKeyRef");
    if (value.secretKeyRef() == null) {
      problems.add(reference.text(), null, "is missing", "name the Secret and its key");
      return Optional.empty();
    }
    return Optional.of(attachments.secret(reference, value.secretKeyRef()));
  }

  private Recipe.Install rootfs(FieldPath at, InstallSpec.Rootfs spec) {
    return new Recipe.Install.Rootfs(
        attachments.payload(at.field("payload"), spec.payload()),
        spec.bootloader() == InstallSpec.Bootloader.NONE
            ? Recipe.Bootloader.NONE
            : Recipe.Bootloader.GRUB,
        kernelArguments(at, spec.kernelArguments()));
  }

  private List<String> kernelArguments(FieldPath at, List<String> given) {
    List<String> arguments = or(given, list(Defaults.KERNEL_ARGUMENTS));
    for (int i = 0; i < arguments.size(); i++) {
      if (!arguments.get(i).matches("[^\\s\\x00-\\x1f\\x7f]+")) {
        problems.add(
            at.field("kernelArguments").item(i).text(),
            arguments.get(i),
            "is not one kernel argument",
            "write one argument an entry, without white space");
      }
    }
    return List.copyOf(arguments);
  }

  private List<Recipe.Content> contents() {
    List<ContentSpec> given = or(spec.contents(), List.of());
    List<Recipe.Content> contents = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      contents.add(content(SPEC.field("contents").item(i), given.get(i)));
    }
    return List.copyOf(contents);
  }

  private Recipe.Content content(FieldPath at, ContentSpec spec) {
    String target = or(spec.target(), "");
    Recipe.Source source =
        source(
            at.field("source"),
            or(spec.source(), new ContentSpec.Source(null, null, null, null, null)));
    boolean whole = TargetPath.check(at.field("target").text(), target, problems);
    if (whole && target.equals("/") && !(source instanceof Recipe.Source.InPayload)) {
      problems.add(
          at.field("target").text(),
          target,
          "is a folder, and the source is one file",
          "add the file's name");
    }
    if (spec.mode() != null && !spec.mode().matches("[0-7]{3,4}")) {
      problems.add(
          at.field("mode").text(),
          spec.mode(),
          "are no permissions",
          "write three or four octal digits in quotes, such as \"0644\"");
    }
    if (spec.owner() != null && !spec.owner().matches("[\\w][-\\w.]*:[\\w][-\\w.]*")) {
      problems.add(
          at.field("owner").text(),
          spec.owner(),
          "is no owner",
          "write user:group, such as root:root");
    }
    return new Recipe.Content(
        source, target, Optional.ofNullable(spec.mode()), Optional.ofNullable(spec.owner()));
  }

  private Recipe.Source source(FieldPath at, ContentSpec.Source spec) {
    List<Recipe.Source> given = new ArrayList<>();
    if (spec.inline() != null) {
      given.add(new Recipe.Source.Inline(Bytes.of(spec.inline())));
    }
    if (spec.configMap() != null) {
      given.add(attachments.configMap(at.field("configMap"), spec.configMap()));
    }
    if (spec.secret() != null) {
      given.add(attachments.secret(at.field("secret"), spec.secret()));
    }
    if (spec.payload() != null) {
      String subPath = or(spec.subPath(), ".");
      attachments.relative(at.field("subPath"), subPath);
      given.add(
          new Recipe.Source.InPayload(
              attachments.payload(at.field("payload"), spec.payload()), subPath));
    } else if (spec.subPath() != null) {
      problems.add(
          at.field("subPath").text(),
          spec.subPath(),
          "says what to take from a payload, and there is none",
          "remove it or give a payload");
    }
    if (given.size() != 1) {
      problems.add(
          at.text(),
          null,
          "needs exactly one of inline, configMap, secret, payload; it has " + given.size(),
          "keep one of them");
      return new Recipe.Source.Inline(Bytes.of(""));
    }
    return given.get(0);
  }

  private Recipe.PostBuild postBuild(PostBuildSpec spec) {
    return new Recipe.PostBuild(
        attachments.script(SPEC.field("postBuild").field("script"), spec.script()),
        Optional.ofNullable(spec.image()));
  }

  private Recipe.Output output(OutputSpec spec, String name, long bootBytes, long rootBytes) {
    Format format = or(spec.format(), Format.RAW);
    if (format == Format.VPC) {
      for (var size : Map.of("spec.boot.size", bootBytes, "spec.root.size", rootBytes).entrySet()) {
        if (size.getValue() > VPC_MOST) {
          problems.add(
              size.getKey(),
              ByteSize.text(size.getValue()),
              "is more than a vpc image holds",
              "make it at most "
                  + ByteSize.text(VPC_MOST)
                  + ", or choose another spec.output.format");
        }
      }
    }
    String prefix = or(spec.filePrefix(), name);
    if (spec.filePrefix() != null && !prefix.matches("[a-zA-Z0-9][-a-zA-Z0-9._]*")) {
      problems.add(
          "spec.output.filePrefix",
          prefix,
          "can't begin a file's name",
          "use letters, digits, '-', '.' and '_', beginning with a letter or digit");
    }
    OutputSpec.Storage storage = or(spec.storage(), new OutputSpec.Storage(null, null, null));
    List<String> accessModes =
        storage.accessModes() == null
            ? list(Defaults.ACCESS_MODES)
            : storage.accessModes().stream().map(OutputSpec.AccessMode::word).toList();
    boolean block = storage.volumeMode() == OutputSpec.VolumeMode.BLOCK;
    if (block && format != Format.RAW) {
      problems.add(
          "spec.output.storage.volumeMode",
          "Block",
          "takes a raw disk, not a file of another format",
          "set spec.output.format to raw, or volumeMode to Filesystem");
    }
    return new Recipe.Output(
        format,
        prefix,
        new Recipe.Storage(
            Optional.ofNullable(storage.storageClassName()),
            accessModes,
            block ? Recipe.VolumeMode.BLOCK : Recipe.VolumeMode.FILESYSTEM),
        or(spec.revisionsToKeep(), Integer.valueOf(Defaults.REVISIONS_TO_KEEP)),
        spec.onDelete() == OutputSpec.OnDelete.RETAIN
            ? Recipe.OnDelete.RETAIN
            : Recipe.OnDelete.DELETE,
        labels(or(spec.labels(), Map.of())));
  }

  private Map<String, String> labels(Map<String, String> given) {
    given.forEach(
        (key, value) -> {
          String field = SPEC.field("output").field("labels").field(key).text();
          if (Labels.isReserved(key)) {
            problems.add(
                field,
                value,
                "is a label that the operator or KubeVirt sets itself",
                "remove it, or use a prefix of your own");
          } else if (!Labels.isKey(key)) {
            problems.add(
                field,
                value,
                "is no key of a label",
                "use at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter"
                    + " or digit; a DNS name and a slash may stand before");
          }
          if (!Labels.isValue(value)) {
            problems.add(
                field,
                value,
                "is no value of a label",
                "use at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter"
                    + " or digit");
          }
        });
    return new TreeMap<>(given);
  }

  private Recipe.Builder builder(BuilderSpec spec) {
    BuilderSpec.Timeouts timeouts = or(spec.timeouts(), new BuilderSpec.Timeouts(null, null, null));
    Duration start = timeout("start", or(timeouts.start(), Defaults.START_TIMEOUT));
    Duration build = timeout("build", or(timeouts.build(), Defaults.BUILD_TIMEOUT));
    Duration save = timeout("save", or(timeouts.save(), Defaults.SAVE_TIMEOUT));
    if (start.compareTo(build) > 0 && !build.isZero()) {
      problems.add(
          "spec.builder.timeouts.start",
          timeouts.start(),
          "is longer than the whole build may take",
          "make it shorter than spec.builder.timeouts.build, or that one longer");
    }
    return new Recipe.Builder(
        ByteSize.read(
            "spec.builder.memory",
            or(spec.memory(), Defaults.BUILDER_MEMORY),
            MEMORY_LEAST,
            "the builder's kernel and ZFS don't run in it",
            problems),
        or(spec.cores(), Integer.valueOf(Defaults.BUILDER_CORES)),
        Optional.ofNullable(spec.image()),
        spec.network() == BuilderSpec.Network.POD ? Recipe.Network.POD : Recipe.Network.NONE,
        new Recipe.Timeouts(start, build, save),
        or(spec.retries(), Integer.valueOf(Defaults.RETRIES)),
        new LinkedHashMap<>(or(spec.nodeSelector(), Map.of())),
        List.copyOf(or(spec.tolerations(), List.of())),
        Optional.ofNullable(spec.imagePullSecret()));
  }

  private Duration timeout(String name, String text) {
    return Deadline.read("spec.builder.timeouts." + name, text, problems);
  }

  private Recipe.Verify verify(InstallSpec install) {
    VerifySpec verify = or(spec.verify(), new VerifySpec(null, null, null));
    Optional<Recipe.Boot> boot = Optional.ofNullable(verify.boot()).map(this::boot);
    boolean unbootable =
        install.rootfs() != null && install.rootfs().bootloader() == InstallSpec.Bootloader.NONE;
    if (unbootable && boot.filter(each -> each.firmware().contains(Firmware.BIOS)).isPresent()) {
      problems.add(
          "spec.verify.boot.firmware",
          "bios",
          "can't boot with install.rootfs.bootloader none: nothing writes BIOS boot code",
          "set it to [uefi], or the bootloader to grub");
    }
    Optional<Recipe.Grow> grow =
        Optional.ofNullable(verify.grow())
            .map(
                each ->
                    new Recipe.Grow(
                        ByteSize.read(
                            "spec.verify.grow.by",
                            or(each.by(), ""),
                            GROW_LEAST,
                            "ZFS takes no less into a pool",
                            problems)));
    if (grow.isPresent() && boot.isEmpty()) {
      problems.add(
          "spec.verify.grow",
          null,
          "boots the image to let its pool grow, and needs spec.verify.boot",
          "add boot: {}");
    }
    return new Recipe.Verify(or(verify.scrub(), Boolean.valueOf(Defaults.SCRUB)), boot, grow);
  }

  private Recipe.Boot boot(VerifySpec.Boot spec) {
    List<Firmware> firmware =
        or(spec.firmware(), parsed(Defaults.FIRMWARE, new TypeReference<List<Firmware>>() {}));
    if (firmware.isEmpty() || EnumSet.copyOf(firmware).size() < firmware.size()) {
      problems.add(
          "spec.verify.boot.firmware",
          null,
          "names none, or one twice",
          "write bios, uefi or both");
    }
    return new Recipe.Boot(
        List.copyOf(firmware),
        or(spec.expect(), Defaults.EXPECT),
        Deadline.read(
            "spec.verify.boot.timeout", or(spec.timeout(), Defaults.BOOT_TIMEOUT), problems));
  }

  private void inlineFits(Recipe.Install install, List<Recipe.Content> contents) {
    long bytes = install instanceof Recipe.Install.Script script ? inlineBytes(script.source()) : 0;
    if (install instanceof Recipe.Install.Nixos nixos) {
      bytes += nixos.configFile().map(Recipes::inlineBytes).orElse(0L);
    }
    bytes += contents.stream().mapToLong(content -> inlineBytes(content.source())).sum();
    if (bytes > INLINE_MOST) {
      problems.add(
          "spec.contents",
          null,
          "scripts, inline texts and ConfigMap keys are "
              + bytes
              + " bytes together, and the builder takes "
              + INLINE_MOST,
          "move the larger ones to a payload");
    }
  }

  private static long inlineBytes(Recipe.Source source) {
    return source instanceof Recipe.Source.Inline inline ? inline.bytes().size() : 0;
  }

  /** Over all that changes the images, and nothing else. */
  private String hash(Recipe recipe) {
    SortedMap<String, String> secretDigests = new TreeMap<>();
    attachments
        .secretKeys()
        .forEach(
            (name, keys) ->
                keys.forEach(
                    key ->
                        references
                            .secretDigest(name, key)
                            .ifPresent(digest -> secretDigests.put(name + '/' + key, digest))));
    Map<String, Object> content = new TreeMap<>();
    content.put("bootBytes", recipe.bootBytes());
    content.put("rootBytes", recipe.rootBytes());
    content.put("pool", recipe.pool());
    content.put("datasets", recipe.datasets());
    content.put("install", recipe.install());
    content.put("contents", recipe.contents());
    content.put("payloads", recipe.payloads());
    content.put("secrets", recipe.secrets());
    content.put("secretDigests", secretDigests);
    content.put("format", recipe.output().format());
    content.put(
        "filePrefix",
        recipe.output().filePrefix().equals(recipe.name()) ? "" : recipe.output().filePrefix());
    content.put("storage", recipe.output().storage());
    content.put("postBuild", recipe.postBuild());
    content.put("builderImage", recipe.builder().image());
    content.put("network", recipe.builder().network());
    content.put("rebuild", or(spec.rebuild(), Defaults.REBUILD));
    return ContentHash.of(content);
  }

  private static <T> T or(T given, T fallback) {
    return given == null ? fallback : given;
  }

  private static Map<String, String> map(String json) {
    return parsed(json, new TypeReference<LinkedHashMap<String, String>>() {});
  }

  private static List<String> list(String json) {
    return parsed(json, new TypeReference<List<String>>() {});
  }

  private static <T> T parsed(String json, TypeReference<T> type) {
    try {
      return JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a default is no JSON: " + json, e);
    }
  }
}
