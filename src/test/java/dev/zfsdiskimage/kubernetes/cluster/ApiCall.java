package dev.zfsdiskimage.kubernetes.cluster;

/**
 * One request, in the terms of Kubernetes' authorization.
 *
 * @param verb get, list, watch, create, update, patch, delete or deletecollection
 * @param group API group; empty for the core
 * @param resource plural, with the subresource behind a slash
 * @param namespace empty for a request across namespaces
 * @param name empty for a collection
 */
public record ApiCall(String verb, String group, String resource, String namespace, String name) {

  /** Whether it changes anything. */
  public boolean writes() {
    return !verb.equals("get") && !verb.equals("list") && !verb.equals("watch");
  }

  /** Verb and resource alone. */
  public String kind() {
    return verb + " " + resource;
  }
}
