package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Multiplies panels with the columns that are listed in a thread's scratch. */
final class PanelProduct {
  final Panels panels;
  private final FloatProduct floats;
  private final IntegerProduct integers;

  /**
   * @param integers with activations in 8 bits, or null if these are F32 always
   */
  PanelProduct(Panels panels, FloatProduct floats, IntegerProduct integers) {
    this.panels = panels;
    this.floats = floats;
    this.integers = integers;
  }

  boolean hasIntegers() {
    return integers != null;
  }

  /**
   * Multiplies panels {@code [first, end)} with {@code columns} columns.
   *
   * @param eightBits whether with activations in 8 bits, if there are any
   * @param work {@code inputs}: which rows of the activations; {@code outputs}: which rows of
   *     {@code out}
   * @param bias (rows), or null
   * @param out F32 (any, rows)
   */
  void run(
      int first,
      int end,
      int columns,
      boolean eightBits,
      Work work,
      int worker,
      float[] bias,
      MemorySegment out) {
    if (columns == 0) {
      return;
    }
    if (eightBits && integers != null) {
      integers(first, end, columns, work, worker, bias, out);
    } else {
      floats(first, end, columns, work, worker, bias, out);
    }
  }

  private void floats(
      int first, int end, int columns, Work work, int worker, float[] bias, MemorySegment out) {
    boolean two = columns == 2 && panels.takesTwo();
    boolean whole = floats.whole(columns);
    int step = whole && columns > 1 ? 1 : step(columns, two);
    if (whole) {
      floats.load(columns, work);
    } else if (two) {
      floats.loadTwo(work);
    }
    for (int panel = first; panel < end; panel += step) {
      int some = Math.min(step, end - panel);
      int each = floats.sumsOf(columns);
      Arrays.fill(work.sums, 0, some * each, 0);
      if (columns == 1 && some == 2) {
        floats.addColumnToPair(panel, work, worker);
      } else if (whole) {
        floats.addWhole(panel, columns, work, worker);
      } else if (two) {
        floats.addTwo(panel, work, worker);
      } else {
        floats.add(panel, some, columns, work, worker);
      }
      for (int i = 0; i < some; i++) {
        finish(panel + i, columns, 0, work, i * each, bias, out);
      }
    }
  }

  /** Panels at a time. */
  private int step(int columns, boolean two) {
    if (columns == 1) {
      return panels.takesPair() ? 2 : 1;
    }
    return !two && panels.resident() ? Work.PANELS : 1;
  }

  private void integers(
      int first, int end, int columns, Work work, int worker, float[] bias, MemorySegment out) {
    for (int from = 0; from < columns; from += Work.EIGHT_BIT_COLUMNS) {
      int some = Math.min(Work.EIGHT_BIT_COLUMNS, columns - from);
      integers.load(from, some, work);
      for (int panel = first; panel < end; panel++) {
        integers.multiply(panel, some, work, worker);
        finish(panel, some, from, work, 0, bias, out);
      }
    }
  }

  private void finish(
      int panel,
      int columns,
      int firstColumn,
      Work work,
      int sums,
      float[] bias,
      MemorySegment out) {
    int lanes = panels.type.lanes.rows();
    int first = panels.firstRow(panel);
    int rows = Math.min(lanes, panels.rows - first);
    for (int c = 0; c < columns; c++) {
      int from = sums + c * lanes;
      if (bias != null) {
        for (int row = 0; row < rows; row++) {
          work.sums[from + row] += bias[first + row];
        }
      }
      long to = ((long) work.outputs[firstColumn + c] * panels.rows + first) * 4;
      MemorySegment.copy(work.sums, from, out, Memory.FLOAT, to, rows);
    }
  }
}
