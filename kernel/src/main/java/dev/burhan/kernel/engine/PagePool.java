package dev.burhan.kernel.engine;

import java.util.BitSet;

/** Numbers of KV pages, free or taken. Not thread-safe: the engine's thread owns it. */
final class PagePool {
  private final BitSet taken = new BitSet();
  private final int count;

  PagePool(int count) {
    this.count = count;
  }

  /** A free page's number, the lowest; -1 if there is none. */
  int take() {
    int page = taken.nextClearBit(0);
    if (page >= count) {
      return -1;
    }
    taken.set(page);
    return page;
  }

  void give(int page) {
    if (!taken.get(page)) {
      throw new IllegalStateException("page " + page + " is given back twice");
    }
    taken.clear(page);
  }

  int free() {
    return count - taken.cardinality();
  }
}
