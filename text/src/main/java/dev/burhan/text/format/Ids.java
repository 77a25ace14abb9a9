package dev.burhan.text.format;

import dev.burhan.checkpoint.CheckpointException;

/** Bounds of token ids. */
final class Ids {
  /** Far above every published vocabulary; low enough that a lying id can't ask for gigabytes. */
  static final int LARGEST = 10_000_000;

  /** Ids that a small file may have: of a published vocabulary cut down to a few tokens. */
  private static final int LARGEST_OF_SMALL = (1 << 18) - 1;

  private Ids() {}

  /**
   * The largest id of a document: its tables have an entry for each id up to the largest, and each
   * token takes some bytes of the document.
   */
  static int largest(int documentBytes) {
    return Math.min(LARGEST, Math.max(LARGEST_OF_SMALL, documentBytes));
  }

  static int check(long id, String where) {
    return check(id, LARGEST, where);
  }

  static int check(long id, int largest, String where) {
    if (id < 0 || id > largest) {
      throw new CheckpointException(
          Json.oneLine(where + ": expected an id from 0 to " + largest + ", found " + id));
    }
    return (int) id;
  }
}
