package dev.zfsdiskimage.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.zfsdiskimage.api.ZfsDiskImage;
import dev.zfsdiskimage.schema.Checked;
import dev.zfsdiskimage.schema.Closest;
import dev.zfsdiskimage.schema.FieldPath;
import dev.zfsdiskimage.schema.Problem;
import dev.zfsdiskimage.schema.ResourceSchema;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * A text with one {@code ZfsDiskImage} and the ConfigMaps and Secrets that it refers to, as {@code
 * kubectl apply} takes it. Objects of other kinds are passed over.
 */
public final class Manifest {
  private static final String API_VERSION = ZfsDiskImage.GROUP + "/" + ZfsDiskImage.VERSION;
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final YamlDocument document;
  private final ObjectNode resource;
  private final References references;
  private final List<Problem> problems;

  private Manifest(
      YamlDocument document, ObjectNode resource, References references, List<Problem> problems) {
    this.document = document;
    this.resource = resource;
    this.references = references;
    this.problems = problems;
  }

  /**
   * Reads {@code text}. Invalid when it is no YAML, holds a key twice, or does not hold exactly one
   * {@code ZfsDiskImage}; what is wrong inside the resource is told by {@link #problems}.
   */
  public static Checked<Manifest> read(String text, ResourceSchema schema) {
    return YamlDocument.readAll(text).then(documents -> of(documents, schema));
  }

  /** The resource, with the schema's defaults written out. */
  public ObjectNode tree() {
    return resource.deepCopy();
  }

  /** What the schema and its CEL rules say against the resource, with lines. */
  public List<Problem> problems() {
    return problems;
  }

  /**
   * The resource as its type; empty when it has values of a wrong type, which {@link #problems}
   * names.
   */
  public Optional<ZfsDiskImage> resource() {
    ObjectNode copy = resource.deepCopy();
    if (!dropNulls(copy)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.treeToValue(copy, ZfsDiskImage.class));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** The data of the ConfigMaps and Secrets in the same text. */
  public References references() {
    return references;
  }

  /**
   * Paths of the small files of this machine that a recipe needs the bytes of, relative to the
   * text's own file: hand them back through {@link References#withFiles}.
   */
  public Set<String> files() {
    Set<String> files = new TreeSet<>();
    for (String script :
        List.of(
            "/spec/install/script/path",
            "/spec/install/nixos/configFile/path",
            "/spec/install/nixos/configuration/path",
            "/spec/postBuild/script/path")) {
      JsonNode path = resource.at(script);
      if (path.isTextual()) {
        files.add(path.asText());
      }
    }
    return files;
  }

  /** The line of {@code field} ({@code spec.root.size}), or of the nearest one around it. */
  public OptionalInt line(String field) {
    return document.line(new FieldPath(field));
  }

  private static Checked<Manifest> of(List<YamlDocument> documents, ResourceSchema schema) {
    List<YamlDocument> resources =
        documents.stream().filter(each -> kind(each).equals(ZfsDiskImage.KIND)).toList();
    if (resources.isEmpty()) {
      return refused(missing(documents), OptionalInt.empty());
    }
    YamlDocument document = resources.get(0);
    if (resources.size() > 1) {
      List<String> names = resources.stream().map(Manifest::name).toList();
      return refused(
          Problem.invalid(
              "",
              "",
              "the text holds "
                  + names.size()
                  + " resources of kind ZfsDiskImage: "
                  + String.join(", ", names),
              "put each of them into a file of its own"),
          resources.get(1).line(FieldPath.ROOT));
    }
    String version = document.tree().path("apiVersion").asText();
    if (!version.equals(API_VERSION)) {
      return refused(
          Problem.invalid(
              "apiVersion",
              version,
              "is not the version that this program reads",
              "write " + API_VERSION),
          document.line(new FieldPath("apiVersion")));
    }
    List<Problem> problems = new ArrayList<>();
    ObjectNode resource = schema.withDefaults((ObjectNode) document.tree());
    for (Problem problem : schema.problems(resource)) {
      problems.add(problem.atLine(document.line(new FieldPath(problem.field()))));
    }
    References references = references(documents, namespace(document), problems);
    return new Checked.Valid<>(new Manifest(document, resource, references, List.copyOf(problems)));
  }

  private static Problem missing(List<YamlDocument> documents) {
    List<String> kinds = documents.stream().map(Manifest::kind).distinct().toList();
    if (documents.isEmpty()) {
      return Problem.invalid(
          "", "", "the text is empty", "write a resource of kind " + ZfsDiskImage.KIND);
    }
    return Problem.invalid(
        "kind",
        String.join(", ", kinds),
        "there is no resource of kind " + ZfsDiskImage.KIND,
        kinds.stream()
            .flatMap(kind -> Closest.to(kind, List.of(ZfsDiskImage.KIND)).stream())
            .findFirst()
            .map(meant -> "did you mean " + meant + "?")
            .orElse("add one with apiVersion " + API_VERSION));
  }

  private static References references(
      List<YamlDocument> documents, String namespace, List<Problem> problems) {
    Map<String, Map<String, Bytes>> configMaps = new HashMap<>();
    Map<String, Map<String, Bytes>> secrets = new HashMap<>();
    for (YamlDocument document : documents) {
      boolean secret = kind(document).equals("Secret");
      if (!document.tree().path("apiVersion").asText().equals("v1")
          || !secret && !kind(document).equals("ConfigMap")
          || !namespace(document).equals(namespace)) {
        continue;
      }
      Map<String, Bytes> data = new HashMap<>();
      texts(document, "data", secret, data, problems);
      texts(document, "binaryData", true, data, problems);
      texts(document, "stringData", false, data, problems);
      if ((secret ? secrets : configMaps).put(name(document), Map.copyOf(data)) != null) {
        problems.add(
            Problem.invalid(
                    "metadata.name",
                    name(document),
                    "is the name of two objects of kind " + kind(document),
                    "keep one of them")
                .atLine(document.line(FieldPath.ROOT)));
      }
    }
    return new References(configMaps, secrets, Map.of());
  }

  private static void texts(
      YamlDocument document,
      String field,
      boolean base64,
      Map<String, Bytes> data,
      List<Problem> problems) {
    for (Map.Entry<String, JsonNode> entry : document.tree().path(field).properties()) {
      FieldPath path = new FieldPath(field).field(entry.getKey());
      OptionalInt line = document.line(path);
      String object = kind(document) + " " + name(document) + ": " + path;
      if (!entry.getValue().isTextual()) {
        problems.add(Problem.invalid(object, "", "must be text", "put it in quotes").atLine(line));
        continue;
      }
      String text = entry.getValue().asText();
      try {
        data.put(
            entry.getKey(),
            base64
                ? Bytes.of(Base64.getDecoder().decode(text.replaceAll("\\s", "")))
                : Bytes.of(text));
      } catch (IllegalArgumentException e) {
        problems.add(
            Problem.invalid(
                    object,
                    "",
                    "is no base64",
                    kind(document).equals("Secret")
                        ? "encode it, or move it to stringData"
                        : "encode it, or move it to data")
                .atLine(line));
      }
    }
  }

  /** A null field is an absent one; returns whether no list has a null entry. */
  private static boolean dropNulls(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.properties().removeIf(entry -> entry.getValue().isNull());
    }
    for (JsonNode child : node) {
      if (child.isNull() || !dropNulls(child)) {
        return false;
      }
    }
    return true;
  }

  private static String kind(YamlDocument document) {
    return document.tree().path("kind").asText();
  }

  private static String name(YamlDocument document) {
    return document.tree().at("/metadata/name").asText();
  }

  private static String namespace(YamlDocument document) {
    return document.tree().at("/metadata/namespace").asText();
  }

  private static Checked<Manifest> refused(Problem problem, OptionalInt line) {
    return new Checked.Invalid<>(List.of(problem.atLine(line)));
  }
}
