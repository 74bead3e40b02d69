package dev.zfsdiskimage.recipe;

import dev.zfsdiskimage.api.NixosSpec;
import dev.zfsdiskimage.api.PayloadSpec;
import dev.zfsdiskimage.api.ScriptSpec;
import dev.zfsdiskimage.schema.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what a resource says of a NixOS to install. */
final class NixosRules {
  /**
   * Evaluating a small NixOS takes 2.5 GiB at its peak, and the builder's kernel and ZFS the rest.
   */
  private static final long EVALUATION_LEAST = 3 * 1024 * ByteSize.MIB;

  private static final String AT = "spec.install.nixos";
  private static final String STORE_PATH =
      "/nix/store/[0-9a-df-np-sv-z]{32}-[-A-Za-z0-9+._?=]{1,211}";
  private static final String PUBLIC_KEY = "[-A-Za-z0-9._]+:[A-Za-z0-9+/]{43}=";

  private final Attachments attachments;
  private final Problems problems;

  NixosRules(Attachments attachments, Problems problems) {
    this.attachments = attachments;
    this.problems = problems;
  }

  Recipe.Install.Nixos read(FieldPath at, NixosSpec spec) {
    Recipe.NixosSystem system = system(at, spec);
    List<Recipe.ClosureSource> closure = closure(at.field("closure"), spec.closure());
    if (system instanceof Recipe.NixosSystem.StorePath && closure.isEmpty()) {
      problems.add(
          at.field("closure").text(),
          null,
          "is empty, and a system needs its closure",
          "name a payload or a substituter that holds its store paths");
    }
    Optional<Recipe.Channel> channel =
        Optional.ofNullable(spec.channel()).map(each -> channel(at.field("channel"), each));
    if (system instanceof Recipe.NixosSystem.Configuration && channel.isEmpty()) {
      problems.add(
          at.field("channel").text(),
          null,
          "is missing, and a configuration is built with its nixpkgs",
          "give channel.payload");
    }
    Optional<Recipe.Source> configuration = text(at.field("configuration"), spec.configuration());
    Optional<Recipe.Source> configFile = text(at.field("configFile"), spec.configFile());
    if (configuration.isPresent() && configFile.isPresent()) {
      problems.add(
          at.field("configFile").text(),
          null,
          "goes with system or flake; a configuration is itself the configuration.nix",
          "keep one of them");
    }
    return new Recipe.Install.Nixos(system, closure, configFile.or(() -> configuration), channel);
  }

  /** What NixOS asks of the builder VM. */
  void hold(Recipe.Install.Nixos nixos, Recipe.Builder builder) {
    boolean built = !(nixos.system() instanceof Recipe.NixosSystem.StorePath);
    boolean fetches =
        nixos.system() instanceof Recipe.NixosSystem.Flake
            || nixos.closure().stream()
                .anyMatch(Recipe.ClosureSource.Substituter.class::isInstance);
    if (fetches && builder.network() == Recipe.Network.NONE) {
      problems.add(
          "spec.builder.network",
          "None",
          "gives the builder no network, and " + AT + " has a substituter or a flake to fetch",
          "set it to Pod");
    }
    if (built && builder.memoryBytes() < EVALUATION_LEAST) {
      problems.add(
          "spec.builder.memory",
          ByteSize.text(builder.memoryBytes()),
          "is too little to evaluate and build a NixOS",
          "make it at least " + ByteSize.text(EVALUATION_LEAST));
    }
  }

  private Recipe.NixosSystem system(FieldPath at, NixosSpec spec) {
    List<Recipe.NixosSystem> given = new ArrayList<>();
    if (spec.system() != null) {
      storePath(at.field("system"), spec.system());
      given.add(new Recipe.NixosSystem.StorePath(spec.system()));
    }
    if (spec.flake() != null) {
      if (!spec.flake().matches("[^\\s#\\x00-\\x1f\\x7f]+#[a-zA-Z0-9_][-a-zA-Z0-9_.]*")) {
        problems.add(
            at.field("flake").text(),
            spec.flake(),
            "is no flake with the name of a system",
            "write it as github:me/hosts#web");
      }
      given.add(new Recipe.NixosSystem.Flake(spec.flake()));
    }
    if (spec.configuration() != null) {
      given.add(new Recipe.NixosSystem.Configuration());
    }
    if (given.size() != 1) {
      problems.add(
          at.text(),
          null,
          "needs exactly one of system, flake, configuration; it has " + given.size(),
          "keep one of them");
      return new Recipe.NixosSystem.Configuration();
    }
    return given.get(0);
  }

  private List<Recipe.ClosureSource> closure(FieldPath at, List<NixosSpec.ClosureSource> specs) {
    List<Recipe.ClosureSource> sources = new ArrayList<>();
    List<NixosSpec.ClosureSource> given = specs == null ? List.of() : specs;
    for (int i = 0; i < given.size(); i++) {
      NixosSpec.ClosureSource spec = given.get(i);
      FieldPath item = at.item(i);
      if ((spec.payload() == null) == (spec.substituter() == null)) {
        problems.add(
            item.text(), null, "needs exactly one of payload, substituter", "keep one of them");
      } else if (spec.payload() != null) {
        sources.add(
            new Recipe.ClosureSource.InPayload(
                attachments.closure(item.field("payload"), spec.payload())));
      } else {
        sources.add(substituter(item.field("substituter"), spec.substituter()));
      }
    }
    return List.copyOf(sources);
  }

  private Recipe.ClosureSource substituter(FieldPath at, NixosSpec.Substituter spec) {
    String url = spec.url() == null ? "" : spec.url();
    if (!url.matches("https?://[^\\s/]+[^\\s]*")) {
      problems.add(
          at.field("url").text(), url, "is no web address", "begin it with http:// or https://");
    }
    List<String> keys = spec.publicKeys() == null ? List.of() : spec.publicKeys();
    for (int i = 0; i < keys.size(); i++) {
      if (!keys.get(i).matches(PUBLIC_KEY)) {
        problems.add(
            at.field("publicKeys").item(i).text(),
            keys.get(i),
            "is no public key of a binary cache",
            "write it as its owner publishes it: a name, a colon and 44 characters of base64");
      }
    }
    boolean unsigned = Boolean.TRUE.equals(spec.unsigned());
    if (unsigned != keys.isEmpty()) {
      problems.add(
          at.text(),
          null,
          unsigned
              ? "has publicKeys and takes store paths unsigned"
              : "has no publicKeys, so that no store path could be trusted",
          unsigned ? "keep one of them" : "name the cache's keys, or set unsigned: true");
    }
    return new Recipe.ClosureSource.Substituter(url, List.copyOf(keys), unsigned);
  }

  private Recipe.Channel channel(FieldPath at, NixosSpec.Channel spec) {
    boolean included = !Boolean.FALSE.equals(spec.include());
    if ((spec.payload() == null) == (spec.storePath() == null)) {
      problems.add(at.text(), null, "needs exactly one of payload, storePath", "keep one of them");
    }
    if (spec.storePath() != null) {
      storePath(at.field("storePath"), spec.storePath());
      return new Recipe.Channel(included, new Recipe.ChannelSource.StorePath(spec.storePath()));
    }
    String path = spec.subPath() == null ? "." : spec.subPath();
    attachments.relative(at.field("subPath"), path);
    return new Recipe.Channel(
        included,
        new Recipe.ChannelSource.InPayload(payload(at.field("payload"), spec.payload()), path));
  }

  private int payload(FieldPath at, PayloadSpec spec) {
    return spec == null ? -1 : attachments.payload(at, spec);
  }

  private Optional<Recipe.Source> text(FieldPath at, NixosSpec.Text spec) {
    return Optional.ofNullable(spec)
        .map(
            each ->
                attachments.script(
                    at, new ScriptSpec(each.inline(), each.configMapKeyRef(), each.path())));
  }

  private void storePath(FieldPath at, String path) {
    if (!path.matches(STORE_PATH)) {
      problems.add(
          at.text(),
          path,
          "is no store path",
          "write it as nix prints it: /nix/store/, 32 characters, a dash and a name");
    }
  }
}
