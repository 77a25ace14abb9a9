package dev.burhan.backendtck;

import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.HostMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/** Host memory that counts what is out, and that can be made to run short. */
final class CountedMemory implements HostMemory {
  private final NativeHostMemory memory = new NativeHostMemory();
  private final AtomicInteger given = new AtomicInteger();
  private volatile int most = Integer.MAX_VALUE;

  /** From here on, so many blocks more are given and then no other. */
  void allow(int blocks) {
    given.set(0);
    most = blocks;
  }

  /** Ends the shortage. */
  void allowAll() {
    allow(Integer.MAX_VALUE);
  }

  /** Blocks given since the last call of {@link #allow}. */
  int given() {
    return given.get();
  }

  @Override
  public MemorySegment map(long bytes) {
    if (given.incrementAndGet() > most) {
      throw new BurhanException(
          "the suite gives no more memory: asked for " + bytes + " bytes; take a smaller model");
    }
    return memory.map(bytes);
  }

  @Override
  public void unmap(MemorySegment segment) {
    memory.unmap(segment);
  }

  int blocks() {
    return memory.liveBlocks();
  }

  long bytes() {
    return memory.liveBytes();
  }
}
