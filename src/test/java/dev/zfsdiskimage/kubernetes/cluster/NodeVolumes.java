package dev.zfsdiskimage.kubernetes.cluster;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Volumes as folders and files of this machine. */
final class NodeVolumes {
  /** The group that Jobs' pods give their volumes to, and KubeVirt's user. */
  private static final int QEMU = 107;

  private final ApiServer api;
  private final Path folder;

  NodeVolumes(ApiServer api, Path folder) {
    this.api = api;
    this.folder = folder;
  }

  Path claim(String name) {
    return made(folder.resolve("claims").resolve(name));
  }

  /** Where a program's complaints go. */
  Path log(String name) {
    return made(folder.resolve("logs")).resolve(name + ".log");
  }

  /** A folder with what a pod's volume holds. */
  Path of(Volume volume) throws IOException {
    if (volume.getPersistentVolumeClaim() != null) {
      return claim(volume.getPersistentVolumeClaim().getClaimName());
    }
    Path scratch = made(folder.resolve("pods").resolve(UUID.randomUUID().toString()));
    if (volume.getConfigMap() != null) {
      fill(scratch, configMap(volume.getConfigMap().getName()), volume.getConfigMap().getItems());
    } else if (volume.getSecret() != null) {
      fill(scratch, secret(volume.getSecret().getSecretName()), volume.getSecret().getItems());
    } else if (volume.getEmptyDir() == null) {
      throw new IllegalStateException("this node knows no volume such as " + volume);
    }
    return scratch;
  }

  /** A ConfigMap as the ISO image that KubeVirt makes of it. */
  Path configDisk(String configMap, String label) throws IOException, InterruptedException {
    return iso(configMap(configMap), label);
  }

  /** A Secret as the ISO image that KubeVirt makes of it. */
  Path secretDisk(String secret, String label) throws IOException, InterruptedException {
    return iso(secret(secret), label);
  }

  private Path iso(Map<String, byte[]> files, String label)
      throws IOException, InterruptedException {
    Path content = made(folder.resolve("disks").resolve(UUID.randomUUID().toString()));
    fill(content, files, List.of());
    Path image = content.resolveSibling(content.getFileName() + ".iso");
    Process xorriso =
        new ProcessBuilder(
                "xorriso",
                "-as",
                "mkisofs",
                "-quiet",
                "-R",
                "-J",
                "-V",
                label,
                "-o",
                image.toString(),
                content.toString())
            .redirectErrorStream(true)
            .redirectOutput(log("xorriso").toFile())
            .start();
    if (xorriso.waitFor() != 0) {
      throw new IOException(Files.readString(log("xorriso")));
    }
    return image;
  }

  private Map<String, byte[]> configMap(String name) {
    ConfigMap map = named(ConfigMap.class, name);
    Map<String, byte[]> files = decoded(map.getBinaryData());
    if (map.getData() != null) {
      map.getData().forEach((key, text) -> files.put(key, text.getBytes(StandardCharsets.UTF_8)));
    }
    return files;
  }

  private Map<String, byte[]> secret(String name) {
    return decoded(named(Secret.class, name).getData());
  }

  private <T extends HasMetadata> T named(Class<T> kind, String name) {
    return api.list(kind).stream()
        .filter(object -> object.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("there is no " + kind + " " + name));
  }

  private static Map<String, byte[]> decoded(Map<String, String> encoded) {
    Map<String, byte[]> files = new HashMap<>();
    if (encoded != null) {
      encoded.forEach((key, text) -> files.put(key, Base64.getDecoder().decode(text)));
    }
    return files;
  }

  private static void fill(Path folder, Map<String, byte[]> files, List<KeyToPath> items)
      throws IOException {
    Map<String, String> paths =
        items == null || items.isEmpty()
            ? files.keySet().stream().collect(Collectors.toMap(key -> key, key -> key))
            : items.stream().collect(Collectors.toMap(KeyToPath::getKey, KeyToPath::getPath));
    for (Map.Entry<String, String> path : paths.entrySet()) {
      Files.write(folder.resolve(path.getValue()), files.get(path.getKey()));
    }
  }

  private static Path made(Path folder) {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
        Files.setAttribute(folder, "unix:uid", QEMU);
        Files.setAttribute(folder, "unix:gid", QEMU);
      }
      return folder;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
