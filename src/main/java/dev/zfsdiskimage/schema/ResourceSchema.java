package dev.zfsdiskimage.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.zfsdiskimage.api.ZfsDiskImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Holds a resource against the CRD on the class path, as an API server does when it is applied:
 * defaults, unknown fields, the schema, the CEL rules.
 */
public final class ResourceSchema {
  /** Where the CRD lies on the class path. */
  public static final String CRD = "crds/zfsdiskimages.zfsdiskimage.dev.yaml";

  private final ObjectNode schema;
  private final StructuralRules structure;
  private final CelRules cel;

  private ResourceSchema(ObjectNode schema) {
    this.schema = schema;
    this.structure = new StructuralRules(schema);
    this.cel = new CelRules(schema);
  }

  /** The schema of the CRD on the class path. */
  public static ResourceSchema load() {
    try (InputStream crd = ResourceSchema.class.getClassLoader().getResourceAsStream(CRD)) {
      if (crd == null) {
        throw new IllegalStateException(CRD + " is not on the class path");
      }
      return of(new YAMLMapper().readTree(crd));
    } catch (IOException e) {
      throw new UncheckedIOException(CRD + " can't be read", e);
    }
  }

  /** The schema of version {@link ZfsDiskImage#VERSION} in {@code crd}. */
  public static ResourceSchema of(JsonNode crd) {
    for (JsonNode version : crd.at("/spec/versions")) {
      if (version.path("name").asText().equals(ZfsDiskImage.VERSION)) {
        return new ResourceSchema((ObjectNode) version.at("/schema/openAPIV3Schema"));
      }
    }
    throw new IllegalArgumentException("the CRD has no version " + ZfsDiskImage.VERSION);
  }

  /** The resource with the schema's defaults written out; the given one is left alone. */
  public ObjectNode withDefaults(ObjectNode resource) {
    return Defaulting.of(resource, schema);
  }

  /**
   * Every problem of {@code resource}, whose defaults are written out; empty when an API server
   * would take it.
   */
  public List<Problem> problems(ObjectNode resource) {
    List<Problem> problems = new ArrayList<>(structure.problems(resource));
    Set<String> malformed = problems.stream().map(Problem::field).collect(Collectors.toSet());
    for (Problem problem : cel.problems(resource, problems.isEmpty())) {
      if (!malformed.contains(problem.field())) {
        problems.add(problem);
      }
    }
    return problems;
  }
}
