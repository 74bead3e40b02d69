package dev.zfsdiskimage.kubernetes;

import dev.zfsdiskimage.api.Reason;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import java.util.Set;

/**
 * An API server's "no" to a request: by a right that is missing, a quota, a policy, a webhook, or
 * because the object is not one that it takes. The same request gets the same answer until somebody
 * changes something.
 *
 * @param words the API server's own, not too many of them
 */
record Refusal(Reason reason, String words) {
  /** Webhooks deny with any of these; 413 is an object that is too large. */
  private static final Set<Integer> CODES = Set.of(400, 403, 413, 422);

  private static final int MAX_WORDS = 1000;

  /** The refusal that this is; empty for what may go well at the next try. */
  static Optional<Refusal> of(KubernetesClientException failure) {
    return CODES.contains(failure.getCode())
        ? Optional.of(new Refusal(reason(failure), words(failure)))
        : Optional.empty();
  }

  private static Reason reason(KubernetesClientException failure) {
    Reason reason = Symptoms.denied(String.valueOf(failure.getMessage()));
    return reason == Reason.VM_START_FAILED ? Reason.REQUEST_REFUSED : reason;
  }

  /** What the API server has answered, without the client's account of its request. */
  static String words(KubernetesClientException failure) {
    if (failure.getCode() == 0) {
      Throwable cause = failure.getCause() == null ? failure : failure.getCause();
      return shortened("the API server did not answer: " + cause.getMessage());
    }
    String said =
        Optional.ofNullable(failure.getStatus())
            .map(Status::getMessage)
            .filter(message -> !message.isBlank())
            .map(message -> ": " + message)
            .orElse("");
    return shortened("the API server answered " + failure.getCode() + said);
  }

  static String shortened(String words) {
    return words.length() <= MAX_WORDS ? words : words.substring(0, MAX_WORDS - 1) + "…";
  }
}
