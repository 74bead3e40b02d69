package dev.zfsdiskimage.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.schema.Problem;
import dev.zfsdiskimage.schema.ResourceSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestTest {
  private static final ResourceSchema SCHEMA = ResourceSchema.load();

  private static final String RESOURCE =
      """
      apiVersion: zfsdiskimage.dev/v1alpha1
      kind: ZfsDiskImage
      metadata: {name: example}
      spec:
        install: {script: {path: a.sh}}
        postBuild: {script: {path: b.sh}}
      """;

  @Test
  void resourceAndItsReferencesComeFromOneText() {
    Manifest manifest =
        read(
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: logins}
            data: {root: cGFzc3dvcmQ=}
            stringData: {keys: ssh-ed25519}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: files}
            data:
              text: |
                two
                lines
            binaryData: {bytes: AAEC}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: passed-over}
            ---
            # an empty document
            ---
            """
                + RESOURCE);

    References references = manifest.references();
    assertThat(manifest.problems()).isEmpty();
    assertThat(manifest.resource().orElseThrow().getMetadata().getName()).isEqualTo("example");
    assertThat(references.secret("logins").orElseThrow())
        .containsEntry("root", Bytes.of("password"))
        .containsEntry("keys", Bytes.of("ssh-ed25519"));
    assertThat(references.configMaps().get("files"))
        .containsEntry("text", Bytes.of("two\nlines\n"))
        .containsEntry("bytes", Bytes.of(new byte[] {0, 1, 2}));
  }

  @Test
  void filesThatARecipeNeedsAreNamed() {
    assertThat(read(RESOURCE).files()).containsExactly("a.sh", "b.sh");
  }

  @Test
  void objectsOfAnotherNamespaceAreNotReferences() {
    Manifest manifest =
        read(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: files, namespace: elsewhere}
            data: {a: b}
            ---
            """
                + RESOURCE);

    assertThat(manifest.references().configMaps()).isEmpty();
  }

  @Test
  void defaultsAreWrittenOut() {
    assertThat(read(RESOURCE).tree().at("/spec/root/pool/properties/ashift").asText())
        .isEqualTo("12");
  }

  @Test
  void lineOfAFieldIsKnown() {
    Manifest manifest = read("# a comment\n" + RESOURCE);

    assertThat(manifest.line("spec.install.script.path")).hasValue(6);
    assertThat(manifest.line("spec.root.size")).as("line of spec").hasValue(5);
  }

  @Test
  void severalResourcesAreNamed() {
    assertThat(refusal(RESOURCE + "---\n" + RESOURCE.replace("example", "other")))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.describe()).contains("2 resources", "example, other");
              assertThat(problem.line()).hasValue(8);
            });
  }

  @Test
  void textWithoutAResourceIsRefused() {
    assertThat(refusal("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"))
        .singleElement()
        .satisfies(
            problem -> assertThat(problem.describe()).contains("ConfigMap", "no resource of kind"));
    assertThat(refusal(RESOURCE.replace("kind: ZfsDiskImage", "kind: ZFSDiskImages")))
        .singleElement()
        .satisfies(problem -> assertThat(problem.remedy()).isEqualTo("did you mean ZfsDiskImage?"));
    assertThat(refusal(""))
        .singleElement()
        .satisfies(problem -> assertThat(problem.describe()).contains("empty"));
  }

  @Test
  void otherVersionIsRefused() {
    assertThat(refusal(RESOURCE.replace("v1alpha1", "v2")))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.field()).isEqualTo("apiVersion");
              assertThat(problem.line()).hasValue(1);
            });
  }

  @Test
  void keyThatStandsTwiceIsRefused() {
    assertThat(refusal(RESOURCE + "  boot: {}\n  root:\n    size: 2Gi\n    size: 3Gi\n"))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.describe())
                  .isEqualTo(
                      "line 10: spec.root.size: stands twice, first in line 9; keep one of them");
            });
  }

  @Test
  void textThatIsNoYamlIsRefusedWithItsLine() {
    assertThat(refusal("a: b\nc: [d\ne: f\n"))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.describe()).contains("no YAML");
              assertThat(problem.line()).isPresent();
            });
  }

  @Test
  void dataThatIsNoBase64IsAProblem() {
    Manifest manifest =
        read(
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: logins}
            data: {root: "not base64!"}
            ---
            """
                + RESOURCE);

    assertThat(manifest.problems())
        .extracting(Problem::describe)
        .containsExactly(
            "line 4: Secret logins: data.root: is no base64; encode it, or move it to stringData");
  }

  @Test
  void anchorsAndMergesAreRead() {
    Manifest manifest =
        read(
            """
            apiVersion: zfsdiskimage.dev/v1alpha1
            kind: ZfsDiskImage
            metadata: {name: example}
            spec:
              install: {script: {inline: "true"}}
              root:
                datasets:
                  - &base {name: tank/root, mount: /, properties: {atime: "on"}}
                  - {<<: *base, name: tank/a, mount: /a}
            """);

    assertThat(manifest.problems()).isEmpty();
    assertThat(manifest.tree().at("/spec/root/datasets/1/properties/atime").asText())
        .isEqualTo("on");
  }

  @Test
  void aliasesThatGrowWithoutEndAreRefused() {
    var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
      String alias = "*a" + (i - 1);
      text.append("a" + i + ": &a" + i + " [")
          .append(String.join(", ", List.of(alias, alias, alias, alias, alias, alias)))
          .append("]\n");
    }

    assertThat(refusal(text.toString()))
        .singleElement()
        .satisfies(problem -> assertThat(problem.describe()).contains("no YAML"));
  }

  private static Manifest read(String text) {
    return Resources.valid(Manifest.read(text, SCHEMA));
  }

  private static List<Problem> refusal(String text) {
    return Manifest.read(text, SCHEMA).problems();
  }
}
