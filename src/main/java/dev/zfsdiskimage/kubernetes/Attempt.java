package dev.zfsdiskimage.kubernetes;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Map;

/** One try at building a revision, and the names and labels of everything that belongs to it. */
record Attempt(Revision revision, int number) {

  String namespace() {
    return revision.namespace();
  }

  /** Name of a part; a second run of it has the number behind. */
  String name(Part part, int run) {
    String suffix = run > 1 ? part.word() + run : part.word();
    return revision.prefix() + "-" + number + "-" + suffix;
  }

  String name(Part part) {
    return name(part, 1);
  }

  ObjectMeta metadata(Part part, int run) {
    return revision.metadata(name(part, run), part).withLabels(labels(part, run)).build();
  }

  ObjectMeta metadata(Part part) {
    return metadata(part, 1);
  }

  Map<String, String> labels(Part part, int run) {
    Map<String, String> labels = revision.labels(part);
    labels.put(Labels.ATTEMPT, Integer.toString(number));
    labels.put(Labels.RUN, Integer.toString(run));
    return labels;
  }

  /**
   * What marks the messages of one boot: the same after a restart of the operator, another for
   * every other boot.
   */
  String nonce(Part part, int run) {
    return Revision.digest(revision.uid() + "\n" + name(part, run)).substring(0, 16);
  }
}
