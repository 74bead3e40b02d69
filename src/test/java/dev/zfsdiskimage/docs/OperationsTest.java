package dev.zfsdiskimage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.Reason;
import io.smallrye.config.WithDefault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operations page says of each reason, property and meter what the program has. */
class OperationsTest {
  private static final Path FILE = Path.of("docs/operations.md");
  private static final Path ALERTS = Path.of("operator/monitoring/alerts.yaml");
  private static final String REASONS = "Reasons";
  private static final Pattern RUNBOOK =
      Pattern.compile("runbook_url: docs/operations\\.md#([-a-z]+)");
  private static final Pattern METER = Pattern.compile("\"(zdi(?:\\.[a-z]+)+)\"");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Za-z_]+)(?:\\{[^`]*})?` \\|");

  private final Page page = Page.of(FILE);

  @Test
  void everyReasonHasItsSectionAndNoSectionIsWithoutOne() {
    assertThat(sections())
        .extracting(Page.Title::words)
        .containsExactlyInAnyOrder(
            Stream.of(Reason.values()).map(Reason::word).toArray(String[]::new));
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void sectionSaysWhetherItIsTriedAgain(Reason reason) {
    String section =
        sections().stream()
            .filter(title -> title.words().equals(reason.word()))
            .map(page::section)
            .findFirst()
            .orElse("");

    assertThat(section).as("section %s", reason.word()).contains(ReferencePage.handling(reason));
  }

  @Test
  void everyPropertyOfTheOperatorIsListedWithItsDefault() throws ClassNotFoundException {
    TreeMap<String, String> properties = new TreeMap<>();
    properties(Class.forName("dev.zfsdiskimage.kubernetes.OperatorProperties"), "ZDI_", properties);
    String section = section("Configuration");

    assertThat(properties.entrySet())
        .filteredOn(property -> section.lines().noneMatch(line -> line.startsWith(row(property))))
        .as("properties that are not listed, or with another default")
        .isEmpty();
    assertThat(names(section))
        .filteredOn(name -> !name.equals("ZDI_HTTP_PORT"))
        .containsExactlyInAnyOrderElementsOf(properties.keySet());
  }

  @Test
  void everyMeterIsListed() throws IOException {
    TreeSet<String> meters = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      sources
          .filter(file -> file.toString().endsWith(".java"))
          .map(OperationsTest::read)
          .filter(source -> source.contains("import io.micrometer."))
          .flatMap(source -> METER.matcher(source).results())
          .map(result -> result.group(1).replace('.', '_'))
          .forEach(meters::add);
    }

    assertThat(names(section("Metrics")).stream().map(OperationsTest::withoutUnit))
        .containsExactlyInAnyOrderElementsOf(meters);
  }

  @Test
  void everyAlertHasItsSectionAndNoSectionIsWithoutOne() throws IOException {
    List<String> alerts =
        RUNBOOK.matcher(Files.readString(ALERTS)).results().map(found -> found.group(1)).toList();

    assertThat(below("Alerts")).extracting(Page.Title::anchor).hasSameElementsAs(alerts);
  }

  private List<Page.Title> sections() {
    return below(REASONS);
  }

  /** The headings in a chapter of the page. */
  private List<Page.Title> below(String chapter) {
    int from = title(chapter).line();
    int to =
        page.titles().stream()
            .filter(title -> title.line() > from && title.level() <= 2)
            .mapToInt(Page.Title::line)
            .findFirst()
            .orElse(Integer.MAX_VALUE);
    return page.titles().stream()
        .filter(title -> title.level() == 3 && title.line() > from && title.line() < to)
        .toList();
  }

  private String section(String words) {
    return page.section(title(words));
  }

  private Page.Title title(String words) {
    return page.titles().stream()
        .filter(title -> title.words().equals(words))
        .findFirst()
        .orElseThrow(() -> new AssertionError(FILE + " has no section " + words));
  }

  /** How the row of a property and its default begins. */
  private static String row(Map.Entry<String, String> property) {
    String fallback = property.getValue().isEmpty() ? "|" : "`" + property.getValue() + "` |";
    return "| `" + property.getKey() + "` | " + fallback;
  }

  private static List<String> names(String section) {
    return ROW.matcher(section).results().map(row -> row.group(1)).toList();
  }

  /** What Prometheus' naming appends to a meter's name. */
  private static String withoutUnit(String name) {
    return name.replaceFirst("(_seconds)?(_total)?$", "");
  }

  private static void properties(Class<?> mapping, String prefix, TreeMap<String, String> found) {
    for (Method method : mapping.getDeclaredMethods()) {
      String name = prefix + constant(method.getName());
      if (method.getReturnType().isInterface()
          && method.getReturnType().getEnclosingClass() != null) {
        properties(method.getReturnType(), name + "_", found);
      } else {
        found.put(
            name,
            Optional.ofNullable(method.getAnnotation(WithDefault.class))
                .map(WithDefault::value)
                .orElse(""));
      }
    }
  }

  /** {@code maxPerNamespace} as an environment variable spells it. */
  private static String constant(String name) {
    return name.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
