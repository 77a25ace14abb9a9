package dev.burhan.backendvector;

import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.burhan.tensor.Codebook;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/**
 * Nibbles as {@link Planes4} has them, each of which stands for one of 16 numbers up to +-127.
 * Multiplied in F32 only: two products would fill 16 bits.
 */
final class PlanesIq4 extends Planes {
  private static final int VECTORS = 8;
  private static final int BYTES = 2 * VECTORS;
  private static final int LOW = 0xf000f;

  private final short[] table = new short[Work.ROWS]; // as often as it fits the widest vector

  PlanesIq4(Lanes lanes) {
    super(lanes, 32, BYTES, 0);
    for (int i = 0; i < table.length; i++) {
      table[i] = Codebook.IQ4.number(i % Codebook.IQ4.size(), 0);
    }
  }

  @Override
  void pack(byte[] q, int at, byte[] panel, int to, int row) {
    for (int i = 0; i < VECTORS; i++) {
      put(panel, to, i, row, nibbles(q, at + 4 * i));
    }
  }

  @Override
  void numbers(MemorySegment w, long at, int first, int runs, Work work) {
    IntVector low = lanes.all(LOW);
    int rows = lanes.rows();
    for (int i = 0; i < runs * VECTORS; i++) {
      IntVector v = vector(w, at, i);
      int out = i * 4 * rows;
      lookUp(v.and(low), work, out);
      lookUp(v.lanewise(LSHR, 4).and(low), work, out + rows);
      lookUp(v.lanewise(LSHR, 8).and(low), work, out + 2 * rows);
      lookUp(v.lanewise(LSHR, 12).and(low), work, out + 3 * rows);
    }
  }

  private void lookUp(IntVector nibbles, Work work, int to) {
    lanes.lookUp(nibbles.reinterpretAsShorts(), table).intoArray(work.numbers, to);
  }

  @Override
  void products(MemorySegment w, long at, int first, int runs, Work work) {
    throw new IllegalStateException("looked up numbers are multiplied in F32");
  }
}
