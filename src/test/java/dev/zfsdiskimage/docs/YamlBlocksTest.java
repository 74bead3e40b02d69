package dev.zfsdiskimage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.zfsdiskimage.api.Reason;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.docs.Page.Block;
import dev.zfsdiskimage.recipe.Manifest;
import dev.zfsdiskimage.recipe.Place;
import dev.zfsdiskimage.recipe.Recipes;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.schema.Problem;
import dev.zfsdiskimage.schema.ResourceSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documentation shows is a part of a file that is used. */
class YamlBlocksTest {
  private static final ResourceSchema SCHEMA = ResourceSchema.load();
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final List<Path> SHOWN =
      List.of(Path.of("operator"), Path.of("e2e"), Path.of("helm"));

  /**
   * {@code # operator/samples/debian.yaml} or {@code # operator/samples/debian.yaml, shortened}.
   */
  private static final Pattern SOURCE = Pattern.compile("^# (\\S+\\.yaml)(, shortened)?\n");

  static Stream<Block> blocks() {
    return Page.all().stream()
        .flatMap(page -> page.blocks().stream())
        .filter(block -> block.language().equals("yaml"));
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void blockIsPartOfAFile(Block block) throws IOException {
    Matcher source = SOURCE.matcher(block.text());
    if (!source.find()) {
      assertThat(files().filter(file -> isPart(block.text(), file)))
          .as("%s: files that hold these lines; or name the file: # operator/…/x.yaml", block)
          .isNotEmpty();
      return;
    }
    Path file = Path.of(source.group(1));
    assertThat(file).as("%s: the file that it shows", block).isRegularFile();
    String shown = block.text().substring(source.end());
    if (source.group(2) == null) {
      assertThat(Files.readString(file)).as("%s: %s", block, file).contains(shown);
    } else {
      List<JsonNode> whole = documents(Files.readString(file));
      for (JsonNode part : documents(shown)) {
        assertThat(whole.stream().anyMatch(document -> holds(document, part)))
            .as("%s: %s says all of %s", block, file, part)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void resourceInABlockIsValid(Block block) throws IOException {
    boolean resource =
        documents(block.text()).stream()
            .anyMatch(document -> document.path("kind").asText().equals(ZfsDiskImage.KIND));
    if (!resource) {
      return;
    }
    Checked<Manifest> read = Manifest.read(block.text(), SCHEMA);
    List<List<Problem>> problems =
        Stream.of(Place.values())
            .map(place -> read.then(manifest -> Recipes.read(manifest, Map.of(), place)).problems())
            // What a block leaves out may well be there: Secrets, ConfigMaps, files.
            .map(all -> all.stream().filter(each -> each.reason() == Reason.INVALID_SPEC).toList())
            .toList();

    assertThat(problems)
        .as("%s: problems on one machine and in a cluster", block)
        .anyMatch(List::isEmpty);
  }

  private static Stream<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path folder : SHOWN) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> all = Files.walk(folder)) {
          all.filter(file -> file.toString().endsWith(".yaml")).forEach(files::add);
        }
      }
    }
    return files.stream();
  }

  private static boolean isPart(String text, Path file) {
    try {
      return ("\n" + Files.readString(file)).contains("\n" + text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<JsonNode> documents(String text) throws IOException {
    try (MappingIterator<JsonNode> documents =
        YAML.readerFor(JsonNode.class).readValues(YAML.getFactory().createParser(text))) {
      return documents.readAll();
    }
  }

  /** Whether {@code whole} says all that {@code part} says; lists may be shorter. */
  private static boolean holds(JsonNode whole, JsonNode part) {
    if (part.isObject()) {
      return part.properties().stream()
          .allMatch(
              entry ->
                  whole.has(entry.getKey()) && holds(whole.get(entry.getKey()), entry.getValue()));
    }
    if (part.isArray() && whole.isArray()) {
      int next = 0;
      for (JsonNode element : part) {
        while (next < whole.size() && !holds(whole.get(next), element)) {
          next++;
        }
        if (next++ >= whole.size()) {
          return false;
        }
      }
      return true;
    }
    return whole.equals(part);
  }
}
