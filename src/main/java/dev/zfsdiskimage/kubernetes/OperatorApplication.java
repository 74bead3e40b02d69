package dev.zfsdiskimage.kubernetes;

import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.OperatorException;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Inject;
import java.net.BindException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
   * @param complain told why it cannot start, where that was before the log
   * @return the exit status
   */
  public static int runToEnd(Consumer<String> complain) {
    AtomicInteger status = new AtomicInteger();
    Quarkus.run(
        OperatorApplication.class,
        (code, failure) -> {
          status.set(failure == null ? code : Math.max(FAILED, code));
          if (failure != null) {
            complain.accept("the operator cannot start: " + cause(failure));
          }
        });
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

  private static String cause(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException) {
        return "another program listens on its port; set ZDI_HTTP_PORT to a free one (%s)"
            .formatted(cause.getMessage());
      }
    }
    return innermost(failure);
  }

  private static String innermost(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
