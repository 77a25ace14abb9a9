package dev.burhan.text.format;

import dev.burhan.checkpoint.CheckpointException;

/** Bounds of token ids. */
final class Ids {
  /** Far above every published vocabulary; low enough that a lying id can't ask for gigabytes. */
  static final int LARGEST = 10_000_000;

  private Ids() {}

  static int check(long id, String where) {
    if (id < 0 || id > LARGEST) {
      throw new CheckpointException(
          where + ": expected an id from 0 to " + LARGEST + ", found " + id);
    }
    return (int) id;
  }
}
