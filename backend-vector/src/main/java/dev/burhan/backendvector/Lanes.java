package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width, chosen at run time, and the few steps that differ by it. All else is one source
 * for every width.
 *
 * <p>A vector operation is one instruction only where the compiler knows its species as a constant.
 * It does: a process loads one subclass, so that the calls of these methods have one target. Where
 * a second one is loaded (tests do), results are the same and speed is lost.
 *
 * <p>Floats are never summed by {@code reduceLanes}, whose order is open and differs between
 * interpreted and compiled code; {@link #sum} has a fixed one.
 */
abstract class Lanes {

  /** Vectors of at most so many bits. */
  static Lanes of(int bits) {
    if (bits >= 512) {
      return Lanes512.create();
    }
    return bits >= 256 ? Lanes256.create() : Lanes128.create();
  }

  final int bits() {
    return floats().vectorBitSize();
  }

  /** Bytes of a vector. */
  final int bytes() {
    return floats().vectorByteSize();
  }

  abstract VectorSpecies<Float> floats();

  /** As many lanes as {@link #floats}. */
  abstract VectorSpecies<Integer> ints();

  /**
   * Product of 32 signed bytes with 32 signed 16-bit numbers within +-127, summed to a vector of
   * ints. The sum of two products must fit 16 bits, which it does for any byte.
   */
  abstract IntVector dot32(byte[] w, int wAt, MemorySegment x, long xAt);

  /** The same for 16 numbers. */
  abstract IntVector dot16(byte[] w, int wAt, MemorySegment x, long xAt);

  /** Writes 16 numbers {@code scale * q + min} from signed bytes. */
  abstract void widen16(byte[] q, int qAt, float scale, float min, float[] to, int at);

  /** Writes ints that fit 16 bits as such. */
  abstract void narrow(IntVector numbers, MemorySegment to, long at);

  /** A vector in an array folded to four lanes, by halves. */
  abstract FloatVector fold(float[] from, int at);

  /** The 16-bit numbers at an address, zero-extended to as many ints as a vector has. */
  abstract IntVector shorts(MemorySegment from, long at);

  /** The bytes at an address, zero-extended to as many ints as a vector has. */
  abstract IntVector bytes(MemorySegment from, long at);

  /** Sum of all lanes of a vector in an array, whose place is overwritten. */
  final float sum(float[] from, int at) {
    fold(from, at).intoArray(from, at);
    return (from[at] + from[at + 2]) + (from[at + 1] + from[at + 3]);
  }
}
