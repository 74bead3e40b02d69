package dev.zfsdiskimage.engine;

/**
 * What a queued build is told of its turn. Exact for the next ten only: were a thousand resources
 * to count down a thousand times, that would be a million looks and writes.
 *
 * @param ahead how many other builds must end before
 */
public record Turn(int ahead) {
  private static final int EXACTLY = 10;

  /** Changes rarely as long as the turn is far. */
  public String told() {
    if (ahead == 1) {
      return "waiting for another build to end";
    }
    if (ahead <= EXACTLY) {
      return "waiting for " + ahead + " other builds to end";
    }
    int scale = EXACTLY;
    while (ahead > scale * EXACTLY) {
      scale *= EXACTLY;
    }
    int more = ahead > scale * 5 ? scale * 5 : ahead > scale * 2 ? scale * 2 : scale;
    return "waiting for more than " + more + " other builds to end";
  }
}
