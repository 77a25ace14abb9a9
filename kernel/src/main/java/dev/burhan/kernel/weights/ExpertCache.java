package dev.burhan.kernel.weights;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.HostMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * Experts in memory, as many as a budget allows. The one given up is, among the few that were not
 * used for longest, the one that was used least; each time that one is passed over its count is
 * halved. Memory of an expert that is given up serves the next one of its size.
 *
 * <p>What is being used or read is never given up: the budget is passed by what the threads of a
 * step hold at once, if it is as small as that.
 */
final class ExpertCache implements AutoCloseable {
  /** Experts that are compared when one is given up. */
  private static final int CANDIDATES = 8;

  /** Threads that read ahead: enough to keep a disk's queue filled. */
  private static final int READERS = 4;

  private final long budget;
  private final HostMemory memory;
  private final ExecutorService readers =
      Executors.newFixedThreadPool(
          READERS, Thread.ofPlatform().daemon().name("burhan-experts-", 0).factory());
  private final Map<Key, Slot> slots = new LinkedHashMap<>(16, 0.75f, true); // guarded by this
  private final Map<Long, Deque<MemorySegment>> spare = new HashMap<>(); // guarded by this
  private long taken; // bytes of slots; guarded by this
  private long hits; // guarded by this
  private long misses; // guarded by this
  private long bytesRead; // guarded by this

  /** Reads an expert's bytes into a slot. */
  @FunctionalInterface
  interface Reader {
    void read(MemorySegment to);
  }

  /** An expert of a weight, which goes by a number. */
  record Key(int weight, int expert) {}

  private static final class Slot {
    final MemorySegment segment;
    final CompletableFuture<Void> read = new CompletableFuture<>();
    int holds;
    int uses;

    Slot(MemorySegment segment) {
      this.segment = segment;
    }

    boolean idle() {
      return holds == 0 && read.isDone();
    }
  }

  ExpertCache(long budget, HostMemory memory) {
    this.budget = budget;
    this.memory = memory;
  }

  void prefetch(Key key, long bytes, Reader reader) {
    Slot slot;
    synchronized (this) {
      if (slots.containsKey(key) || !room(bytes, true)) {
        return;
      }
      slot = add(key, bytes);
    }
    try {
      readers.execute(() -> fill(key, slot, reader));
    } catch (RejectedExecutionException e) { // closed meanwhile
      forget(key, slot, e);
    }
  }

  MemorySegment acquire(Key key, long bytes, Reader reader) {
    Slot slot;
    boolean ours;
    synchronized (this) {
      slot = slots.get(key);
      ours = slot == null;
      if (ours) {
        misses++;
        room(bytes, false);
        slot = add(key, bytes);
      } else if (slot.uses > 0 || slot.read.isDone()) {
        hits++;
      } else {
        misses++; // read ahead, and waited for
      }
      slot.uses++;
      slot.holds++;
    }
    if (ours) {
      fill(key, slot, reader);
    }
    try {
      slot.read.join();
      return slot.segment;
    } catch (CompletionException e) {
      throw e.getCause() instanceof BurhanException known
          ? known
          : new BurhanException("an expert could not be read: " + e.getCause(), e.getCause());
    }
  }

  synchronized void release(Key key) {
    Slot slot = slots.get(key);
    slot.holds--;
    if (taken > budget) {
      room(0, false);
    }
  }

  private Slot add(Key key, long bytes) {
    Deque<MemorySegment> free = spare.get(bytes);
    MemorySegment segment = free == null || free.isEmpty() ? memory.map(bytes) : free.removeLast();
    Slot slot = new Slot(segment);
    slots.put(key, slot);
    taken += bytes;
    return slot;
  }

  private void fill(Key key, Slot slot, Reader reader) {
    try {
      reader.read(slot.segment);
      synchronized (this) {
        bytesRead += slot.segment.byteSize();
      }
      slot.read.complete(null);
    } catch (RuntimeException | Error e) {
      forget(key, slot, e);
    }
  }

  /** A slot that could not be read is nobody's: the next one who asks tries again. */
  private void forget(Key key, Slot slot, Throwable cause) {
    synchronized (this) {
      slots.remove(key, slot);
      taken -= slot.segment.byteSize();
      keep(slot.segment);
    }
    slot.read.completeExceptionally(cause);
  }

  private void keep(MemorySegment segment) {
    spare.computeIfAbsent(segment.byteSize(), _ -> new ArrayDeque<>()).addLast(segment);
  }

  /**
   * Gives experts up until so many bytes fit.
   *
   * @param ahead whether they are only likely to be used: then nothing goes that waits to be
   * @return whether they fit
   */
  private boolean room(long bytes, boolean ahead) {
    while (taken + bytes > budget) {
      Key victim = victim(ahead);
      if (victim == null) {
        return false;
      }
      Slot slot = slots.remove(victim);
      taken -= slot.segment.byteSize();
      keep(slot.segment);
      trim(bytes);
    }
    return true;
  }

  private Key victim(boolean ahead) {
    Key least = null;
    Slot leastSlot = null;
    int seen = 0;
    for (Iterator<Map.Entry<Key, Slot>> all = slots.entrySet().iterator();
        all.hasNext() && seen < CANDIDATES; ) {
      Map.Entry<Key, Slot> entry = all.next();
      Slot slot = entry.getValue();
      if (!slot.idle() || ahead && slot.uses == 0) {
        continue;
      }
      seen++;
      if (leastSlot == null || slot.uses < leastSlot.uses) {
        least = entry.getKey();
        leastSlot = slot;
      }
    }
    age(leastSlot);
    return least;
  }

  private void age(Slot chosen) {
    int seen = 0;
    for (Slot slot : slots.values()) {
      if (slot == chosen || seen++ == CANDIDATES) {
        return;
      }
      slot.uses = slot.uses > 1 ? slot.uses / 2 : slot.uses;
    }
  }

  /** Gives memory back that no expert of the size asked for can use. */
  private void trim(long bytes) {
    for (Map.Entry<Long, Deque<MemorySegment>> size : spare.entrySet()) {
      while (size.getKey() != bytes && !size.getValue().isEmpty()) {
        memory.unmap(size.getValue().removeLast());
      }
    }
  }

  synchronized ExpertCounts counts() {
    return new ExpertCounts(hits, misses, bytesRead, 0, taken);
  }

  @Override
  public void close() {
    readers.shutdownNow();
    List<MemorySegment> all = new ArrayList<>();
    readers.close(); // waits for what is being read
    synchronized (this) {
      slots.values().forEach(slot -> all.add(slot.segment));
      spare.values().forEach(all::addAll);
      slots.clear();
      spare.clear();
      taken = 0;
    }
    all.forEach(memory::unmap);
  }
}
