package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.zfsdiskimage.api.Firmware;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.kubernetes.cluster.ObjectSchemas;
import dev.zfsdiskimage.recipe.Place;
import dev.zfsdiskimage.recipe.Recipe;
import dev.zfsdiskimage.recipe.Recipes;
import dev.zfsdiskimage.recipe.References;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.ship.Golden;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every object of a build, to the letter: what changes in one of them is seen in the file beside
 * this test, and that file is what the real schemas are asked about.
 */
class GoldenObjectsTest {
  private static final Settings SETTINGS =
      new Settings(
          "registry.example/builder:1",
          "registry.example/tools:1",
          Optional.of("registry.example/debian:1"),
          "IfNotPresent",
          true,
          true,
          false,
          Optional.of("fast"),
          0.055,
          10,
          5);

  /** Asks for everything that adds an object, a volume or a container. */
  private static final String EVERYTHING =
      """
      apiVersion: zfsdiskimage.dev/v1alpha1
      kind: ZfsDiskImage
      metadata: {name: web, namespace: images}
      spec:
        install:
          rootfs:
            payload: {image: "registry.example/rootfs:1"}
            bootloader: grub
        contents:
          - source:
              payload:
                http:
                  url: https://example.com/site.tar
                  sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
            target: /srv/site
          - source: {payload: {volumeClaim: {claimName: media, path: films/all.tar}}}
            target: /srv/films
          - source: {payload: {volumeClaim: {claimName: whole, path: disk.img}}}
            target: /srv/whole
          - source: {secret: {name: keys, key: host}}
            target: /etc/host
            mode: "0600"
        output: {format: qcow2-compressed, filePrefix: web}
        postBuild: {script: {inline: "ls $out"}}
        builder:
          network: Pod
          imagePullSecret: pull
          nodeSelector: {disk: ssd}
          tolerations: [{key: build, operator: Exists, effect: NoSchedule}]
        verify: {boot: {expect: Multi-User System}, grow: {by: 1Gi}}
      """;

  private static final String PLAIN =
      """
      apiVersion: zfsdiskimage.dev/v1alpha1
      kind: ZfsDiskImage
      metadata: {name: web, namespace: images}
      spec:
        install: {debian: {hostname: web}}
        output: {storage: {volumeMode: Block}}
        verify: {boot: {firmware: [uefi, bios], expect: Multi-User System}, grow: {by: 512Mi}}
      """;

  private static final String NIXOS =
      """
      apiVersion: zfsdiskimage.dev/v1alpha1
      kind: ZfsDiskImage
      metadata: {name: web, namespace: images}
      spec:
        install:
          nixos:
            system: /nix/store/0123456789abcdfghijklmnpqrsvwxyz-nixos-system-web-25.11
            closure:
              - payload: {image: "registry.example/closure:1"}
              - payload: {volumeClaim: {claimName: closures, path: web/closure.tar.zst}}
      """;

  private record Written(String file, HasMetadata object) {
    @Override
    public String toString() {
      return file;
    }
  }

  static Stream<Written> objects() {
    return Stream.of(
            of("everything", EVERYTHING).stream(),
            of("debian-block", PLAIN).stream(),
            of("nixos", NIXOS).stream())
        .flatMap(each -> each);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("objects")
  void objectIsTheOneInItsFileAndHoldsTheRealSchema(Written written) throws IOException {
    Golden.assertSame(
        Path.of("src/test/resources/kubernetes", written.file() + ".yaml"),
        Serialization.asYaml(written.object()));

    JsonNode json = new ObjectMapper().valueToTree(written.object());
    ObjectSchemas.read().ifPresent(schemas -> assertThat(schemas.problems(json)).isEmpty());
  }

  private static List<Written> of(String name, String yaml) {
    Recipe recipe = recipe(yaml);
    Attempt attempt = new Revision("images", "web", "uid", "0123456789").attempt(1);
    Claims claims = new Claims(recipe, SETTINGS);
    Jobs jobs = new Jobs(recipe, SETTINGS);
    VirtualMachines machines = new VirtualMachines(recipe, SETTINGS);
    Stream<? extends HasMetadata> objects =
        Stream.of(
                claims.disks(attempt).stream(),
                Claims.hasOut(recipe)
                    ? Stream.of(claims.out(attempt))
                    : Stream.<HasMetadata>empty(),
                claims.payloads(attempt).stream(),
                Jobs.prepares(recipe)
                    ? Stream.of(jobs.prepare(attempt))
                    : Stream.<HasMetadata>empty(),
                Jobs.fetches(recipe) ? Stream.of(jobs.fetch(attempt)) : Stream.<HasMetadata>empty(),
                jobs.saveScript(attempt, 1).stream(),
                Stream.of(
                    machines.build(attempt),
                    machines.check(attempt, 1),
                    jobs.save(attempt, 1, new Manifests(recipe, SETTINGS).planned(attempt)),
                    machines.verify(attempt, Firmware.BIOS, 1),
                    machines.verify(attempt, Firmware.UEFI, 1)),
                recipe.verify().grow().isPresent()
                    ? Stream.of(
                        claims.larger(attempt, 1),
                        jobs.larger(attempt, 1),
                        machines.grow(attempt, 1),
                        machines.grown(attempt, 1))
                    : Stream.<HasMetadata>empty())
            .flatMap(each -> each);
    return objects
        .map(
            object ->
                new Written(
                    name
                        + "/"
                        + object
                            .getMetadata()
                            .getName()
                            .replace(attempt.revision().prefix() + "-1-", "")
                        + "-"
                        + object.getKind().toLowerCase(java.util.Locale.ROOT),
                    (HasMetadata) object))
        .toList();
  }

  private static Recipe recipe(String yaml) {
    ZfsDiskImage resource = Serialization.unmarshal(yaml, ZfsDiskImage.class);
    Checked<Recipe> recipe = ClusterRules.recipe(resource, References.NONE, SETTINGS);
    assertThat(recipe.problems()).isEmpty();
    assertThat(Recipes.read(resource, References.NONE, Place.CLUSTER)).isEqualTo(recipe);
    return ((Checked.Valid<Recipe>) recipe).value();
  }
}
