package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.recipe.References;
import dev.zfsdiskimage.schema.Problem;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a resource may ask for that this operator cannot do is told before anything is made. */
class ClusterRulesTest {
  private static final String ROOTFS =
      "install: {rootfs: {payload: {image: \"registry.example/rootfs:1\"}}}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          suite: bookworm                                  | spec.install.debian.suite
          packages: [nginx]                                | spec.install.debian.packages
          mirror: "https://mirror.example/debian"          | spec.install.debian.mirror
          components: [main, contrib, non-free-firmware]   | spec.install.debian.components
          """)
  void debianIsTheOneOfTheFinishedImage(String choice, String field) {
    List<Problem> problems =
        problems("install: {debian: {" + choice + "}}", settings(Optional.of("debian:1")));

    assertThat(problems).extracting(Problem::field).containsExactly(field);
    assertThat(problems.get(0).describe()).contains("from a finished image");
  }

  @Test
  void plainDebianIsFine() {
    assertThat(problems("install: {debian: {}}", settings(Optional.of("debian:1")))).isEmpty();
  }

  @Test
  void debianNeedsItsImage() {
    List<Problem> problems = problems("install: {debian: {}}", settings(Optional.empty()));

    assertThat(problems)
        .singleElement()
        .extracting(Problem::describe)
        .asString()
        .contains("zdi.debian-image");
  }

  @Test
  void loginPromptIsSomethingToBootTo() {
    assertThat(
            problems(
                ROOTFS + "\n  verify: {boot: {}, grow: {by: 1Gi}}", settings(Optional.empty())))
        .isEmpty();
  }

  @Test
  void sampleThatIsTriedOutIsFineInAClusterAsItIs() throws IOException {
    String sample = Files.readString(Path.of("operator/samples/debian-verified.yaml"));
    ZfsDiskImage resource = Serialization.unmarshal(sample.split("\n---\n")[1], ZfsDiskImage.class);

    assertThat(
            ClusterRules.recipe(resource, References.NONE, settings(Optional.of("debian:1")))
                .problems())
        .isEmpty();
  }

  private static List<Problem> problems(String spec, Settings settings) {
    ZfsDiskImage resource =
        Serialization.unmarshal(
            """
            apiVersion: zfsdiskimage.dev/v1alpha1
            kind: ZfsDiskImage
            metadata: {name: web, namespace: images}
            spec:
              %s
            """
                .formatted(spec),
            ZfsDiskImage.class);
    return ClusterRules.recipe(resource, References.NONE, settings).problems();
  }

  private static Settings settings(Optional<String> debianImage) {
    return new Settings(
        "registry.example/builder:1",
        "registry.example/tools:1",
        debianImage,
        "IfNotPresent",
        true,
        true,
        false,
        Optional.empty(),
        0.055,
        10,
        5);
  }
}
