package dev.zfsdiskimage.kubernetes;

import io.javaoperatorsdk.operator.Operator;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import jakarta.inject.Inject;

/** The operator as a program: runs against the current kubeconfig until it is told to stop. */
public class OperatorApplication implements QuarkusApplication {
  private final Operator operator;
  private final ZfsDiskImageReconciler reconciler;

  @Inject
  OperatorApplication(Operator operator, ZfsDiskImageReconciler reconciler) {
    this.operator = operator;
    this.reconciler = reconciler;
  }

  @Override
  public int run(String... arguments) {
    operator.start();
    Quarkus.waitForExit();
    operator.stop();
    reconciler.close();
    return 0;
  }
}
