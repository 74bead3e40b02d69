package dev.zfsdiskimage.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dashboard and alerts: Prometheus takes them, and they ask for what the operator measures. */
class MonitoringTest {
  private static final Path FOLDER = Path.of("operator/monitoring");
  private static final Pattern METRIC = Pattern.compile("\\bzdi_[a-z_]+");
  private static final Pattern LABELS =
      Pattern.compile("(zdi_[a-z_]+)\\{([^}]*)}|by \\(([^)]*)\\)");

  /** What Prometheus itself knows of a pod that it scrapes. */
  private static final Set<String> OF_THE_SCRAPE = Set.of("namespace");

  private final MeteredOperator operator = new MeteredOperator();

  @Test
  void expressionsAskForMetricsThatTheOperatorHas() throws IOException {
    assertThat(expressions())
        .isNotEmpty()
        .allSatisfy(
            expression -> {
              Set<String> asked =
                  METRIC
                      .matcher(expression)
                      .results()
                      .map(metric -> metric.group())
                      .collect(Collectors.toSet());
              assertThat(asked).as(expression).isNotEmpty();
              assertThat(operator.metrics()).as(expression).containsAll(asked);
            });
  }

  @Test
  void expressionsAskForLabelsThatTheMetricsHave() throws IOException {
    for (String expression : expressions()) {
      Set<String> has = new HashSet<>(OF_THE_SCRAPE);
      METRIC
          .matcher(expression)
          .results()
          .forEach(metric -> has.addAll(operator.labels(metric.group())));
      Set<String> asked = new TreeSet<>();
      LABELS
          .matcher(expression)
          .results()
          .forEach(
              labels -> {
                String list = labels.group(2) == null ? labels.group(3) : labels.group(2);
                for (String label : list.split(",")) {
                  asked.add(label.strip().replaceAll("(?s)[=!~].*", ""));
                }
              });
      assertThat(has).as(expression).containsAll(asked);
    }
  }

  @Test
  void everythingThatTheOperatorMeasuresOfItselfIsShown() throws IOException {
    String shown = String.join("\n", dashboardExpressions());

    assertThat(operator.metrics())
        .map(metric -> metric.replaceFirst("_(count|sum|max)$", ""))
        .allSatisfy(metric -> assertThat(shown).contains(metric));
  }

  @Test
  void everyAlertHasARunbookThatIsThere() throws IOException {
    for (JsonNode alert : alerts().at("/spec/groups/0/rules")) {
      String runbook = alert.at("/annotations/runbook_url").asText();
      String[] parts = runbook.split("#");
      String title = "### " + alert.path("alert").asText();

      assertThat(parts[1])
          .isEqualTo(alert.path("alert").asText().toLowerCase(java.util.Locale.ROOT));
      assertThat(Files.readAllLines(Path.of(parts[0]))).contains(title);
      assertThat(alert.at("/annotations/summary").asText()).endsWith(".");
      assertThat(alert.at("/labels/severity").asText()).isIn("critical", "warning", "info");
    }
  }

  @Test
  void panelsHaveTitlesAndMeaningsAndDoNotOverlap() throws IOException {
    Set<List<Integer>> taken = new HashSet<>();
    for (JsonNode panel : dashboard().path("panels")) {
      assertThat(panel.path("title").asText()).isNotBlank();
      assertThat(panel.path("description").asText()).endsWith(".");
      JsonNode place = panel.path("gridPos");
      for (int x = 0; x < place.path("w").asInt(); x++) {
        for (int y = 0; y < place.path("h").asInt(); y++) {
          assertThat(taken.add(List.of(place.path("x").asInt() + x, place.path("y").asInt() + y)))
              .as("place of its own: " + panel.path("title").asText())
              .isTrue();
        }
      }
    }
  }

  @Test
  void pictureShowsThePanelsThatHaveACourseOfTime() throws IOException {
    String picture = Files.readString(Path.of("docs/pictures/dashboard.svg"));

    assertThat(dashboard().path("panels"))
        .filteredOn(panel -> panel.path("type").asText().equals("timeseries"))
        .isNotEmpty()
        .allSatisfy(
            panel -> assertThat(picture).contains(">" + panel.path("title").asText() + "<"));
  }

  @Test
  void prometheusTakesTheAlertsAndTheyFireWhenTheyShould(@TempDir Path folder) throws IOException {
    assumePromtool();
    new YAMLMapper().writeValue(folder.resolve("groups.yaml").toFile(), alerts().path("spec"));
    Files.copy(FOLDER.resolve("alerts.test.yaml"), folder.resolve("alerts.test.yaml"));

    assertGood("check", "rules", folder.resolve("groups.yaml").toString());
    assertGood("test", "rules", folder.resolve("alerts.test.yaml").toString());
  }

  @Test
  void everyAlertIsTested() throws IOException {
    Set<String> tested = new HashSet<>();
    for (JsonNode test : YamlFiles.read(FOLDER.resolve("alerts.test.yaml")).path("tests")) {
      for (JsonNode alert : test.path("alert_rule_test")) {
        if (!alert.path("exp_alerts").isEmpty()) {
          tested.add(alert.path("alertname").asText());
        }
      }
    }

    assertThat(alerts().at("/spec/groups/0/rules"))
        .allSatisfy(alert -> assertThat(tested).contains(alert.path("alert").asText()));
  }

  @Test
  void prometheusTakesWhatTheDashboardAsks(@TempDir Path folder) throws IOException {
    assumePromtool();
    ObjectNode group = new ObjectMapper().createObjectNode();
    ObjectNode rules = group.putArray("groups").addObject().put("name", "dashboard");
    int number = 0;
    for (String expression : dashboardExpressions()) {
      rules
          .withArray("rules")
          .addObject()
          .put("record", "panel:" + number++)
          .put("expr", expression.replaceAll("\\$__(?:rate_)?(?:interval|range)", "5m"));
    }
    Path file = folder.resolve("dashboard.yaml");
    new YAMLMapper().writeValue(file.toFile(), group);

    assertGood("check", "rules", file.toString());
  }

  @Test
  void prometheusFindsNothingWrongWithTheMetrics(@TempDir Path folder) throws IOException {
    assumePromtool();
    Path scrape = Files.writeString(folder.resolve("scrape"), operator.text());

    Program.Result result =
        Program.run("bash", "-c", "promtool check metrics <\"$1\"", "check", scrape.toString())
            .orElseThrow();

    assertThat(result.output() + result.errors()).isEmpty();
    assertThat(result.status()).isZero();
  }

  private static List<String> expressions() throws IOException {
    List<String> expressions = new ArrayList<>(dashboardExpressions());
    alerts()
        .at("/spec/groups/0/rules")
        .forEach(alert -> expressions.add(alert.path("expr").asText()));
    return expressions;
  }

  private static List<String> dashboardExpressions() throws IOException {
    return dashboard().findValues("expr").stream().map(JsonNode::asText).toList();
  }

  private static JsonNode dashboard() throws IOException {
    return new ObjectMapper().readTree(FOLDER.resolve("dashboard.json").toFile());
  }

  private static ObjectNode alerts() {
    return YamlFiles.read(FOLDER.resolve("alerts.yaml"));
  }

  private static void assumePromtool() throws IOException {
    boolean here = Program.run("promtool", "--version").isPresent();
    if (!here) {
      System.err.println(
          "NOT CHECKED: promtool is not here (Debian: prometheus), so Prometheus has not seen the"
              + " alerts and the dashboard's expressions");
    }
    assumeTrue(here, "promtool is not here");
  }

  private static void assertGood(String... arguments) throws IOException {
    String[] command =
        Stream.concat(Stream.of("promtool"), Stream.of(arguments)).toArray(String[]::new);
    Program.Result result = Program.run(command).orElseThrow();
    assertThat(result.status()).as(result.output() + result.errors()).isZero();
  }
}
