package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Integers of a panel, in runs of 8, 16 or 32 numbers of each row. A run is a few vectors of 16-bit
 * lanes, a lane a row, each with 4 bits, 2 bits or a bit of as many numbers as fit: they are
 * unpacked by shifts and masks alone.
 *
 * <p>The products of a run are summed in 16 bits: integers are centred and activations within
 * +-127, so {@code run * greatest * 127} must stay below 2^15. The centre is taken off once a sum,
 * as {@code centre * sum of the activations}: the 16 bits may wrap meanwhile, the result does not.
 *
 * <p>Each method below stays small: C2 stops making instructions of vector operations in a method
 * that has more than some thirty of them, loads from memory counting most.
 */
abstract class Planes {
  final Lanes lanes;
  private final int run;
  private final int bytes;
  private final int centre;

  /**
   * @param run numbers of a run
   * @param bytes of a run and row
   * @param centre what is taken off an integer
   */
  Planes(Lanes lanes, int run, int bytes, int centre) {
    this.lanes = lanes;
    this.run = run;
    this.bytes = bytes;
    this.centre = centre;
  }

  final int run() {
    return run;
  }

  /** Bits of a number. */
  final int bits() {
    return bytes * 8 / run;
  }

  /** Whether machine code knows them. */
  boolean assembled() {
    return false;
  }

  final int bytes() {
    return bytes;
  }

  final int centre() {
    return centre;
  }

  /**
   * Packs a run of one row.
   *
   * @param q its integers, not centred, from {@code at} on
   * @param to where the run begins in the panel
   */
  abstract void pack(byte[] q, int at, byte[] panel, int to, int row);

  /** Writes the integers, centred: {@code work.numbers} (numbers of the runs, rows). */
  abstract void numbers(MemorySegment w, long at, int first, int runs, Work work);

  /**
   * Writes the sums of the products of each run with the activations in {@code work.eight}: {@code
   * work.products} (runs, rows).
   *
   * @param first the number that the runs begin with
   */
  abstract void products(MemorySegment w, long at, int first, int runs, Work work);

  /** Minus the centre times a sum of activations: what the centre takes off. */
  final ShortVector start(int[] sums, int index) {
    return lanes.pair(sums, index).mul((short) -centre);
  }

  /** Vector {@code i} of a run. */
  final IntVector vector(MemorySegment w, long run, int i) {
    return lanes.ints(w, run + (long) i * lanes.bytes());
  }

  /** Takes the centre off and writes. */
  final void centred(IntVector q, short[] to, int at) {
    q.reinterpretAsShorts().sub((short) centre).intoArray(to, at);
  }

  /** Adds the products with activation {@code j}. */
  final ShortVector add(ShortVector sum, IntVector q, int[] x, int j) {
    return sum.add(q.reinterpretAsShorts().mul(lanes.pair(x, j)));
  }

  /** Writes 16 bits of a row to vector {@code i} of a run. */
  final void put(byte[] panel, int run, int i, int row, int bits) {
    Words.putShort(panel, run + i * lanes.bytes() + 2 * row, bits);
  }

  /** Four numbers' lowest four bits, side by side. */
  static int nibbles(byte[] q, int at) {
    return Integer.compress(Words.getInt(q, at), (int) Words.NIBBLES);
  }

  /** Eight numbers' two bits from {@code shift} on, side by side. */
  static int twos(byte[] q, int at, int shift) {
    return (int) Long.compress(Words.get(q, at), Words.TWOS << shift);
  }

  /**
   * High bits of the first two of each four numbers in the low byte, of the others in the high one:
   * so one shift moves those of two numbers that are a byte apart.
   *
   * @param first which bits are the first two's
   */
  static int pairs(int bits, int first) {
    return Integer.compress(bits, first) | Integer.compress(bits, ~first & 0xffff) << 8;
  }

  /** Sixteen numbers' bit {@code shift}, side by side. */
  static int ones(byte[] q, int at, int shift) {
    long mask = Words.ONES << shift;
    return (int)
        (Long.compress(Words.get(q, at), mask) | Long.compress(Words.get(q, at + 8), mask) << 8);
  }
}
