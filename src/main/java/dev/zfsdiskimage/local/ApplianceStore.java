package dev.zfsdiskimage.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zfsdiskimage.api.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Appliances in the cache, made when there is none yet. */
public final class ApplianceStore {
  private static final String SCRIPT = "build-appliance";

  private final LocalHost host;
  private final BuilderScript scripts;

  /** Keeps appliances in {@code host}'s cache. */
  public ApplianceStore(LocalHost host, ChildProcesses children) {
    this.host = host;
    this.scripts = new BuilderScript(host, new ProgramRun(children));
  }

  /** The appliance, if it was made already. */
  public Optional<Appliance> find() throws BuildFailure, InterruptedException {
    return find(key());
  }

  /**
   * The appliance, made now if need be: minutes, once.
   *
   * @param progress lines for a person
   */
  public Appliance get(Consumer<String> progress) throws BuildFailure, InterruptedException {
    String key = key();
    Optional<Appliance> made = find(key);
    return made.isPresent() ? made.get() : make(key, progress);
  }

  private Appliance make(String key, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    Path lock = appliances().resolve("." + key + ".lock");
    try {
      return CacheLock.holding(
          lock,
          () -> progress.accept("waiting: another build makes the appliance"),
          () -> {
            Optional<Appliance> made = find(key);
            return made.isPresent() ? made.get() : run(key, progress);
          });
    } catch (IOException e) {
      throw HostSpace.explain(e, host.cache(), Reason.VM_START_FAILED, "making the appliance");
    }
  }

  private Appliance run(String key, Consumer<String> progress)
      throws BuildFailure, InterruptedException {
    Path folder = appliances().resolve(key);
    scripts.run(SCRIPT, List.of(folder.toString()), progress, Reason.VM_START_FAILED);
    return find(key)
        .orElseThrow(
            () ->
                new BuildFailure(
                    Reason.VM_START_FAILED, SCRIPT + " left no appliance in " + folder));
  }

  private String key() throws BuildFailure, InterruptedException {
    return scripts.run(SCRIPT, List.of("--key"), line -> {}, Reason.VM_START_FAILED).strip();
  }

  private Path appliances() {
    return host.cache().resolve("appliance");
  }

  private Optional<Appliance> find(String key) throws BuildFailure {
    Path folder = appliances().resolve(key);
    Path manifest = folder.resolve("manifest.json");
    if (!Files.exists(manifest)) {
      return Optional.empty();
    }
    try {
      JsonNode facts = new ObjectMapper().readTree(manifest.toFile());
      return Optional.of(
          new Appliance(
              folder,
              key,
              facts.path("id").asText(),
              facts.path("zfs").asText(),
              facts.path("kernel").asText(),
              facts.path("architecture").asText()));
    } catch (IOException e) {
      throw new BuildFailure(
          Reason.VM_START_FAILED,
          manifest + " cannot be read (" + e.getMessage() + "); remove " + folder,
          e);
    }
  }
}
