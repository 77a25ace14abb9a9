package dev.burhan.backendvector;

import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;

/** Floating point numbers: number {@code k} of each row, one row after another, then the next. */
final class FloatPanels extends PanelType {
  private final Widen widen;
  private final int bytes;

  FloatPanels(DataType type, Lanes lanes) {
    super(type, lanes);
    this.widen = Widen.of(type, lanes).orElseThrow();
    this.bytes = type.blockBytes();
  }

  @Override
  void pack(byte[] in, int at, int cols, byte[] panel, int row, SplitBlock split) {
    int step = lanes.rows() * bytes;
    for (int i = 0; i < cols; i++) {
      for (int b = 0; b < bytes; b++) {
        panel[i * step + row * bytes + b] = in[at + i * bytes + b];
      }
    }
  }

  @Override
  void floats(MemorySegment w, long panel, int cols, int from, int count, Work work) {
    long at = panel + (long) from * lanes.rows() * bytes;
    widen.widen(w, at, count * lanes.rows(), work.floats, 0);
  }
}
