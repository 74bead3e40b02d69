package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.api.Phase;
import dev.zfsdiskimage.api.ZfsDiskImage;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A resource is another one when it was deleted and applied again, though all names are the same.
 */
class ReappliedScenarioTest {
  private final TestCluster cluster = new TestCluster(Duration.ofSeconds(60));

  @AfterEach
  void close() {
    cluster.close();
  }

  /**
   * @param late whether what the first one had still stands in the operator's caches
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void resourceThatIsDeletedAndAppliedAgainWithinItsBuildIsBuilt(boolean late) {
    Semaphore goOn = cluster.pauseBuilds();
    cluster.startOperator();
    cluster.apply(TestCluster.resource("web"));
    cluster.awaitPhase("web", Phase.BUILDING);
    if (late) {
      cluster.api.disturbWatches();
    }

    cluster.api.delete(ZfsDiskImage.class, TestCluster.NAMESPACE, "web");
    cluster.apply(TestCluster.resource("web"));
    cluster.await("its own VM", () -> cluster.kubevirt.started("build") == 2);
    goOn.release(2);

    assertThat(cluster.awaitPhase("web", Phase.READY).attempt()).isEqualTo(1);
    assertThat(cluster.failures()).isEmpty();
  }
}
