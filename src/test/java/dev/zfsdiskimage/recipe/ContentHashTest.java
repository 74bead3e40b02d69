package dev.zfsdiskimage.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ZfsDiskImage;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentHashTest {
  private static final String BASE =
      """
      root:
        datasets:
          - {name: tank/root, mount: /, properties: {atime: "on", exec: "on"}}
          - {name: tank/home, mount: /home}
      install: {script: {configMapKeyRef: {name: files, key: install.sh}}}
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        // maps and the list of datasets in another order
        """
        install: {script: {configMapKeyRef: {key: install.sh, name: files}}}
        root:
          datasets:
            - {mount: /home, name: tank/home}
            - {properties: {exec: "on", atime: "on"}, name: tank/root, mount: /}
        """,
        // defaults written out
        BASE + "boot: {size: 1Gi}\noutput: {format: raw}\nbuilder: {network: None}\n",
        BASE + "boot: {size: 1024Mi}\n",
        BASE + "output: {filePrefix: example}\n",
        // what changes no image
        BASE + "builder: {timeouts: {build: 9h}, retries: 9, cores: 9, memory: 9Gi}\n",
        BASE + "builder: {nodeSelector: {a: b}, tolerations: [{key: a, value: b}]}\n",
        BASE + "output: {revisionsToKeep: 9, onDelete: Retain}\n",
        BASE + "output: {labels: {team: web}}\n",
        BASE + "suspend: true\n",
        BASE + "verify: {boot: {}}\n",
      })
  void staysTheSame(String spec) {
    assertThat(hash(spec)).isEqualTo(hash(BASE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        BASE + "boot: {size: 2Gi}\n",
        BASE + "contents: [{source: {inline: a}, target: /a}]\n",
        BASE + "output: {format: qcow2}\n",
        BASE + "output: {filePrefix: other}\n",
        BASE + "output: {storage: {storageClassName: fast}}\n",
        BASE + "postBuild: {script: {inline: a}}\n",
        BASE + "builder: {image: mine}\n",
        BASE + "builder: {network: Pod}\n",
        BASE + "rebuild: again\n",
        """
        root:
          datasets:
            - {name: tank/root, mount: /, properties: {atime: "on", exec: "off"}}
            - {name: tank/home, mount: /home}
        install: {script: {configMapKeyRef: {name: files, key: install.sh}}}
        """,
      })
  void changes(String spec) {
    assertThat(hash(spec)).isNotEqualTo(hash(BASE));
  }

  @Test
  void metadataDoesNotCount() {
    ZfsDiskImage renamed = Resources.resource(BASE);
    renamed.getMetadata().setName("other");
    renamed.getMetadata().setLabels(Map.of("a", "b"));

    Recipe recipe = Resources.valid(Recipes.read(renamed, Resources.REFERENCES, Place.ONE_MACHINE));

    assertThat(recipe.hash()).isEqualTo(hash(BASE));
  }

  @Test
  void contentOfAConfigMapCounts() {
    var changed =
        new References(
            Map.of("files", Map.of("install.sh", Bytes.of("false"))), Map.of(), Map.of());

    assertThat(hash(BASE, changed)).isNotEqualTo(hash(BASE));
  }

  @Test
  void contentOfTheSecretsKeyCountsAndOfOtherKeysDoesNot() {
    String spec = "contents: [{source: {secret: {name: logins, key: root}}, target: /a}]";

    assertThat(hash(spec, logins("changed", "ssh-ed25519 A"))).isNotEqualTo(hash(spec));
    assertThat(hash(spec, logins("password", "changed"))).isEqualTo(hash(spec));
  }

  @Test
  void digestOfASecretCountsAsTheSecretDoes() {
    String spec = "contents: [{source: {secret: {name: logins, key: root}}, target: /a}]";
    String digest = SecretDigests.digest("logins", "root", Bytes.of("password"));
    References digests =
        new References(
            Map.of(),
            Map.of(),
            Optional.of(new SecretDigests(Map.of("logins", Map.of("root", digest)))),
            Map.of());

    assertThat(hash(spec, digests)).isEqualTo(hash(spec));
    assertThat(digests.toString()).contains("logins").doesNotContain(digest);
  }

  @Test
  void staysTheSameFromReleaseToRelease() {
    // When this changes, every image in every cluster is built again: say so in the changelog.
    assertThat(hash("")).isEqualTo("741afbeefa");
  }

  private static References logins(String root, String keys) {
    return new References(
        Map.of(),
        Map.of("logins", Map.of("root", Bytes.of(root), "keys", Bytes.of(keys))),
        Map.of());
  }

  private static String hash(String spec) {
    return hash(spec, Resources.REFERENCES);
  }

  private static String hash(String spec, References references) {
    return Resources.valid(Recipes.read(Resources.resource(spec), references, Place.ONE_MACHINE))
        .hash();
  }
}
