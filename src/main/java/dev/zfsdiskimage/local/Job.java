package dev.zfsdiskimage.local;

import java.io.IOException;

/** A piece of work that takes time, can fail and can be interrupted. */
interface Job<T> {
  T run() throws BuildFailure, IOException, InterruptedException;
}
