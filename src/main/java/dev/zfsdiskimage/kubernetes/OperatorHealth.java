package dev.zfsdiskimage.kubernetes;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** Up from the moment when everything that is watched has been read once, until the end begins. */
@Readiness
@Startup
@Singleton
class OperatorHealth implements HealthCheck {
  private volatile boolean synced;

  /** Everything has been read once, or is no longer followed. */
  void synced(boolean now) {
    synced = now;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("resources and their objects are known")
        .status(synced)
        .build();
  }
}
