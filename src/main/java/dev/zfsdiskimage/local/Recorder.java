package dev.zfsdiskimage.local;

import dev.zfsdiskimage.recipe.Bytes;

/** Tells the log and the listener of what a stage does. */
record Recorder(BuildLog log, BuildListener listener) {
  void activity(String text) {
    log.say(text);
    listener.activity(text);
  }

  void note(String text) {
    log.say(text);
    listener.note(text);
  }

  void console(Bytes bytes) {
    log.console(bytes.toArray());
    listener.console(bytes);
  }
}
