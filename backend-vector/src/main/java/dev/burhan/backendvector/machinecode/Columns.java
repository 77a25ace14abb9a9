package dev.burhan.backendvector.machinecode;

import static dev.burhan.backendvector.machinecode.Assembler.Memory.R10;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.R11;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.R9;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.RAX;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.RCX;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.RDX;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.RSI;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.RSP;

import dev.burhan.backendvector.machinecode.Assembler.Memory;

/**
 * What all routines have in common: their arguments, and where columns and sums are. A routine is
 * called as the C function (System V ABI)
 *
 * <pre>{@code
 * void routine(const char *weights, const char *x, long first, long stride,
 *              const float *scales, char *sums, long to, long blocks);
 * }</pre>
 *
 * and adds products with columns at {@code x + first}, {@code stride} bytes apart, to sums
 * (columns, rows) of F32 at {@code sums + to}.
 *
 * @param firstSum the vector register that the columns' sums, two each, begin with, or {@link
 *     #IN_MEMORY}
 */
record Columns(Assembler to, Width width, int count, int firstSum) {
  /** As many as there are addresses for. */
  static final int MOST = 8;

  /** For {@link #firstSum}: sums are kept where they came from. */
  static final int IN_MEMORY = -1;

  private static final int FIFTH = 8;

  /** Loads sums and makes addresses: {@link #x} may be called from now on. */
  void begin() {
    to.addTo(RSI, RDX);
    to.mov(RAX, Memory.at(RSP, FIFTH));
    to.addTo(R9, RAX);
    to.mov(RAX, Memory.at(RSP, 2 * FIFTH));
    to.lea(R10, new Memory(RCX, RCX, 2, 0));
    to.lea(R11, new Memory(RSI, RCX, 4, 0));
    for (int sum = 0; firstSum != IN_MEMORY && sum < 2 * count; sum++) {
      to.vmovups(firstSum + sum, place(sum));
    }
  }

  /** Goes on to the next block of the columns' numbers, or ends. */
  void next(int bytes, int loop) {
    to.add(RSI, bytes);
    to.add(R11, bytes);
    to.dec(RAX);
    to.jnz(loop);
    for (int sum = 0; firstSum != IN_MEMORY && sum < 2 * count; sum++) {
      to.vmovups(place(sum), firstSum + sum);
    }
  }

  /** A place in a column's current block. */
  Memory x(int column, int displacement) {
    int base = column < 4 ? RSI : R11;
    return switch (column % 4) {
      case 0 -> Memory.at(base, displacement);
      case 3 -> new Memory(base, R10, 1, displacement);
      default -> new Memory(base, RCX, column % 4, displacement);
    };
  }

  private Memory place(int sum) {
    return Memory.at(R9, sum * width.bytes());
  }

  /** The register with the sums of the first half of the rows, where they are in registers. */
  int low(int column) {
    return firstSum + 2 * column;
  }

  int high(int column) {
    return low(column) + 1;
  }

  /**
   * Adds products to a column's sums.
   *
   * @param half of the rows: 0 or 1
   * @param numbers register that is multiplied with {@code scales}, and overwritten
   */
  void add(int column, int half, int numbers, int scales) {
    int sum = 2 * column + half;
    if (firstSum == IN_MEMORY) {
      to.vfmadd213ps(numbers, scales, place(sum));
      to.vmovups(place(sum), numbers);
    } else {
      to.vfmadd231ps(firstSum + sum, numbers, scales);
    }
  }
}
