package dev.zfsdiskimage.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.Format;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.schema.Problem;
import dev.zfsdiskimage.schema.ResourceSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipesTest {
  private static final ResourceSchema SCHEMA = ResourceSchema.load();
  private static final String SHA = "0123456789abcdef".repeat(4);

  @Test
  void smallestResourceGetsTheDefaultsOfThePredecessor() {
    Recipe recipe = Resources.recipe("");

    assertThat(recipe.bootBytes()).isEqualTo(1024L * 1024 * 1024);
    assertThat(recipe.rootBytes()).isEqualTo(2048L * 1024 * 1024);
    assertThat(recipe.pool())
        .isEqualTo(
            new Recipe.Pool(
                "tank",
                Map.of("ashift", "12", "autoexpand", "on"),
                Map.of(
                    "acltype", "posixacl",
                    "atime", "off",
                    "compression", "on",
                    "mountpoint", "legacy",
                    "xattr", "sa")));
    assertThat(recipe.datasets())
        .containsExactly(new Recipe.Dataset("tank/root", Map.of(), Optional.of("/"), true));
    assertThat(recipe.output().format()).isEqualTo(Format.RAW);
    assertThat(recipe.output().filePrefix()).isEqualTo("example");
    assertThat(recipe.output().storage())
        .isEqualTo(
            new Recipe.Storage(
                Optional.empty(), List.of("ReadWriteOnce"), Recipe.VolumeMode.FILESYSTEM));
    assertThat(recipe.output().revisionsToKeep()).isEqualTo(2);
    assertThat(recipe.output().onDelete()).isEqualTo(Recipe.OnDelete.DELETE);
    assertThat(recipe.builder().memoryBytes()).isEqualTo(2L * 1024 * 1024 * 1024);
    assertThat(recipe.builder().cores()).isEqualTo(2);
    assertThat(recipe.builder().network()).isEqualTo(Recipe.Network.NONE);
    assertThat(recipe.builder().timeouts())
        .isEqualTo(
            new Recipe.Timeouts(Duration.ofMinutes(5), Duration.ofHours(2), Duration.ofHours(1)));
    assertThat(recipe.builder().retries()).isEqualTo(2);
    assertThat(recipe.verify())
        .isEqualTo(new Recipe.Verify(true, Optional.empty(), Optional.empty()));
    assertThat(recipe.hash()).matches("[0-9a-f]{10}");
  }

  static Stream<Path> acceptedFixtures() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/crd/accept"))) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("acceptedFixtures")
  void defaultsWrittenOutByTheSchemaChangeNothing(Path fixture) throws IOException {
    String text = Files.readString(fixture);
    Manifest manifest = Resources.valid(Manifest.read(text, SCHEMA));
    ZfsDiskImage plain = Resources.plain(text);
    ZfsDiskImage filledIn = manifest.resource().orElseThrow();

    for (Place place : Place.values()) {
      assertThat(Recipes.read(plain, Resources.REFERENCES, place))
          .isEqualTo(Recipes.read(filledIn, Resources.REFERENCES, place));
    }
    assertThat(
            Stream.of(Place.values())
                .map(place -> Recipes.read(filledIn, Resources.REFERENCES, place).problems())
                .filter(List::isEmpty))
        .as("places where it builds")
        .isNotEmpty();
  }

  @Test
  void givenMapsReplaceTheDefaultOnesButForAshift() {
    Recipe recipe =
        Resources.recipe(
            """
            root:
              pool:
                properties: {comment: mine}
                filesystemProperties: {mountpoint: legacy}
            """);

    assertThat(recipe.pool().properties()).isEqualTo(Map.of("comment", "mine", "ashift", "12"));
    assertThat(recipe.pool().filesystemProperties()).isEqualTo(Map.of("mountpoint", "legacy"));
  }

  @Test
  void givenAshiftIsKept() {
    assertThat(Resources.recipe("root: {pool: {properties: {ashift: '0'}}}").pool().properties())
        .isEqualTo(Map.of("ashift", "0"));
  }

  @Test
  void debianIsAPayloadWithItsLoginsOnASecretDisk() {
    Recipe recipe =
        Resources.recipe(
            """
            install:
              debian:
                packages: [less]
                rootPassword: {secretKeyRef: {name: logins, key: root}}
                authorizedKeys: {secretKeyRef: {name: logins, key: keys}}
            """);

    assertThat(recipe.payloads())
        .containsExactly(
            new Recipe.Payload.DebianRoot(
                "trixie", Optional.empty(), List.of("main", "contrib"), List.of("less")));
    assertThat(recipe.secrets()).containsExactly("logins");
    assertThat(recipe.install())
        .isEqualTo(
            new Recipe.Install.Debian(
                0,
                "debian",
                Optional.of(new Recipe.Source.Secret(0, "root")),
                Optional.of(new Recipe.Source.Secret(0, "keys")),
                List.of("console=tty0", "console=ttyS0")));
  }

  @Test
  void samePayloadIsAttachedOnce() {
    Recipe recipe =
        Resources.recipe(
            """
            install: {rootfs: {payload: {path: root.tar}}}
            contents:
              - {source: {payload: {path: root.tar}, subPath: etc}, target: /old}
              - {source: {payload: {path: other.tar}}, target: /other}
            """);

    assertThat(recipe.payloads())
        .containsExactly(
            new Recipe.Payload.Path("root.tar", Optional.empty()),
            new Recipe.Payload.Path("other.tar", Optional.empty()));
    assertThat(recipe.contents())
        .extracting(Recipe.Content::source)
        .containsExactly(
            new Recipe.Source.InPayload(0, "etc"), new Recipe.Source.InPayload(1, "."));
  }

  @Test
  void scriptComesFromWhereTheResourceSays() {
    assertThat(script("install: {script: {inline: 'exit 7'}}")).isEqualTo("exit 7");
    assertThat(script("install: {script: {configMapKeyRef: {name: files, key: install.sh}}}"))
        .isEqualTo("true");
    assertThat(script("install: {script: {path: install.sh}}")).isEqualTo("echo installing");
  }

  private static String script(String spec) {
    Recipe.Install.Script script = (Recipe.Install.Script) Resources.recipe(spec).install();
    return new String(((Recipe.Source.Inline) script.source()).bytes().toArray());
  }

  @Test
  void contentsKeepTheirOrderAndAttributes() {
    Recipe recipe =
        Resources.recipe(
            """
            contents:
              - {source: {inline: b}, target: /b, mode: "0755", owner: "1000:100"}
              - {source: {configMap: {name: files, key: a}}, target: /a}
              - {source: {secret: {name: logins, key: root}}, target: /s}
            """);

    assertThat(recipe.contents())
        .containsExactly(
            new Recipe.Content(
                new Recipe.Source.Inline(Bytes.of("b")),
                "/b",
                Optional.of("0755"),
                Optional.of("1000:100")),
            new Recipe.Content(
                new Recipe.Source.Inline(Bytes.of("content of a")),
                "/a",
                Optional.empty(),
                Optional.empty()),
            new Recipe.Content(
                new Recipe.Source.Secret(0, "root"), "/s", Optional.empty(), Optional.empty()));
  }

  @Test
  void verificationsAreTakenOver() {
    assertThat(
            Resources.recipe("verify: {scrub: false, boot: {timeout: 90s}, grow: {by: 1Gi}}")
                .verify())
        .isEqualTo(
            new Recipe.Verify(
                false,
                Optional.of(
                    new Recipe.Boot(
                        List.of(Firmware.BIOS, Firmware.UEFI), "login:", Duration.ofSeconds(90))),
                Optional.of(new Recipe.Grow(1024L * 1024 * 1024))));
  }

  @Test
  void allProblemsAreSaidAtOnce() {
    assertThat(
            Resources.problems(
                """
                boot: {size: 1Mi}
                root: {size: 2GB, pool: {name: mirror}, datasets: [{name: mirror/a, mount: /boot}]}
                install: {debian: {}, script: {inline: a}}
                contents: [{source: {}, target: a}]
                builder: {memory: 1Mi, timeouts: {start: soon}}
                verify: {grow: {by: 1Mi}}
                """))
        .extracting(Problem::field)
        .contains(
            "spec.boot.size",
            "spec.root.size",
            "spec.root.pool.name",
            "spec.root.datasets[0].mount",
            "spec.install",
            "spec.contents[0].source",
            "spec.contents[0].target",
            "spec.builder.memory",
            "spec.builder.timeouts.start",
            "spec.verify.grow.by",
            "spec.verify.grow");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "boot: {size: 63Mi} | spec.boot.size | too small",
        "boot: {size: 3Ti} | spec.boot.size | more than a FAT file system holds",
        "boot: {size: 1G} | spec.boot.size | is no size",
        "{boot: {size: 128Mi}, install: {debian: {}}} | spec.boot.size | at least 256Mi",
        "root: {size: 79Mi} | spec.root.size | at least 80Mi",
        "{root: {size: 256Mi}, install: {debian: {}}} | spec.root.size | at least 512Mi",
        "builder: {memory: 256Mi} | spec.builder.memory | at least 512Mi",
        "builder: {timeouts: {save: 0s}} | spec.builder.timeouts.save | is no duration",
        "builder: {timeouts: {start: 3h}} | spec.builder.timeouts.start | longer than the whole build",
        "output: {format: vpc}\\nroot: {size: 3Ti} | spec.root.size | more than a vpc image holds",
        "output: {format: vdi, storage: {volumeMode: Block}} | spec.output.storage.volumeMode | takes a raw disk",
        "output: {filePrefix: ../a} | spec.output.filePrefix | can't begin a file's name",
        "output: {labels: {zfsdiskimage.dev/part: boot}} | spec.output.labels[zfsdiskimage.dev/part] | sets itself",
        "output: {labels: {kubevirt.io/size: a}} | spec.output.labels[kubevirt.io/size] | sets itself",
        "output: {labels: {app.kubernetes.io/managed-by: me}} | spec.output.labels[app.kubernetes.io/managed-by] | sets itself",
        "output: {labels: {two words: a}} | spec.output.labels[two words] | is no key of a label",
        "output: {labels: {Web.example/team: a}} | spec.output.labels[Web.example/team] | is no key of a label",
        "output: {labels: {a/b/c: a}} | spec.output.labels[a/b/c] | is no key of a label",
        "output: {labels: {team: -a}} | spec.output.labels.team | is no value of a label",
        "install: {} | spec.install | exactly one of nixos, debian, rootfs, script; it has none",
        "install: {debian: {components: [main]}} | spec.install.debian.components | contrib",
        "install: {debian: {hostname: a_b}} | spec.install.debian.hostname | is no host name",
        "install: {debian: {kernelArguments: [a b]}} | spec.install.debian.kernelArguments[0] | not one kernel argument",
        "install: {debian: {rootPassword: {}}} | spec.install.debian.rootPassword.secretKeyRef | is missing",
        "install: {rootfs: {}} | spec.install.rootfs.payload | exactly one of image, volumeClaim, http, path",
        "install: {rootfs: {payload: {http: {url: 'http://a/b', sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}, path: b}}} | spec.install.rootfs.payload | it has 2",
        "install: {rootfs: {payload: {http: {url: 'http://a/b', sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}, sha256: b}}} | spec.install.rootfs.payload.sha256 | goes with path only",
        "install: {rootfs: {payload: {http: {url: 'file:///a', sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}}}} | spec.install.rootfs.payload.http.url | no web address",
        "install: {rootfs: {payload: {http: {url: 'http://a', sha256: b}}}} | spec.install.rootfs.payload.http.sha256 | no SHA-256",
        "install: {rootfs: {payload: {path: a, sha256: B}}} | spec.install.rootfs.payload.sha256 | no SHA-256",
        "install: {script: {}} | spec.install.script | exactly one of inline, configMapKeyRef, path",
        "{install: {rootfs: {payload: {path: a}, bootloader: none}}, verify: {boot: {}}} | spec.verify.boot.firmware | nothing writes BIOS boot code",
        "verify: {boot: {firmware: [bios, bios]}} | spec.verify.boot.firmware | one twice",
        "verify: {boot: {timeout: ''}} | spec.verify.boot.timeout | is no duration",
        "verify: {grow: {by: 1Gi}} | spec.verify.grow | needs spec.verify.boot",
        "contents: [{target: /a}] | spec.contents[0].source | exactly one of inline, configMap, secret, payload",
        "contents: [{source: {inline: a}}] | spec.contents[0].target | is not absolute",
        "contents: [{source: {inline: a}, target: /}] | spec.contents[0].target | the source is one file",
        "contents: [{source: {inline: a}, target: /a/../b}] | spec.contents[0].target | has . or .. in it",
        "contents: [{source: {inline: a}, target: /a//b}] | spec.contents[0].target | write /a/b",
        "contents: [{source: {inline: a}, target: /dev/a}] | spec.contents[0].target | belong to the kernel",
        "contents: [{source: {inline: a}, target: /a, mode: '888'}] | spec.contents[0].mode | are no permissions",
        "contents: [{source: {inline: a}, target: /a, owner: root}] | spec.contents[0].owner | write user:group",
        "contents: [{source: {inline: a, subPath: b}, target: /a}] | spec.contents[0].source.subPath | there is none",
        "contents: [{source: {payload: {path: a}, subPath: /b}, target: /a}] | spec.contents[0].source.subPath | no path inside",
        "contents: [{source: {payload: {path: a}, subPath: b/../../c}, target: /a}] | spec.contents[0].source.subPath | without ..",
      })
  void ruleSaysFieldAndRemedy(String spec, String field, String says) {
    assertThat(Resources.problems(spec.replace("\\n", "\n")))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.field()).isEqualTo(field);
              assertThat(problem.describe()).contains(says);
              assertThat(problem.remedy()).isNotBlank();
              assertThat(problem.reason()).isEqualTo(Reason.INVALID_SPEC);
            });
  }

  @Test
  void labelsThatKubernetesTakesAreTaken() {
    Recipe recipe =
        Resources.recipe(
            "output: {labels: {instancetype.kubevirt.io/default-instancetype: u1.medium, team: ''}}");

    assertThat(recipe.output().labels())
        .isEqualTo(
            Map.of("instancetype.kubevirt.io/default-instancetype", "u1.medium", "team", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "install: {script: {configMapKeyRef: {name: none, key: a}}} | spec.install.script.configMapKeyRef.name | no ConfigMap of this name",
        "install: {script: {configMapKeyRef: {name: files, key: b}}} | spec.install.script.configMapKeyRef.key | it has a, install.sh",
        "install: {script: {path: other.sh}} | spec.install.script.path | no readable file",
        "contents: [{source: {secret: {name: none, key: a}}, target: /a}] | spec.contents[0].source.secret.name | no Secret of this name",
        "contents: [{source: {secret: {name: logins, key: a}}, target: /a}] | spec.contents[0].source.secret.key | it has keys, root",
      })
  void missingReferenceIsNamed(String spec, String field, String says) {
    assertThat(Resources.problems(spec))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.field()).isEqualTo(field);
              assertThat(problem.describe()).contains(says);
              assertThat(problem.reason()).isEqualTo(Reason.REFERENCE_NOT_FOUND);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "install: {script: {path: install.sh}}",
        "install: {rootfs: {payload: {path: root.tar}}}"
      })
  void filesOfOneMachineAreRefusedInACluster(String spec) {
    assertThat(Resources.problems(spec)).isEmpty();
    assertThat(Resources.read(spec, Place.CLUSTER).problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.field()).endsWith(".path");
              assertThat(problem.describe()).contains("a cluster can't see");
            });
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void imageIsAPayloadInEveryPlace(Place place) {
    String spec = "install: {rootfs: {payload: {image: \"registry.example/root:1\"}}}";

    assertThat(Resources.read(spec, place).problems()).isEmpty();
  }

  @Test
  void claimIsRefusedOnOneMachine() {
    String spec =
        "install: {rootfs: {payload: {volumeClaim: {claimName: roots, path: root.squashfs}}}}";

    assertThat(Resources.read(spec, Place.CLUSTER).problems()).isEmpty();
    assertThat(Resources.problems(spec))
        .singleElement()
        .satisfies(problem -> assertThat(problem.describe()).contains("one machine does not have"));
  }

  @Test
  void secretNeedNotBeKnownInACluster() {
    String spec = "contents: [{source: {secret: {name: elsewhere, key: a}}, target: /a}]";

    assertThat(Resources.read(spec, Place.CLUSTER).problems()).isEmpty();
  }

  @Test
  void moreTextThanAConfigDiskHoldsIsRefused() {
    String spec = "contents: [{source: {inline: '" + "x".repeat(800_000) + "'}, target: /a}]";

    assertThat(Resources.problems(spec))
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.describe()).contains("move the larger ones to a payload"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Web", "web.example", "-web", "a-name-that-is-longer-than-forty-characters"})
  void nameThatFitsNoLabelIsRefused(String name) {
    ZfsDiskImage resource = Resources.resource("");
    resource.getMetadata().setName(name);

    assertThat(Recipes.read(resource, References.NONE, Place.CLUSTER).problems())
        .extracting(Problem::field)
        .containsExactly("metadata.name");
  }

  @Test
  void resourceWithoutSpecIsRefused() {
    assertThat(Recipes.read(new ZfsDiskImage(), References.NONE, Place.CLUSTER).problems())
        .extracting(Problem::field)
        .containsExactly("spec");
  }

  @Test
  void schemaAndRulesSpeakTogetherWithLines() {
    String text =
        Resources.text(
            """
            boot: {size: 1Mi}
            rooot: {}
            root:
              datasets:
                - name: tank/root
                  mount: /
                - name: tank/a
                  mount: etc
            """);
    Manifest manifest = Resources.valid(Manifest.read(text, SCHEMA));

    Checked<Recipe> recipe = Recipes.read(manifest, Map.of(), Place.ONE_MACHINE);

    assertThat(recipe.problems())
        .extracting(problem -> problem.line().orElse(0) + " " + problem.field())
        .containsExactly("5 spec.boot.size", "6 spec.rooot", "12 spec.root.datasets[1].mount");
  }

  @Test
  void payloadByHttpKeepsItsHash() {
    assertThat(
            Resources.recipe(
                    "install: {rootfs: {payload: {http: {url: 'https://a.example/r', sha256: "
                        + SHA
                        + "}}}}")
                .payloads())
        .containsExactly(new Recipe.Payload.Http("https://a.example/r", SHA));
  }
}
