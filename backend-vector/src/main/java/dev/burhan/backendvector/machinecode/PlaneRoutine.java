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
 * <p>Registers: first sums of a run in 16 bits, one a column, then those of the columns, which stay
 * in memory where they are too many; the last eight are named below.
 */
final class PlaneRoutine {
  private static final int BLOCK = 32;
  private static final int LINE = 64;
  private static final int NIBBLE_MASK = 0x0f0f0f0f;
  private static final int NAMED = 8;

  private final int bits;
  private final int run;
  private final int group;
  private final int vectorBytes;
  private final int rows;
  private final Assembler to;
  private final Columns columns;
  private final int nibbles; // their mask
  private final int even; // what is unpacked, and scales
  private final int odd;
  private final int lowBits;
  private final int highBits;
  private final int a; // for moments
  private final int b;
  private final int c;
  private int next; // of the block's bytes
  private int ahead; // the line to be fetched next

  private PlaneRoutine(Width width, int bits, int columns) {
    this.bits = bits;
    this.run = BLOCK >> bits - 4; // as many numbers as 16 bits hold the sum of
    this.group = bits == 6 ? 16 : BLOCK;
    this.vectorBytes = width.bytes();
    this.rows = width.rows();
    this.to = new Assembler(width);
    this.nibbles = width.registers() - NAMED;
    this.even = nibbles + 1;
    this.odd = nibbles + 2;
    this.lowBits = nibbles + 3;
    this.highBits = nibbles + 4;
    this.a = nibbles + 5;
    this.b = nibbles + 6;
    this.c = nibbles + 7;
    int sums = 3 * columns <= nibbles ? columns : Columns.IN_MEMORY;
    this.columns = new Columns(to, width, columns, sums);
  }

  /**
   * @param bits of a number: 4, 5 or 6, whose groups are 32, 32 and 16 numbers
   */
  static byte[] of(Width width, int bits, int columns) {
    return new PlaneRoutine(width, bits, columns).bytes();
  }

  /** What a block takes. */
  static Routines.Block block(Width width, int bits) {
    int groups = bits == 6 ? 2 : 1;
    return new Routines.Block(width.rows(), ActivationBlock.INTS, groups * width.rows());
  }

  private int blockBytes() {
    return bits * BLOCK * rows / 8;
  }

  private byte[] bytes() {
    columns.begin();
    to.mov(RDX, RSP);
    to.and(RSP, -vectorBytes);
    to.add(RSP, -vectorBytes * columns.count());
    to.vpbroadcastd(nibbles, NIBBLE_MASK);
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
    to.add(R8, BLOCK / group * rows * 4);
    columns.next(ActivationBlock.BYTES, loop);
    to.mov(RSP, RDX);
    to.vzeroupper();
    to.ret();
    return to.bytes();
  }

  private Memory vector() {
    next += vectorBytes;
    return Memory.at(RDI, next - vectorBytes);
  }

  /** Where a column's sums of a group's first run are kept. */
  private Memory kept(int column) {
    return Memory.at(RSP, column * vectorBytes);
  }

  /** Sums of products of a run's numbers in 16 bits. */
  private void run(int index) {
    for (int column = 0; column < columns.count(); column++) {
      to.vpbroadcastd(column, columns.x(column, ActivationBlock.start(run, index)));
    }
    if (bits > 4) {
      to.vmovdqu(highBits, vector());
    }
    for (int i = 0; i < run / 4; i++) {
      prefetch();
      to.vmovdqu(lowBits, vector());
      to.vpand(even, lowBits, nibbles);
      to.vpsrld(lowBits, lowBits, 4);
      to.vpand(odd, lowBits, nibbles);
      if (bits > 4) {
        int width = bits - 4;
        highBits(even, 4 - 2 * width * i);
        highBits(odd, 4 - 2 * width * i - width);
      }
      int first = (index * run + 4 * i) / 2; // of the block's pairs
      add(even, first);
      add(odd, first + 1);
    }
  }

  /** A vector's line is fetched where the last one's products are under way. */
  private void prefetch() {
    int lines = blockBytes() / LINE;
    int calls = BLOCK / 4;
    for (int i = 0; i < Math.ceilDiv(lines, calls) && ahead < lines; i++) {
      to.prefetcht0(Memory.at(RDI, MachineCode.AHEAD + LINE * ahead++));
    }
  }

  /** Puts the high bits of two of the run's numbers above the nibbles: see {@code Planes.pairs}. */
  private void highBits(int register, int left) {
    int from = a;
    if (left > 0) {
      to.vpslld(a, highBits, left);
    } else if (left < 0) {
      to.vpsrld(a, highBits, -left);
    } else {
      from = highBits;
    }
    int mask = (1 << bits - 4) - 1 << 4;
    to.orMasked(register, from, mask * 0x01010101, a);
  }

  /** Adds the products of two numbers. */
  private void add(int numbers, int pair) {
    for (int column = 0; column < columns.count(); column++) {
      int product = column % 2 == 0 ? b : c;
      to.vpbroadcastd(product, columns.x(column, ActivationBlock.pair(pair)));
      to.vpmaddubsw(product, numbers, product);
      to.vpaddw(column, column, product);
    }
  }

  /** Keeps the sums of a group's first run. */
  private void keep() {
    for (int column = 0; column < columns.count(); column++) {
      to.vmovdqu(kept(column), column);
    }
  }

  /** Adds a group's sums, scaled, to the columns' sums. */
  private void scale(int g) {
    int scales = g * rows * 4;
    to.vmovups(even, Memory.at(R8, scales));
    to.vmovups(odd, Memory.at(R8, scales + vectorBytes));
    for (int column = 0; column < columns.count(); column++) {
      to.upperHalf(a, column);
      to.vpmovsxwd(column, column);
      to.vpmovsxwd(a, a);
      if (run < group) {
        to.vpmovsxwd(b, kept(column));
        to.vpmovsxwd(c, kept(column).plus(vectorBytes / 2));
        to.vpaddd(column, column, b);
        to.vpaddd(a, a, c);
      }
      add(column, 0, column, even);
      add(column, 1, a, odd);
    }
  }

  private void add(int column, int half, int products, int scales) {
    to.vcvtdq2ps(products, products);
    to.mulAll(b, scales, columns.x(column, ActivationBlock.SCALE));
    columns.add(column, half, products, b);
  }
}
