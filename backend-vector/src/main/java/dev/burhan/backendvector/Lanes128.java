package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** 4 floats a vector. */
final class Lanes128 extends Lanes {
  private static final VectorSpecies<Byte> B = ByteVector.SPECIES_64;
  private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;
  private static final VectorSpecies<Short> S_HALF = ShortVector.SPECIES_64;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_128;
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_128;

  private Lanes128() {}

  static Lanes create() {
    return new Lanes128();
  }

  @Override
  VectorSpecies<Float> floats() {
    return F;
  }

  @Override
  VectorSpecies<Integer> ints() {
    return I;
  }

  @Override
  IntVector dot32(byte[] w, int wAt, MemorySegment x, long xAt) {
    return dot16(w, wAt, x, xAt).add(dot16(w, wAt + 16, x, xAt + 32));
  }

  @Override
  IntVector dot16(byte[] w, int wAt, MemorySegment x, long xAt) {
    ShortVector sums = product(w, wAt, x, xAt).add(product(w, wAt + 8, x, xAt + 16));
    IntVector low = (IntVector) sums.convertShape(VectorOperators.S2I, I, 0);
    return low.add(sums.convertShape(VectorOperators.S2I, I, 1));
  }

  private static ShortVector product(byte[] w, int wAt, MemorySegment x, long xAt) {
    ShortVector weights =
        (ShortVector) ByteVector.fromArray(B, w, wAt).convertShape(VectorOperators.B2S, S, 0);
    return weights.mul(ShortVector.fromMemorySegment(S, x, xAt, LE));
  }

  @Override
  void widen16(byte[] q, int qAt, float scale, float min, float[] to, int at) {
    widen8(q, qAt, scale, min, to, at);
    widen8(q, qAt + 8, scale, min, to, at + 8);
  }

  private static void widen8(byte[] q, int qAt, float scale, float min, float[] to, int at) {
    ByteVector numbers = ByteVector.fromArray(B, q, qAt);
    FloatVector scales = FloatVector.broadcast(F, scale);
    FloatVector mins = FloatVector.broadcast(F, min);
    ((FloatVector) numbers.convertShape(VectorOperators.B2F, F, 0))
        .fma(scales, mins)
        .intoArray(to, at);
    ((FloatVector) numbers.convertShape(VectorOperators.B2F, F, 1))
        .fma(scales, mins)
        .intoArray(to, at + 4);
  }

  @Override
  void narrow(IntVector numbers, MemorySegment to, long at) {
    numbers
        .convertShape(VectorOperators.I2S, S_HALF, 0)
        .reinterpretAsShorts()
        .intoMemorySegment(to, at, LE);
  }

  @Override
  FloatVector fold(float[] from, int at) {
    return FloatVector.fromArray(F, from, at);
  }

  @Override
  IntVector shorts(MemorySegment from, long at) {
    return (IntVector)
        ShortVector.fromMemorySegment(S_HALF, from, at, LE)
            .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
  }

  /** There is no vector of 4 bytes: they are put into place one by one. */
  @Override
  IntVector bytes(MemorySegment from, long at) {
    int four = from.get(Memory.INT, at);
    return IntVector.broadcast(I, four)
        .lanewise(VectorOperators.LSHR, IntVector.zero(I).addIndex(8))
        .and(0xff);
  }
}
