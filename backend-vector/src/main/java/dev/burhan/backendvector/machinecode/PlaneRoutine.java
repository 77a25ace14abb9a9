package dev.burhan.backendvector.machinecode;

import static dev.burhan.backendvector.machinecode.Assembler.Memory.R8;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.RDI;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.RDX;
import static dev.burhan.backendvector.machinecode.Assembler.Memory.RSP;

import dev.burhan.backendvector.machinecode.Assembler.Memory;

/**
 * The product of planes of 4, 5 or 6 bits with some columns of activations in 8 bits, a block of 32
 * numbers of each row at a time. Two numbers of a row are the bytes of a 16-bit lane, and one
 * instruction multiplies both and adds them ({@code vpmaddubsw}); all else is done as in {@code
 * IntegerTile}, in the same order, so that the bits are the same.
 *
 * <p>Registers: 0 to 7 sums of a run in 16 bits, 8 to 23 of the columns, 24 the mask of nibbles, 25
 * and 26 what is unpacked, 27 the nibbles, 28 their high bits, 29 to 31 for moments.
 */
final class PlaneRoutine {
  private static final int BLOCK = 32;
  private static final int LANES = 64; // bytes of a vector

  private static final int NIBBLES = 24;
  private static final int EVEN = 25;
  private static final int ODD = 26;
  private static final int LOW_BITS = 27;
  private static final int HIGH_BITS = 28;
  private static final int A = 29;
  private static final int B = 30;
  private static final int C = 31;

  private static final int NIBBLE_MASK = 0x0f0f0f0f;

  /** a or (b and c). */
  private static final int OR_AND = 0xf8;

  private final int bits;
  private final int run;
  private final int group;
  private final Assembler to = new Assembler();
  private final Columns columns;
  private int next; // of the block's bytes
  private int ahead; // the line to be fetched next

  private PlaneRoutine(int bits, int columns) {
    this.bits = bits;
    this.run = BLOCK >> bits - 4; // as many numbers as 16 bits hold the sum of
    this.group = bits == 6 ? 16 : BLOCK;
    this.columns = new Columns(to, columns);
  }

  /**
   * @param bits of a number: 4, 5 or 6, whose groups are 32, 32 and 16 numbers
   */
  static byte[] of(int bits, int columns) {
    return new PlaneRoutine(bits, columns).bytes();
  }

  private int blockBytes() {
    return bits * BLOCK * Columns.ROWS / 8;
  }

  private byte[] bytes() {
    columns.begin();
    to.mov(RDX, RSP);
    to.and(RSP, -LANES);
    to.add(RSP, -LANES * Columns.MOST);
    to.vpbroadcastd(NIBBLES, NIBBLE_MASK);
    int loop = to.position();
    next = 0;
    ahead = 0;
    for (int g = 0; g < BLOCK / group; g++) {
      for (int r = 0; r < group / run; r++) {
        run(g * group / run + r);
        if (r + 1 < group / run) {
          keep();
        }
      }
      scale(g);
    }
    to.add(RDI, blockBytes());
    to.add(R8, BLOCK / group * Columns.ROWS * 4);
    columns.next(ActivationBlock.BYTES, loop);
    to.mov(RSP, RDX);
    to.vzeroupper();
    to.ret();
    return to.bytes();
  }

  private Memory vector() {
    next += LANES;
    return Memory.at(RDI, next - LANES);
  }

  /** Sums of products of a run's numbers in 16 bits. */
  private void run(int index) {
    for (int c = 0; c < columns.count(); c++) {
      to.vpbroadcastd(c, columns.x(c, ActivationBlock.start(run, index)));
    }
    if (bits > 4) {
      to.vmovdqu32(HIGH_BITS, vector());
    }
    for (int i = 0; i < run / 4; i++) {
      prefetch();
      to.vmovdqu32(LOW_BITS, vector());
      to.vpandd(EVEN, LOW_BITS, NIBBLES);
      to.vpsrld(LOW_BITS, LOW_BITS, 4);
      to.vpandd(ODD, LOW_BITS, NIBBLES);
      if (bits > 4) {
        int width = bits - 4;
        highBits(EVEN, 4 - 2 * width * i);
        highBits(ODD, 4 - 2 * width * i - width);
      }
      int first = (index * run + 4 * i) / 2; // of the block's pairs
      add(EVEN, first);
      add(ODD, first + 1);
    }
  }

  /** A vector's line is fetched where the last one's products are under way. */
  private void prefetch() {
    int lines = blockBytes() / LANES;
    int calls = BLOCK / 4;
    for (int i = 0; i < Math.ceilDiv(lines, calls) && ahead < lines; i++) {
      to.prefetcht0(Memory.at(RDI, MachineCode.AHEAD + LANES * ahead++));
    }
  }

  /** Puts the high bits of two of the run's numbers above the nibbles: see {@code Planes.pairs}. */
  private void highBits(int register, int left) {
    int from = A;
    if (left > 0) {
      to.vpslld(A, HIGH_BITS, left);
    } else if (left < 0) {
      to.vpsrld(A, HIGH_BITS, -left);
    } else {
      from = HIGH_BITS;
    }
    int mask = (1 << bits - 4) - 1 << 4;
    to.vpternlogd(register, from, mask * 0x01010101, OR_AND);
  }

  /** Adds the products of two numbers. */
  private void add(int numbers, int pair) {
    for (int c = 0; c < columns.count(); c++) {
      int product = c % 2 == 0 ? B : C;
      to.vpbroadcastd(product, columns.x(c, ActivationBlock.pair(pair)));
      to.vpmaddubsw(product, numbers, product);
      to.vpaddw(c, c, product);
    }
  }

  /** Keeps the sums of a group's first run. */
  private void keep() {
    for (int c = 0; c < columns.count(); c++) {
      to.vmovdqu32(Memory.at(RSP, c * LANES), c);
    }
  }

  /** Adds a group's sums, scaled, to the columns' sums. */
  private void scale(int g) {
    int scales = g * Columns.ROWS * 4;
    to.vmovups(EVEN, Memory.at(R8, scales));
    to.vmovups(ODD, Memory.at(R8, scales + LANES));
    for (int c = 0; c < columns.count(); c++) {
      to.vextracti64x4(A, c);
      to.vpmovsxwd(c, c);
      to.vpmovsxwd(A, A);
      if (run < group) {
        to.vpmovsxwd(B, Memory.at(RSP, c * LANES));
        to.vpmovsxwd(C, Memory.at(RSP, c * LANES + LANES / 2));
        to.vpaddd(c, c, B);
        to.vpaddd(A, A, C);
      }
      add(columns.low(c), c, EVEN, c);
      add(columns.high(c), A, ODD, c);
    }
  }

  private void add(int sum, int products, int scales, int column) {
    to.vcvtdq2ps(products, products);
    to.vmulps(B, scales, columns.x(column, ActivationBlock.SCALE));
    to.vfmadd231ps(sum, products, B);
  }
}
