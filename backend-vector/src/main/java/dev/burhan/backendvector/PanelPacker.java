package dev.burhan.backendvector;

import dev.burhan.backend.Layout;
import dev.burhan.backend.Packer;
import dev.burhan.backend.Rows;
import dev.burhan.graph.Weight;
import java.lang.foreign.MemorySegment;

/** Arranges a matrix in panels: see {@link PanelType}. */
final class PanelPacker implements Packer {
  private static final int VERSION = 5;

  private final Lanes lanes;

  PanelPacker(Lanes lanes) {
    this.lanes = lanes;
  }

  /** Panels of as many rows as the lanes have. */
  static Layout layout(Lanes lanes) {
    return new Layout("vector-panels-" + lanes.rows(), VERSION);
  }

  @Override
  public long bytes(Weight weight) {
    long panels = Math.multiplyExact(Panels.matrices(weight), perMatrix(weight));
    return Math.multiplyExact(panels, Panels.panelBytes(weight, lanes));
  }

  private long perMatrix(Weight weight) {
    return Math.ceilDiv(matrixRows(weight), (long) lanes.rows());
  }

  private static long matrixRows(Weight weight) {
    return weight.shape().rows() / Math.max(1, Panels.matrices(weight));
  }

  @Override
  public int rowsPerPanel() {
    return lanes.rows();
  }

  @Override
  public void pack(Weight weight, Rows rows, long first, long count, MemorySegment to) {
    PanelType type = PanelType.of(weight.type(), lanes);
    int cols = Math.toIntExact(weight.shape().cols());
    int rowBytes = Math.toIntExact(weight.type().bytes(cols));
    long panelBytes = type.panelBytes(cols);
    byte[] in = new byte[rowBytes * lanes.rows()];
    byte[] panel = new byte[(int) panelBytes];
    SplitBlock split = new SplitBlock();
    long matrixRows = matrixRows(weight);
    long firstPanel = first / matrixRows * perMatrix(weight) + first % matrixRows / lanes.rows();
    for (long row = first; row < first + count; row += lanes.rows()) {
      int some = (int) Math.min(lanes.rows(), first + count - row);
      rows.read(row, some, MemorySegment.ofArray(in));
      if (some < lanes.rows()) {
        java.util.Arrays.fill(panel, (byte) 0); // the rows that fill up the last panel are zeros
      }
      for (int i = 0; i < some; i++) {
        type.pack(in, i * rowBytes, cols, panel, i, split);
      }
      long at = (firstPanel + (row - first) / lanes.rows()) * panelBytes;
      MemorySegment.copy(panel, 0, to, Memory.BYTE, at, panel.length);
    }
  }
}
