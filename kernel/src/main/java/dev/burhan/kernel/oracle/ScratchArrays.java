package dev.burhan.kernel.oracle;

import dev.burhan.backend.Bindings;
import dev.burhan.backend.Scratch;

/** Several arrays side by side in a worker's scratch memory, of which a kernel gets one piece. */
final class ScratchArrays {
  private static final long ALIGNMENT = 64;

  private long bytes;
  private Scratch memory;

  Scratch floats(int count) {
    return array(4L * count);
  }

  Scratch doubles(int count) {
    return array(8L * count);
  }

  private Scratch array(long size) {
    long offset = bytes;
    bytes += Math.ceilDiv(size, ALIGNMENT) * ALIGNMENT;
    return worker -> memory.of(worker).asSlice(offset, size);
  }

  /** Asks for the memory; after the last array was named. */
  void bind(Bindings bindings) {
    memory = bindings.scratch(bytes);
  }
}
