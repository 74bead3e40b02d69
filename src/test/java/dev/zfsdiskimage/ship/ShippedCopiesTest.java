package dev.zfsdiskimage.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The chart's copies are the originals, and everything is of one version. */
class ShippedCopiesTest {
  @Test
  void copiesInTheChartAreTheOriginalsAndThereAreNoOthers() throws IOException {
    ChartFiles.refreshIfAsked();
    for (var entry : ChartFiles.ORIGINALS.entrySet()) {
      Golden.assertSame(
          ChartFiles.FOLDER.resolve(entry.getKey()), Files.readString(entry.getValue()));
    }
    try (Stream<Path> files = Files.list(ChartFiles.FOLDER)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(ChartFiles.ORIGINALS.keySet());
    }
  }

  @Test
  void everythingIsOfTheVersionInThePom() throws IOException {
    Matcher pom =
        Pattern.compile("<artifactId>zfs-disk-image</artifactId>\\s*<version>([^<]+)</version>")
            .matcher(Files.readString(Path.of("pom.xml")));
    assertThat(pom.find()).isTrue();
    String version = pom.group(1);

    var chart = YamlFiles.read(Chart.FOLDER.resolve("Chart.yaml"));
    assertThat(List.of(chart.path("version").asText(), chart.path("appVersion").asText()))
        .containsOnly(version);
    Pattern used = Pattern.compile("(?:zfs-disk-image-[a-z]+:|app.kubernetes.io/version: )(\\S+)");
    try (Stream<Path> files = Files.walk(Path.of("operator/kustomize"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(used.matcher(Files.readString(file)).results().map(found -> found.group(1)))
            .as(file.toString())
            .allMatch(version::equals);
      }
    }
  }
}
