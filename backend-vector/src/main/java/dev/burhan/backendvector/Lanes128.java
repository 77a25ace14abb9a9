package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** 4 floats a vector. */
final class Lanes128 extends Lanes {
  private static final VectorSpecies<Byte> B = ByteVector.SPECIES_64;
  private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;
  private static final VectorSpecies<Short> S_HALF = ShortVector.SPECIES_64;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_128;
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_128;
  private static final VectorMask<Float> UPPER_HALVES = upper(F, 2);
  private static final VectorShuffle<Float> SWAP_HALVES = swap(F, 2);
  private static final VectorMask<Float> UPPER_QUARTERS = upper(F, 1);
  private static final VectorShuffle<Float> SWAP_QUARTERS = swap(F, 1);

  private Lanes128() {
    super(Optional.empty());
  }

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
  VectorSpecies<Short> halfShorts() {
    return S_HALF;
  }

  @Override
  VectorSpecies<Short> shorts() {
    return S;
  }

  @Override
  ShortVector signedBytes(MemorySegment from, long at) {
    return (ShortVector)
        ByteVector.fromMemorySegment(B, from, at, LE).convertShape(VectorOperators.B2S, S, 0);
  }

  @Override
  ShortVector lookUp(ShortVector numbers, short[] table) {
    return numbers.selectFrom(
        ShortVector.fromArray(S, table, 0), ShortVector.fromArray(S, table, 8));
  }

  @Override
  FloatVector fold(float[] from, int at) {
    return FloatVector.fromArray(F, from, at);
  }

  @Override
  IntVector shortsAsInts(MemorySegment from, long at) {
    return (IntVector)
        ShortVector.fromMemorySegment(S_HALF, from, at, LE)
            .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
  }

  /** There is no vector of 4 bytes: they are put into place one by one. */
  @Override
  IntVector bytesAsInts(MemorySegment from, long at) {
    int four = from.get(Memory.INT, at);
    return IntVector.broadcast(I, four)
        .lanewise(VectorOperators.LSHR, IntVector.zero(I).addIndex(8))
        .and(0xff);
  }

  @Override
  IntVector signedBytesAsInts(MemorySegment from, long at) {
    return bytesAsInts(from, at)
        .lanewise(VectorOperators.LSHL, 24)
        .lanewise(VectorOperators.ASHR, 24);
  }

  @Override
  FloatVector foldHalves(FloatVector a, FloatVector b) {
    return fold(a, b, UPPER_HALVES, SWAP_HALVES);
  }

  @Override
  FloatVector foldQuarters(FloatVector a, FloatVector b) {
    return fold(a, b, UPPER_QUARTERS, SWAP_QUARTERS);
  }

  @Override
  FloatVector foldRest(float[] from, int at) {
    return FloatVector.fromArray(F, from, at);
  }
}
