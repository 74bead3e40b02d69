package dev.zfsdiskimage.kubernetes.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The role that the operator ships with. */
public final class ShippedRole {
  private static final String COMPONENT = "operator/kustomize/watch-secrets/kustomization.yaml";

  private final List<PolicyRule> rules;

  private ShippedRole(List<PolicyRule> rules) {
    this.rules = rules;
  }

  /** The one in the checkout. */
  public static ShippedRole read() {
    try (InputStream in = Files.newInputStream(Path.of("operator/kustomize/base/role.yaml"))) {
      return new ShippedRole(Serialization.unmarshal(in, ClusterRole.class).getRules());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same with what is added to it where Secrets are to be watched. */
  public static ShippedRole readWithSecrets() {
    List<PolicyRule> all = new ArrayList<>(read().rules);
    try (InputStream in = Files.newInputStream(Path.of(COMPONENT))) {
      for (JsonNode patch : new YAMLMapper().readTree(in).path("patches")) {
        if (patch.at("/target/kind").asText().contains("Role")) {
          new YAMLMapper()
              .readTree(patch.path("patch").asText())
              .forEach(
                  operation ->
                      all.add(
                          Serialization.unmarshal(
                              operation.path("value").toString(), PolicyRule.class)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ShippedRole(all);
  }

  /** What of these requests the role does not allow. */
  public Set<String> denied(Collection<ApiCall> calls) {
    Set<String> denied = new TreeSet<>();
    for (ApiCall call : calls) {
      boolean allowed =
          rules.stream()
              .anyMatch(
                  rule ->
                      rule.getApiGroups().contains(call.group())
                          && rule.getResources().contains(call.resource())
                          && rule.getVerbs().contains(call.verb()));
      if (!allowed) {
        denied.add(permission(call.group(), call.resource(), call.verb()));
      }
    }
    return denied;
  }

  /** What the role allows and none of these requests used. */
  public Set<String> unused(Collection<ApiCall> calls) {
    Set<String> unused = new TreeSet<>();
    for (PolicyRule rule : rules) {
      for (String group : rule.getApiGroups()) {
        for (String resource : rule.getResources()) {
          for (String verb : rule.getVerbs()) {
            unused.add(permission(group, resource, verb));
          }
        }
      }
    }
    calls.forEach(call -> unused.remove(permission(call.group(), call.resource(), call.verb())));
    return unused;
  }

  private static String permission(String group, String resource, String verb) {
    return verb + " " + (group.isEmpty() ? resource : resource + "." + group);
  }
}
