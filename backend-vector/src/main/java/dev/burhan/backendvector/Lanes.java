package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
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

  /** 16-bit numbers: as many as bytes are unpacked at once, 8 or 16. */
  abstract VectorSpecies<Short> shorts();

  /** Bytes at an address, zero-extended. */
  abstract ShortVector bytes(MemorySegment from, long at);

  /** Bytes at an address, sign-extended. */
  abstract ShortVector signedBytes(MemorySegment from, long at);

  /** 16-bit numbers as ints, or where those are fewer a vector's sums of two each. */
  abstract IntVector widen(ShortVector numbers);

  /** Writes {@code scale * q + min}. */
  abstract void store(ShortVector q, float scale, float min, float[] to, int at);

  /** 16-bit numbers at an index. */
  final ShortVector shorts(short[] from, int at) {
    return ShortVector.fromArray(shorts(), from, at);
  }

  /** As many of the lowest bits as {@link #shorts} has lanes. */
  final long first(int bits) {
    return bits & (1 << shorts().length()) - 1;
  }

  /** {@code sum + scale * numbers}. */
  final FloatVector add(IntVector numbers, float scale, FloatVector sum) {
    FloatVector floats = (FloatVector) numbers.convertShape(VectorOperators.I2F, floats(), 0);
    return floats.fma(FloatVector.broadcast(floats(), scale), sum);
  }

  /** Writes ints that fit 16 bits as such. */
  abstract void narrow(IntVector numbers, MemorySegment to, long at);

  /** A vector in an array folded to four lanes, by halves. */
  abstract FloatVector fold(float[] from, int at);

  /** The 16-bit numbers at an address, zero-extended to as many ints as a vector has. */
  abstract IntVector shortsAsInts(MemorySegment from, long at);

  /** The bytes at an address, zero-extended to as many ints as a vector has. */
  abstract IntVector bytesAsInts(MemorySegment from, long at);

  /** Sum of all lanes of a vector in an array, whose place is overwritten. */
  final float sum(float[] from, int at) {
    fold(from, at).intoArray(from, at);
    return (from[at] + from[at + 2]) + (from[at + 1] + from[at + 3]);
  }
}
