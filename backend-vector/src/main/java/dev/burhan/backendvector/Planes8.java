package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;

/**
 * Signed bytes, one number of all rows after another. Multiplied in F32 only: two products would
 * fill 16 bits.
 */
final class Planes8 extends Planes {
  Planes8(Lanes lanes) {
    super(lanes, 16, 16, 0);
  }

  @Override
  void pack(byte[] q, int at, byte[] panel, int to, int row) {
    for (int k = 0; k < run(); k++) {
      panel[to + k * lanes.rows() + row] = q[at + k];
    }
  }

  @Override
  void numbers(MemorySegment w, long at, int first, int runs, Work work) {
    short[] to = work.numbers;
    int rows = lanes.rows();
    for (int i = 0; i < runs * run() * rows; i += rows) {
      lanes.signedBytes(w, at + i).intoArray(to, i);
    }
  }

  @Override
  void products(MemorySegment w, long at, int first, int runs, Work work) {
    throw new IllegalStateException("bytes are multiplied in F32");
  }
}
