package dev.zfsdiskimage.local;

import dev.zfsdiskimage.engine.Status;
import dev.zfsdiskimage.recipe.Bytes;

/** Follows a build. Calls come from several threads. */
public interface BuildListener {
  /** The build's status has changed: phase, conditions, steps, failure. */
  void status(Status status);

  /** What happens within the current step, for a person: {@code converting root to qcow2}. */
  void activity(String text);

  /** The builder VM's pool holds so many bytes. */
  void poolBytes(long bytes);

  /** Something worth knowing that is no failure, such as emulation. */
  void note(String text);

  /** Output of a VM's console, as it came. */
  void console(Bytes bytes);
}
