package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Steps on 16 bytes at a time that several types share. */
final class Bytes16 {
  private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_128;
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_128;

  private Bytes16() {}

  static ByteVector load(MemorySegment from, long at) {
    return ByteVector.fromMemorySegment(B, from, at, LE);
  }

  static void store(ByteVector bytes, MemorySegment to, long at) {
    bytes.intoMemorySegment(to, at, LE);
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

  /** Writes {@code factor * b} for 16 signed bytes. */
  static void scale(ByteVector bytes, float factor, MemorySegment to, long at) {
    scaleLowHalf(bytes, factor, to, at);
    scaleHighHalf(bytes, factor, to, at + 32);
  }

  /** The same for the first 8 bytes. */
  static void scaleLowHalf(ByteVector bytes, float factor, MemorySegment to, long at) {
    quarter(bytes, 0).mul(factor).intoMemorySegment(to, at, LE);
    quarter(bytes, 1).mul(factor).intoMemorySegment(to, at + 16, LE);
  }

  /** The same for the last 8 bytes. */
  static void scaleHighHalf(ByteVector bytes, float factor, MemorySegment to, long at) {
    quarter(bytes, 2).mul(factor).intoMemorySegment(to, at, LE);
    quarter(bytes, 3).mul(factor).intoMemorySegment(to, at + 16, LE);
  }

  private static FloatVector quarter(ByteVector bytes, int part) {
    return (FloatVector) bytes.convertShape(VectorOperators.B2F, F, part);
  }

  /** Sixteen bytes from four ints. */
  static ByteVector of(int a, int b, int c, int d) {
    return IntVector.zero(I)
        .withLane(0, a)
        .withLane(1, b)
        .withLane(2, c)
        .withLane(3, d)
        .reinterpretAsBytes();
  }
}
