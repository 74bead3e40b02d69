package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The labels that a resource gives to its good images. Which they are stands in an annotation, so
 * that one that is given no more is taken away, and those of others stay.
 */
record GivenLabels(Map<String, String> labels) {
  static final String ANNOTATION = "zfsdiskimage.dev/labels";

  /** Whether an object has them as they are given now. */
  boolean areOn(HasMetadata object) {
    ObjectMeta known = object.getMetadata();
    ObjectMeta wanted = on(known);
    return Objects.equals(orEmpty(known.getLabels()), wanted.getLabels())
        && Objects.equals(orEmpty(known.getAnnotations()), wanted.getAnnotations());
  }

  /** The metadata with them. */
  ObjectMeta on(ObjectMeta known) {
    Map<String, String> all = orEmpty(known.getLabels());
    Map<String, String> annotations = orEmpty(known.getAnnotations());
    String before = annotations.remove(ANNOTATION);
    if (before != null) {
      Arrays.asList(before.split(",")).forEach(all::remove);
    }
    all.putAll(labels);
    if (!labels.isEmpty()) {
      annotations.put(ANNOTATION, String.join(",", new TreeMap<>(labels).keySet()));
    }
    return new ObjectMetaBuilder(known).withLabels(all).withAnnotations(annotations).build();
  }

  private static Map<String, String> orEmpty(Map<String, String> map) {
    return map == null ? new TreeMap<>() : new TreeMap<>(map);
  }
}
