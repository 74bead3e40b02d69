package dev.zfsdiskimage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LinksTest {
  private static final Pattern ELSEWHERE = Pattern.compile("^(https?|mailto):.*");
  private static final Pattern OF_THE_PROJECT =
      Pattern.compile("^(?:\\./)?((?:crds|docs|e2e|helm|operator|src)/[-\\w./]*|mvnw|pom\\.xml)$");

  /** {@code step-NAME.sh} stands for many. */
  private static final Pattern PLACEHOLDER = Pattern.compile("\\bNAME\\b");

  private static final Pattern TEST = Pattern.compile("^([A-Z]\\w*Test)(?:\\.(\\w+))?$");
  private static final Pattern SCENARIO = Pattern.compile("^scenario_\\w+$");
  private static final List<String> SHELL = List.of("sh", "console");

  @Test
  void everyLinkLeadsSomewhere() {
    List<String> dead = new ArrayList<>();
    for (Page page : Page.all()) {
      for (String destination : page.destinations()) {
        if (!ELSEWHERE.matcher(destination).matches()) {
          complaint(page, destination).ifPresent(dead::add);
        }
      }
    }

    assertThat(dead).as("links that lead nowhere").isEmpty();
  }

  @Test
  void everyFileThatIsNamedExists() {
    List<String> missing = new ArrayList<>();
    for (Page page : Page.all()) {
      Stream<String> named =
          Stream.concat(
              page.codeSpans().stream().map(span -> span.strip().split("\\s", 2)[0]),
              page.blocks().stream()
                  .filter(block -> SHELL.contains(block.language()))
                  .flatMap(block -> Stream.of(block.text().split("[\\s=]+"))));
      named
          .map(OF_THE_PROJECT::matcher)
          .filter(matcher -> matcher.matches())
          .map(matcher -> matcher.group(1))
          .filter(path -> !PLACEHOLDER.matcher(path).find())
          .filter(path -> !Files.exists(Path.of(path)))
          .forEach(path -> missing.add(page.file() + ": " + path));
    }

    assertThat(missing).as("files that are named and not there").isEmpty();
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    String scenarios = texts(Path.of("e2e"));
    List<String> missing = new ArrayList<>();
    for (Page page : Page.all()) {
      for (String span : page.codeSpans()) {
        var test = TEST.matcher(span);
        boolean there =
            test.matches()
                ? hasTest(test.group(1), Optional.ofNullable(test.group(2)))
                : !SCENARIO.matcher(span).matches() || scenarios.contains(span);
        if (!there) {
          missing.add(page.file() + ": " + span);
        }
      }
    }

    assertThat(missing).as("tests that are named and not there").isEmpty();
  }

  private static Optional<String> complaint(Page page, String destination) {
    String[] parts = destination.split("#", 2);
    Path folder = page.file().toAbsolutePath().getParent();
    Path target =
        parts[0].isEmpty() ? page.file().toAbsolutePath() : folder.resolve(parts[0]).normalize();
    String link = page.file() + ": " + destination;
    if (!Files.exists(target)) {
      return Optional.of(link + ": there is no such file");
    }
    boolean anchored = parts.length == 1 || Page.of(target).anchors().contains(parts[1]);
    return anchored ? Optional.empty() : Optional.of(link + ": there is no such heading");
  }

  private static boolean hasTest(String name, Optional<String> method) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      return files
          .filter(file -> file.endsWith(name + ".java"))
          .anyMatch(file -> method.isEmpty() || read(file).contains(" " + method.get() + "("));
    }
  }

  private static String texts(Path folder) throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(file -> file.toString().endsWith(".sh"))
          .forEach(file -> text.append(read(file)));
    }
    return text.toString();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
