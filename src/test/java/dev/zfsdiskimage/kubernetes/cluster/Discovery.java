package dev.zfsdiskimage.kubernetes.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What an API server says about itself: which kinds there are, as clients and kubectl ask it. */
final class Discovery {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<Kind> KINDS =
      List.of(
          new Kind("", "v1", "pods", "Pod", "po", false),
          new Kind("", "v1", "configmaps", "ConfigMap", "cm", false),
          new Kind("", "v1", "secrets", "Secret", "", false),
          new Kind("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc", false),
          new Kind("", "v1", "events", "Event", "ev", false),
          new Kind("batch", "v1", "jobs", "Job", "", true),
          new Kind("coordination.k8s.io", "v1", "leases", "Lease", "", false),
          new Kind("zfsdiskimage.dev", "v1alpha1", "zfsdiskimages", "ZfsDiskImage", "zdi", true),
          new Kind(
              "kubevirt.io",
              "v1",
              "virtualmachineinstances",
              "VirtualMachineInstance",
              "vmi",
              true),
          new Kind("cdi.kubevirt.io", "v1beta1", "datasources", "DataSource", "das", false),
          new Kind(
              "export.kubevirt.io",
              "v1beta1",
              "virtualmachineexports",
              "VirtualMachineExport",
              "vmexport",
              true),
          new Kind(
              RealApiServer.DEFINITIONS,
              "v1",
              "customresourcedefinitions",
              "CustomResourceDefinition",
              "crd",
              true));

  private final Set<String> absentGroups;

  /**
   * @param absentGroups API groups that are not installed
   */
  Discovery(Set<String> absentGroups) {
    this.absentGroups = absentGroups;
  }

  private record Kind(
      String group,
      String version,
      String plural,
      String name,
      String shortName,
      boolean withStatus) {
    private String groupVersion() {
      return group.isEmpty() ? version : group + "/" + version;
    }
  }

  /** Whether the path asks about the API and not for objects. */
  static boolean isAsked(List<String> path) {
    return path.size() < 3
        || (path.get(0).equals("apis") && path.size() == 3)
        || path.get(0).equals("version")
        || path.get(0).equals("openapi");
  }

  /** The answer; empty where there is no such thing. */
  Optional<ObjectNode> answer(List<String> path) {
    return switch (String.join("/", path)) {
      case "version" ->
          Optional.of(
              JSON.createObjectNode()
                  .put("major", "1")
                  .put("minor", "36")
                  .put("gitVersion", "v1.36.0"));
      case "api" -> Optional.of(versions());
      case "apis" -> Optional.of(groups());
      case "openapi/v3" -> Optional.of(openApi());
      default ->
          path.get(0).equals("openapi")
              ? Optional.of(openApi(path.subList(2, path.size())))
              : resources(path);
    };
  }

  /** The name of a list's kind. */
  static String listKind(String group, String plural) {
    return KINDS.stream()
        .filter(kind -> kind.group().equals(group) && kind.plural().equals(plural))
        .findFirst()
        .map(kind -> kind.name() + "List")
        .orElse("List");
  }

  private static ObjectNode versions() {
    ObjectNode answer = JSON.createObjectNode().put("kind", "APIVersions");
    answer.putArray("versions").add("v1");
    return answer;
  }

  private ObjectNode groups() {
    ObjectNode answer = JSON.createObjectNode().put("kind", "APIGroupList").put("apiVersion", "v1");
    ArrayNode groups = answer.putArray("groups");
    for (Kind kind : KINDS) {
      if (!kind.group().isEmpty() && !absentGroups.contains(kind.group())) {
        ObjectNode group = groups.addObject().put("name", kind.group());
        group
            .putArray("versions")
            .addObject()
            .put("groupVersion", kind.groupVersion())
            .put("version", kind.version());
        group
            .putObject("preferredVersion")
            .put("groupVersion", kind.groupVersion())
            .put("version", kind.version());
      }
    }
    return answer;
  }

  private Optional<ObjectNode> resources(List<String> path) {
    String groupVersion = String.join("/", path.subList(1, path.size()));
    List<Kind> kinds =
        KINDS.stream()
            .filter(kind -> kind.groupVersion().equals(groupVersion))
            .filter(kind -> !absentGroups.contains(kind.group()))
            .toList();
    if (kinds.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode answer =
        JSON.createObjectNode().put("kind", "APIResourceList").put("apiVersion", "v1");
    answer.put("groupVersion", groupVersion);
    ArrayNode resources = answer.putArray("resources");
    for (Kind kind : kinds) {
      ObjectNode resource = resource(resources, kind, kind.plural());
      resource.put("singularName", kind.name().toLowerCase(java.util.Locale.ROOT));
      if (!kind.shortName().isEmpty()) {
        resource.putArray("shortNames").add(kind.shortName());
      }
      if (kind.withStatus()) {
        resource(resources, kind, kind.plural() + "/status");
      }
    }
    return Optional.of(answer);
  }

  private static ObjectNode resource(ArrayNode resources, Kind kind, String name) {
    ObjectNode resource =
        resources.addObject().put("name", name).put("kind", kind.name()).put("namespaced", true);
    ArrayNode verbs = resource.putArray("verbs");
    List.of("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
        .forEach(verbs::add);
    return resource;
  }

  /** Enough for kubectl to leave the validation of fields to the server. */
  private ObjectNode openApi() {
    ObjectNode answer = JSON.createObjectNode();
    ObjectNode paths = answer.putObject("paths");
    for (Kind kind : KINDS) {
      String path = (kind.group().isEmpty() ? "api/" : "apis/") + kind.groupVersion();
      paths.putObject(path).put("serverRelativeURL", "/openapi/v3/" + path);
    }
    return answer;
  }

  private ObjectNode openApi(List<String> path) {
    ObjectNode answer = JSON.createObjectNode().put("openapi", "3.0.0");
    answer.putObject("info").put("title", "double").put("version", "1");
    ObjectNode paths = answer.putObject("paths");
    String root = String.join("/", path);
    for (Kind kind : KINDS) {
      if (root.endsWith(kind.groupVersion())) {
        ObjectNode patch =
            paths
                .putObject("/" + root + "/namespaces/{namespace}/" + kind.plural() + "/{name}")
                .putObject("patch");
        patch.putArray("parameters").addObject().put("name", "fieldValidation").put("in", "query");
        patch.putObject("responses");
        patch
            .putObject("x-kubernetes-group-version-kind")
            .put("group", kind.group())
            .put("version", kind.version())
            .put("kind", kind.name());
      }
    }
    return answer;
  }
}
