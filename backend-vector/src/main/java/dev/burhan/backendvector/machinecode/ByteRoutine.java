package dev.burhan.backendvector.machinecode;

import static dev.burhan.backendvector.machinecode.Assembler.Memory.R8;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.RDI;

import dev.burhan.backendvector.machinecode.Assembler.Memory;

/**
 * The product of signed bytes, with a scale for each 32 numbers of a row, with some columns of F32
 * activations: the steps of {@code ByteTile} in its order, so that the bits are the same.
 *
 * <p>Registers: the columns' sums, then with EVEX the scales and six of weights; with VEX, where
 * scales stay in memory, two of weights and two for activations.
 */
final class ByteRoutine {
  private static final int BLOCK = 32;
  private static final int LINE = 64;

  private final Width width;
  private final int rows;
  private final Assembler to;
  private final Columns columns;
  private final int lowScales;
  private final int highScales;
  private final int low; // the first of some
  private final int high;
  private final int some;
  private final int x; // the first of two

  private ByteRoutine(Width width, int columns) {
    this.width = width;
    this.rows = width.rows();
    this.to = new Assembler(width);
    this.columns = new Columns(to, width, columns, 0);
    int end = width.registers();
    this.lowScales = end - 8;
    this.highScales = end - 7;
    this.some = width.evex() ? 3 : 1;
    this.low = width.evex() ? end - 6 : end - 4;
    this.high = low + some;
    this.x = end - 2;
  }

  /** Most columns of a routine. */
  static int columns(Width width) {
    int others = width.evex() ? 8 : 4;
    return Math.min(Columns.MOST, (width.registers() - others) / 2);
  }

  /** What a block takes. */
  static Routines.Block block(Width width) {
    return new Routines.Block(width.rows(), BLOCK, width.rows());
  }

  static byte[] of(Width width, int columns) {
    return new ByteRoutine(width, columns).bytes();
  }

  private byte[] bytes() {
    columns.begin();
    int loop = to.position();
    if (width.evex()) {
      to.vmovups(lowScales, scales(0));
      to.vmovups(highScales, scales(1));
    }
    for (int k = 0; k < BLOCK; k++) {
      int at = k * rows;
      if (at % LINE == 0) {
        to.prefetcht0(Memory.at(RDI, MachineCode.AHEAD + at));
      }
      weights(low + k % some, at, 0);
      weights(high + k % some, at + rows / 2, 1);
      for (int c = 0; c < columns.count(); c++) {
        add(c, k);
      }
    }
    to.add(RDI, BLOCK * rows);
    to.add(R8, 4 * rows);
    columns.next(4 * BLOCK, loop);
    to.vzeroupper();
    to.ret();
    return to.bytes();
  }

  private Memory scales(int half) {
    return Memory.at(R8, half * width.bytes());
  }

  private void weights(int register, int at, int half) {
    to.vpmovsxbd(register, Memory.at(RDI, at));
    to.vcvtdq2ps(register, register);
    if (width.evex()) {
      to.vmulps(register, register, half == 0 ? lowScales : highScales);
    } else {
      to.vmulps(register, register, scales(half));
    }
  }

  private void add(int column, int k) {
    Memory number = columns.x(column, 4 * k);
    if (width.evex()) {
      to.vfmadd231psAll(columns.low(column), low + k % some, number);
      to.vfmadd231psAll(columns.high(column), high + k % some, number);
    } else {
      int all = x + column % 2;
      to.vbroadcastss(all, number);
      to.vfmadd231ps(columns.low(column), low, all);
      to.vfmadd231ps(columns.high(column), high, all);
    }
  }
}
