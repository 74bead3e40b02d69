package dev.zfsdiskimage.kubernetes;

import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.OperatorException;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Inject;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** The operator as a program: runs against the current kubeconfig until it is told to stop. */
public class OperatorApplication implements QuarkusApplication {
  private static final Logger LOG = Logger.getLogger(OperatorApplication.class);

  static final int FAILED = 1;

  private final Operator operator;
  private final OperatorHealth health;
  private final Ending ending;

  @Inject
  OperatorApplication(Operator operator, @Any OperatorHealth health, Ending ending) {
    this.operator = operator;
    this.health = health;
    this.ending = ending;
  }

  /**
   * Boots Quarkus with the operator in it, and blocks until both have ended.
   *
   * @return the exit status
   */
  public static int runToEnd(String... arguments) {
    AtomicInteger status = new AtomicInteger();
    Quarkus.run(
        OperatorApplication.class,
        (code, failure) -> status.set(failure == null ? code : Math.max(1, code)),
        arguments);
    return status.get();
  }

  @Override
  public int run(String... arguments) {
    ending.tellTruly();
    try {
      operator.start();
    } catch (OperatorException e) {
      LOG.errorf("the operator cannot start: %s", innermost(e));
      ending.failed();
      return FAILED;
    }
    health.synced(true);
    LOG.info("the operator has started: resources and their objects are known");
    Quarkus.waitForExit();
    return 0;
  }

  private static String innermost(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
