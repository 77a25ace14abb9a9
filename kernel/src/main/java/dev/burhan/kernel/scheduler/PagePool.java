package dev.burhan.kernel.scheduler;

import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;

/**
 * Numbers of KV pages: held by sequences, several of which may hold the same one, or free, or kept
 * for prompts that begin alike until somebody needs the room; the least recently held goes first.
 * Not thread-safe: the model's thread owns it.
 */
final class PagePool {
  private final int count;
  private final PageStore store;
  private final BitSet lasting = new BitSet(); // pages that the store should keep
  private final int[] holders;
  private final BitSet free = new BitSet();
  private final LinkedHashSet<Integer> idle = new LinkedHashSet<>(); // kept, held by nobody
  private final Map<PageKey, Integer> pages = new HashMap<>();
  private final PageKey[] whole; // by page: the key of all that it holds, once it is full
  private final PageKey[] beginning; // by page: the key of a prompt's end that it begins with

  PagePool(int count) {
    this(count, PageStore.NONE);
  }

  /** Pages that are looked for in a store too. */
  PagePool(int count, PageStore store) {
    this.count = count;
    this.store = store;
    holders = new int[count];
    whole = new PageKey[count];
    beginning = new PageKey[count];
    free.set(0, count);
  }

  /** A page of nobody's, now held once; -1 if there is none. */
  int take() {
    int page = free.nextSetBit(0);
    if (page >= 0) {
      free.clear(page);
    } else if (!idle.isEmpty()) {
      page = idle.removeFirst();
      forget(page);
    } else {
      return -1;
    }
    holders[page] = 1;
    return page;
  }

  private void forget(int page) {
    if (whole[page] != null) {
      pages.remove(whole[page]);
      whole[page] = null;
      lasting.clear(page);
    }
    if (beginning[page] != null) {
      pages.remove(beginning[page]);
      beginning[page] = null;
    }
  }

  /** Holds a page that was found once more. */
  void hold(int page) {
    if (holders[page]++ == 0) {
      idle.remove(page);
    }
  }

  /** Lets a page go. */
  void give(int page) {
    if (page < 0 || page >= count || holders[page] == 0) {
      throw new IllegalStateException("page " + page + " is given back twice");
    }
    if (--holders[page] > 0) {
      return;
    }
    if (whole[page] != null || beginning[page] != null) {
      idle.add(page);
    } else {
      free.set(page);
    }
  }

  /** The page that holds this; -1 if none does. */
  int find(PageKey key) {
    return pages.getOrDefault(key, -1);
  }

  /** The same of a full page, which may come from the store. */
  int findWhole(PageKey key) {
    int page = find(key);
    // What is brought in must not drive out what was brought in for the same text.
    if (page >= 0 || available() <= count / 2 || !store.has(key)) {
      return page;
    }
    page = take();
    boolean loaded = store.load(key, page);
    if (loaded) {
      keepWhole(page, key, false);
    }
    give(page);
    return loaded ? page : -1;
  }

  /**
   * A page is full of this from now on, and may be found. The first of several is.
   *
   * @param last whether a store should keep it beyond the model's life
   */
  void keepWhole(int page, PageKey key, boolean last) {
    if (whole[page] == null && pages.putIfAbsent(key, page) == null) {
      whole[page] = key;
      lasting.set(page, last);
    }
  }

  /** Gives the store what it should keep, the latest first. */
  void save() {
    for (int page : idle.reversed()) {
      if (lasting.get(page) && !store.save(whole[page], page)) {
        return;
      }
    }
  }

  /** A page begins with this, whatever follows, and may be found to be copied. */
  void keepBeginning(int page, PageKey key) {
    if (beginning[page] == null && pages.putIfAbsent(key, page) == null) {
      beginning[page] = key;
    }
  }

  /** Whether somebody holds a page. */
  boolean held(int page) {
    return holders[page] > 0;
  }

  int count() {
    return count;
  }

  /** Pages that {@link #take} could give. */
  int available() {
    return free.cardinality() + idle.size();
  }

  /** Pages that are kept for prompts and held by nobody. */
  int idle() {
    return idle.size();
  }

  int held() {
    return count - available();
  }
}
