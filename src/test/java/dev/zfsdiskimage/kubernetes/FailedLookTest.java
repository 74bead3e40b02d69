package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.Reason;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import org.junit.jupiter.api.Test;

class FailedLookTest {
  private static KubernetesClientException answer(int code, String message) {
    return new KubernetesClientException(
        "Failure executing: GET at: https://api.example/pods. Message: " + message,
        code,
        new StatusBuilder().withCode(code).withMessage(message).build());
  }

  @Test
  void whatTheApiServerAnsweredIsToldThoughItComesWrapped() {
    FailedLook look = FailedLook.of(new OperatorException(answer(403, "pods is forbidden")));

    assertThat(look)
        .isEqualTo(
            new FailedLook(
                Reason.REQUEST_REFUSED, "the API server answered 403: pods is forbidden"));
  }

  @Test
  void errorOfTheServerIsTriedAgain() {
    assertThat(FailedLook.of(answer(500, "etcd: timeout")))
        .isEqualTo(new FailedLook(Reason.RETRYING, "the API server answered 500: etcd: timeout"));
  }

  @Test
  void errorOfTheOperatorIsToldInFewWords() {
    FailedLook look =
        FailedLook.of(new OperatorException(new IllegalStateException("x".repeat(9000))));

    assertThat(look.reason()).isEqualTo(Reason.RETRYING);
    assertThat(look.message()).contains("IllegalStateException: xxx").hasSizeLessThan(1100);
  }
}
