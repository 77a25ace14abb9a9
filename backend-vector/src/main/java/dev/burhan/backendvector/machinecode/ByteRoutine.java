package dev.burhan.backendvector.machinecode;

import static dev.burhan.backendvector.machinecode.Assembler.Memory.R8;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.RDI;

import dev.burhan.backendvector.machinecode.Assembler.Memory;

/**
 * The product of signed bytes, with a scale for each 32 numbers of a row, with some columns of F32
 * activations: the steps of {@code ByteTile} in its order, so that the bits are the same.
 */
final class ByteRoutine {
  private static final int BLOCK = 32;
  private static final int LINE = 64;
  private static final int LOW_SCALES = 24;
  private static final int HIGH_SCALES = 25;
  private static final int LOW = 26; // to 28
  private static final int HIGH = 29; // to 31

  private ByteRoutine() {}

  static byte[] of(int count) {
    Assembler to = new Assembler();
    Columns columns = new Columns(to, count);
    columns.begin();
    int loop = to.position();
    to.vmovups(LOW_SCALES, Memory.at(R8, 0));
    to.vmovups(HIGH_SCALES, Memory.at(R8, 2 * Columns.ROWS));
    for (int k = 0; k < BLOCK; k++) {
      int at = k * Columns.ROWS;
      if (at % LINE == 0) {
        to.prefetcht0(Memory.at(RDI, MachineCode.AHEAD + at));
      }
      int low = LOW + k % 3;
      int high = HIGH + k % 3;
      scaled(to, low, Memory.at(RDI, at), LOW_SCALES);
      scaled(to, high, Memory.at(RDI, at + Columns.ROWS / 2), HIGH_SCALES);
      for (int c = 0; c < count; c++) {
        to.vfmadd231ps(columns.low(c), low, columns.x(c, 4 * k));
        to.vfmadd231ps(columns.high(c), high, columns.x(c, 4 * k));
      }
    }
    to.add(RDI, BLOCK * Columns.ROWS);
    to.add(R8, 4 * Columns.ROWS);
    columns.next(4 * BLOCK, loop);
    to.vzeroupper();
    to.ret();
    return to.bytes();
  }

  private static void scaled(Assembler to, int register, Memory from, int scales) {
    to.vpmovsxbd(register, from);
    to.vcvtdq2ps(register, register);
    to.vmulps(register, register, scales);
  }
}
