package dev.zfsdiskimage.cli;

import dev.zfsdiskimage.engine.Status.Condition;
import java.time.Duration;

/** Where a person or a program follows a build. Calls may come from several threads. */
interface BuildDisplay extends AutoCloseable {
  /** Something worth knowing that is neither a step nor a failure, such as emulation. */
  void note(String text);

  /** A step runs from now on. */
  void started(String step);

  /** How many bytes a step that runs has written. */
  void came(String step, long bytes);

  /** What happens within the newest step that runs. */
  void doing(String text);

  /** A step is done. */
  void finished(String step, Duration took);

  /** A step ended without being done. */
  void failed(String step, Duration took);

  /** A condition of the resource has a new status. */
  void condition(Condition condition);

  /** Ends the display; steps that still run were given up. */
  @Override
  void close();
}
