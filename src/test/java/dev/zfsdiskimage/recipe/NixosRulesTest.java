package dev.zfsdiskimage.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.schema.Problem;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NixosRulesTest {
  private static final String SYSTEM = "/nix/store/" + "0".repeat(32) + "-nixos-system-web-24.11";
  private static final String KEY = "cache-1:" + "A".repeat(43) + "=";

  @Test
  void systemComesFromItsSourcesInTheirOrder() {
    Recipe recipe =
        Resources.recipe(
            """
            install:
              nixos:
                system: %s
                closure:
                  - {payload: {path: closure.nar}}
                  - {substituter: {url: "https://cache.example", publicKeys: ["%s"]}}
                  - {substituter: {url: "http://10.0.2.2:80", unsigned: true}}
                configFile: {path: install.sh}
                channel: {payload: {path: nixpkgs}, subPath: src}
            builder: {network: Pod}
            """
                .formatted(SYSTEM, KEY));

    assertThat(recipe.install())
        .isEqualTo(
            new Recipe.Install.Nixos(
                new Recipe.NixosSystem.StorePath(SYSTEM),
                List.of(
                    new Recipe.ClosureSource.InPayload(0),
                    new Recipe.ClosureSource.Substituter(
                        "https://cache.example", List.of(KEY), false),
                    new Recipe.ClosureSource.Substituter("http://10.0.2.2:80", List.of(), true)),
                Optional.of(new Recipe.Source.Inline(Bytes.of("echo installing"))),
                Optional.of(
                    new Recipe.Channel(true, new Recipe.ChannelSource.InPayload(1, "src")))));
    assertThat(recipe.payloads())
        .containsExactly(
            new Recipe.Payload.NixClosure("closure.nar", Optional.empty()),
            new Recipe.Payload.Path("nixpkgs", Optional.empty()));
  }

  @Test
  void configurationIsItsOwnConfigFile() {
    Recipe recipe =
        Resources.recipe(
            """
            install:
              nixos:
                configuration: {path: install.sh}
                channel: {include: false, payload: {path: nixpkgs}}
            builder: {memory: 4Gi}
            """);

    Recipe.Install.Nixos nixos = (Recipe.Install.Nixos) recipe.install();
    assertThat(nixos.system()).isEqualTo(new Recipe.NixosSystem.Configuration());
    assertThat(nixos.configFile()).contains(new Recipe.Source.Inline(Bytes.of("echo installing")));
    assertThat(nixos.channel().orElseThrow().included()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | spec.install.nixos | exactly one of system, flake, configuration; it has 0",
        "{system: SYSTEM} | spec.install.nixos.closure | a system needs its closure",
        "{system: /nix/store/web, closure: [{payload: {path: a}}]} | spec.install.nixos.system | no store path",
        "{system: SYSTEM, closure: [{}]} | spec.install.nixos.closure[0] | exactly one of payload, substituter",
        "{flake: 'github:me/hosts'} | spec.install.nixos.flake | no flake with the name of a system",
        "{configuration: {path: install.sh}} | spec.install.nixos.channel | built with its nixpkgs",
        "{flake: 'a#b', channel: {}} | spec.install.nixos.channel | exactly one of payload, storePath",
        "{flake: 'a#b', closure: [{substituter: {url: 'ftp://a', unsigned: true}}]} | spec.install.nixos.closure[0].substituter.url | no web address",
        "{flake: 'a#b', closure: [{substituter: {url: 'http://a'}}]} | spec.install.nixos.closure[0].substituter | no publicKeys",
        "{flake: 'a#b', closure: [{substituter: {url: 'http://a', unsigned: true, publicKeys: ['KEY']}}]} | spec.install.nixos.closure[0].substituter | takes store paths unsigned",
        "{flake: 'a#b', closure: [{substituter: {url: 'http://a', publicKeys: [key]}}]} | spec.install.nixos.closure[0].substituter.publicKeys[0] | no public key",
      })
  void wrongNixosIsRefusedAtItsField(String nixos, String field, String complaint) {
    String spec = nixos.replace("SYSTEM", SYSTEM).replace("KEY", KEY);

    List<Problem> problems =
        Resources.problems("install: {nixos: " + spec + "}\nbuilder: {network: Pod, memory: 4Gi}");

    assertThat(problems)
        .anySatisfy(
            problem -> {
              assertThat(problem.field()).isEqualTo(field);
              assertThat(problem.describe()).contains(complaint);
              assertThat(problem.remedy()).isNotBlank();
            });
  }

  @Test
  void whatIsFetchedNeedsTheNetwork() {
    List<Problem> problems =
        Resources.problems("install: {nixos: {flake: 'a#b'}}\nbuilder: {memory: 4Gi}");

    assertThat(problems).extracting(Problem::field).containsExactly("spec.builder.network");
  }

  @Test
  void whatIsBuiltInTheBuilderNeedsMemory() {
    List<Problem> problems =
        Resources.problems("install: {nixos: {flake: 'a#b'}}\nbuilder: {network: Pod}");

    assertThat(problems)
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.field()).isEqualTo("spec.builder.memory");
              assertThat(problem.describe()).contains("2Gi").contains("3Gi");
            });
  }
}
