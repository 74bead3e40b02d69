package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ConditionType;
import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.api.ZfsDiskImageStatus;
import dev.zfsdiskimage.engine.Failure;
import dev.zfsdiskimage.kubernetes.cluster.NodeImages;
import dev.zfsdiskimage.kubernetes.cluster.QemuNode;
import dev.zfsdiskimage.manifest.ImageManifest;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The operator on a cluster whose VMs really run in QEMU and whose Jobs really run in the tools
 * image. What it leaves in the claims is looked at by others: {@code
 * e2e/scenarios/55-operator-on-qemu.sh} starts this test, with the unpacked OCI images in the
 * folder that the system property {@code zdi.node} names, and then reads the disks.
 */
@Tag("qemu")
class OperatorOnQemuTest {
  private static final Path NODE = Path.of(System.getProperty("zdi.node", "node"));

  /** Debian is installed and booted in emulation, perhaps on a busy machine. */
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  /**
   * QEMU 7.2's emulation of several CPUs goes wrong once in a while: a kernel panics, is reset
   * before it has said so, or QEMU itself crashes. That is not what is tested here, and the
   * operator tries again.
   */
  private static final Set<Reason> FAULTS_OF_EMULATION =
      Set.of(
          Reason.GUEST_PANICKED, Reason.GUEST_STOPPED_EARLY, Reason.GUEST_SILENT, Reason.VM_KILLED);

  private final TestCluster cluster = new TestCluster(PATIENCE);
  private QemuNode node;

  @BeforeEach
  void start() {
    node =
        new QemuNode(
            cluster.api,
            NODE.toAbsolutePath(),
            new NodeImages(
                Map.of(
                    "registry.example/builder:1", NODE.resolve("builder").toAbsolutePath(),
                    "registry.example/tools:1", NODE.resolve("tools").toAbsolutePath(),
                    "registry.example/debian:1", NODE.resolve("debian").toAbsolutePath(),
                    "registry.example/rootfs:1", NODE.resolve("rootfs").toAbsolutePath())));
    node.serve(cluster.kubevirt, List.of("build", "check", "bios"), List.of("prepare", "save"));
  }

  @AfterEach
  void close() {
    node.close();
    cluster.close();
  }

  @Test
  void scriptBecomesCompressedImagesThatPostBuildSees() throws Exception {
    ZfsDiskImageStatus status =
        built(
            """
            apiVersion: zfsdiskimage.dev/v1alpha1
            kind: ZfsDiskImage
            metadata: {name: script, namespace: images}
            spec:
              boot: {size: 64Mi}
              root:
                size: 256Mi
                datasets:
                - {name: tank/root, mount: /}
                - {name: tank/data, mount: /srv/data, properties: {compression: zstd}}
              install:
                script:
                  inline: |
                    mkdir -p /mnt/etc
                    seq 1 200000 >/mnt/srv/data/numbers
                    echo hello from the ESP >/mnt/boot/hello.txt
              output: {format: qcow2-compressed, filePrefix: web}
              builder: {cores: 1}
              postBuild:
                script:
                  inline: |
                    qemu-img info -f qcow2 --output=json "$rootDiskImage" >"$out/root.json"
            """);

    assertThat(status.images().root().path()).isEqualTo("web.root.qcow2");
    assertThat(status.images().root().virtualBytes()).isEqualTo(256L << 20);
    Path out = node.claim(status.images().root().claim());
    assertThat(out.resolve("root.json")).content().contains("\"format\": \"qcow2\"");
    assertThat(out.resolve("SHA256SUMS"))
        .content()
        .contains(status.images().boot().sha256(), status.images().root().sha256());
    ImageManifest manifest = ImageManifest.parse(Files.readString(out.resolve("manifest.json")));
    assertThat(manifest.images().root())
        .isEqualTo(
            new ImageManifest.Image(
                status.images().root().claim(),
                "web.root.qcow2",
                "qcow2",
                256L << 20,
                Files.size(out.resolve("web.root.qcow2")),
                status.images().root().storedBytes(),
                status.images().root().sha256()));
    assertThat(manifest.pool().guid()).isEqualTo(status.pool().guid());
    handOver("script", status);
  }

  @Test
  void rootFileSystemOutOfAnImageBecomesRawDisks() throws Exception {
    ZfsDiskImageStatus status =
        built(
            """
            apiVersion: zfsdiskimage.dev/v1alpha1
            kind: ZfsDiskImage
            metadata: {name: rootfs, namespace: images}
            spec:
              boot: {size: 64Mi}
              root: {size: 256Mi}
              install: {rootfs: {payload: {image: "registry.example/rootfs:1"}, bootloader: none}}
              builder: {cores: 1}
            """);

    assertThat(status.images().boot().path()).isEqualTo("disk.img");
    assertThat(status.images().boot().virtualBytes()).isEqualTo(64L << 20);
    assertThat(status.images().root().claim()).isNotEqualTo(status.images().boot().claim());
    handOver("rootfs", status);
  }

  @Test
  void debianIsBootedToItsLoginPrompt() throws Exception {
    ZfsDiskImageStatus status =
        built(
            """
            apiVersion: zfsdiskimage.dev/v1alpha1
            kind: ZfsDiskImage
            metadata: {name: debian, namespace: images}
            spec:
              install: {debian: {}}
              verify: {boot: {firmware: [bios], expect: "login:", timeout: 15m}}
            """);

    assertThat(TestCluster.condition(status, ConditionType.VERIFIED).orElseThrow().status())
        .isEqualTo(ZfsDiskImageStatus.Status.TRUE);
    assertThat(cluster.kubevirt.started("bios")).isEqualTo(1);
    handOver("debian", status);
  }

  private ZfsDiskImageStatus built(String resource) {
    ZfsDiskImage image = Serialization.unmarshal(resource, ZfsDiskImage.class);
    cluster.startOperator();
    cluster.apply(image);
    // One after the other: each has its own time to come.
    for (ConditionType type :
        List.of(
            ConditionType.DISKS_PROVISIONED,
            ConditionType.PARTITIONED,
            ConditionType.POOL_CREATED,
            ConditionType.INSTALLED,
            ConditionType.EXPORTED)) {
      cluster.await(image.getMetadata().getName(), status -> isTrueOrOver(status, type));
    }
    ZfsDiskImageStatus status = cluster.awaitPhase(image.getMetadata().getName(), Phase.READY);
    for (Failure failure : cluster.failedTries()) {
      System.out.println("a try failed: " + failure);
    }
    assertThat(cluster.failures())
        .as("failed tries %s", cluster.failedTries())
        .isSubsetOf(FAULTS_OF_EMULATION);
    assertThat(status.pool().guid()).matches("[0-9]{5,20}");
    return status;
  }

  private static boolean isTrueOrOver(ZfsDiskImageStatus status, ConditionType type) {
    return status.phase() == Phase.FAILED
        || TestCluster.condition(status, type)
            .filter(condition -> condition.status() == ZfsDiskImageStatus.Status.TRUE)
            .isPresent();
  }

  /** For the scenario, which knows other programs. */
  private static void handOver(String name, ZfsDiskImageStatus status) throws Exception {
    Files.writeString(NODE.resolve(name + ".status.json"), Serialization.asJson(status));
  }
}
