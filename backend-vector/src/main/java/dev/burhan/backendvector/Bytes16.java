package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Steps on 16 bytes at a time that several types share. */
final class Bytes16 {
  private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;

  private Bytes16() {}

  static ByteVector load(MemorySegment from, long at) {
    return ByteVector.fromMemorySegment(B, from, at, LE);
  }

  static void store(ByteVector bytes, byte[] to, int at) {
    bytes.intoArray(to, at);
  }

  static ByteVector lowNibbles(ByteVector bytes) {
    return bytes.and((byte) 15);
  }

  static ByteVector highNibbles(ByteVector bytes) {
    return shiftRight(bytes, 4).and((byte) 15);
  }

  /** Shifts; bits move from one byte into the next (x86 has no shift of bytes): mask afterwards. */
  static ByteVector shiftRight(ByteVector bytes, int count) {
    return bytes.reinterpretAsInts().lanewise(VectorOperators.LSHR, count).reinterpretAsBytes();
  }

  /** See {@link #shiftRight}. */
  static ByteVector shiftLeft(ByteVector bytes, int count) {
    return bytes.reinterpretAsInts().lanewise(VectorOperators.LSHL, count).reinterpretAsBytes();
  }

  /** Adds to each byte whose bit is set, bit i for byte i. */
  static ByteVector addWhere(ByteVector bytes, int bits, int addend) {
    return bytes.add((byte) addend, VectorMask.fromLong(B, bits & 0xffff));
  }

  static float half(MemorySegment from, long at) {
    return Float.float16ToFloat(from.get(Memory.SHORT, at));
  }
}
