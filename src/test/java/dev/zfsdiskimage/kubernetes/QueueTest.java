package dev.zfsdiskimage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.zfsdiskimage.kubernetes.Queue.Build;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class QueueTest {
  private static final Instant EPOCH = Instant.EPOCH;

  private static Build build(String namespace, String name, int second) {
    return new Build(namespace, name, namespace + "/" + name, EPOCH.plusSeconds(second));
  }

  @Test
  void freePlaceIsGivenAtOnce() {
    assertThat(new Queue(1, 1).ahead(build("a", "one", 1), false)).isZero();
  }

  @Test
  void positionIsHowManyMustEndBefore() {
    Queue queue = new Queue(1, 1);
    queue.ahead(build("a", "one", 1), false);

    assertThat(queue.ahead(build("b", "two", 2), false)).isEqualTo(1);
    assertThat(queue.ahead(build("c", "three", 3), false)).isEqualTo(2);
  }

  @Test
  void olderResourceComesFirstWhoeverAsks() {
    Queue queue = new Queue(1, 1);
    queue.ahead(build("a", "one", 1), false);
    queue.ahead(build("b", "young", 9), false);
    queue.ahead(build("c", "old", 2), false);

    queue.leave("a/one");

    assertThat(queue.ahead(build("b", "young", 9), false)).isPositive();
    assertThat(queue.ahead(build("c", "old", 2), false)).isZero();
  }

  @Test
  void namespaceWithBuildsLetsOthersGoFirst() {
    Queue queue = new Queue(2, 2);
    queue.ahead(build("busy", "one", 1), false);
    queue.ahead(build("busy", "two", 2), false);
    queue.ahead(build("busy", "three", 3), false);
    queue.ahead(build("quiet", "late", 9), false);

    queue.leave("busy/one");

    assertThat(queue.ahead(build("busy", "three", 3), false)).isPositive();
    assertThat(queue.ahead(build("quiet", "late", 9), false)).isZero();
  }

  @Test
  void fullNamespaceWaitsThoughPlacesAreFree() {
    Queue queue = new Queue(5, 1);
    queue.ahead(build("a", "one", 1), false);

    assertThat(queue.ahead(build("a", "two", 2), false)).isPositive();
    assertThat(queue.ahead(build("b", "three", 3), false)).isZero();
  }

  @Test
  void buildThatHasBegunKeepsItsPlaceAfterARestart() {
    Queue queue = new Queue(1, 1);

    assertThat(queue.ahead(build("a", "begun", 5), true)).isZero();
    assertThat(queue.ahead(build("b", "older", 1), false)).isEqualTo(1);
  }

  @Test
  void leavingTellsWhoWaits() {
    Queue queue = new Queue(1, 1);
    queue.ahead(build("a", "one", 1), false);
    queue.ahead(build("b", "two", 2), false);

    assertThat(queue.leave("a/one")).extracting(Build::name).containsExactly("two");
    assertThat(queue.leave("a/one")).isEmpty();
  }

  @Test
  void farFromItsTurnItIsToldOnlyWhenThatReadsDifferently() {
    Queue queue = new Queue(1, 1);
    queue.ahead(build("first", "first", 0), false);
    for (int i = 1; i <= 40; i++) {
      queue.ahead(build("namespace" + i, "build" + i, i), false);
    }

    queue.leave("first/first");
    queue.ahead(build("namespace1", "build1", 1), false);

    // Of the others the next eleven count down; one more has come to "more than 20".
    assertThat(queue.leave("namespace1/build1"))
        .extracting(Build::name)
        .contains("build2", "build3", "build11")
        .doesNotContain("build15", "build20", "build30", "build40");
  }

  @Test
  void oneWhoseTurnHasComeIsToldAgainUntilItBegins() {
    Queue queue = new Queue(2, 2);
    queue.ahead(build("a", "one", 1), false);
    queue.ahead(build("b", "two", 2), false);
    queue.ahead(build("c", "three", 3), false);

    assertThat(queue.leave("a/one")).extracting(Build::name).containsExactly("three");
    assertThat(queue.leave("b/two")).extracting(Build::name).containsExactly("three");
  }
}
