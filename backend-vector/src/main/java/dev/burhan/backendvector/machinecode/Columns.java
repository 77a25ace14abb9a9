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
 * (columns, 32) of F32 at {@code sums + to}. Vector registers 8 to 23 hold the sums.
 */
record Columns(Assembler to, int count) {
  static final int MOST = 8;

  /** Rows of a panel, and lanes of a vector. */
  static final int ROWS = 32;

  private static final int LANES = 16;
  private static final int FIRST_LOW = 8;
  private static final int FIRST_HIGH = 16;
  private static final int SUMS_OF_COLUMN = 4 * ROWS;
  private static final int FIFTH = 8;

  /** Loads sums and makes addresses: {@link #x} may be called from now on. */
  void begin() {
    to.addTo(RSI, RDX);
    to.mov(RAX, Memory.at(RSP, FIFTH));
    to.addTo(R9, RAX);
    to.mov(RAX, Memory.at(RSP, 2 * FIFTH));
    to.lea(R10, new Memory(RCX, RCX, 2, 0));
    to.lea(R11, new Memory(RSI, RCX, 4, 0));
    for (int c = 0; c < count; c++) {
      to.vmovups(low(c), Memory.at(R9, c * SUMS_OF_COLUMN));
      to.vmovups(high(c), Memory.at(R9, c * SUMS_OF_COLUMN + 4 * LANES));
    }
  }

  /** Goes on to the next block of the columns' numbers, or ends. */
  void next(int bytes, int loop) {
    to.add(RSI, bytes);
    to.add(R11, bytes);
    to.dec(RAX);
    to.jnz(loop);
    for (int c = 0; c < count; c++) {
      to.vmovups(Memory.at(R9, c * SUMS_OF_COLUMN), low(c));
      to.vmovups(Memory.at(R9, c * SUMS_OF_COLUMN + 4 * LANES), high(c));
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

  /** Sums of the first 16 rows. */
  int low(int column) {
    return FIRST_LOW + column;
  }

  int high(int column) {
    return FIRST_HIGH + column;
  }
}
