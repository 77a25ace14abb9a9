package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import dev.burhan.backendvector.machinecode.MachineCode;
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

/** 8 floats a vector. */
final class Lanes256 extends Lanes {
  private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
  private static final VectorSpecies<Byte> B_HALF = ByteVector.SPECIES_64;
  private static final VectorSpecies<Short> S = ShortVector.SPECIES_256;
  private static final VectorSpecies<Short> S_HALF = ShortVector.SPECIES_128;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_256;
  private static final VectorMask<Float> UPPER_HALVES = upper(F, 4);
  private static final VectorShuffle<Float> SWAP_HALVES = swap(F, 4);
  private static final VectorMask<Float> UPPER_QUARTERS = upper(F, 2);
  private static final VectorShuffle<Float> SWAP_QUARTERS = swap(F, 2);
  private static final VectorMask<Float> UPPER_EIGHTHS = upper(F, 1);
  private static final VectorShuffle<Float> SWAP_EIGHTHS = swap(F, 1);

  private Lanes256(Optional<MachineCode> machineCode) {
    super(machineCode);
  }

  static Lanes create(Optional<MachineCode> machineCode) {
    return new Lanes256(machineCode);
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
    return numbers.selectFrom(ShortVector.fromArray(S, table, 0));
  }

  @Override
  FloatVector fold(float[] from, int at) {
    return half(from, at).add(half(from, at + 4));
  }

  private static FloatVector half(float[] from, int at) {
    return FloatVector.fromArray(FloatVector.SPECIES_128, from, at);
  }

  @Override
  IntVector shortsAsInts(MemorySegment from, long at) {
    return (IntVector)
        ShortVector.fromMemorySegment(S_HALF, from, at, LE)
            .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
  }

  @Override
  IntVector bytesAsInts(MemorySegment from, long at) {
    return (IntVector)
        ByteVector.fromMemorySegment(B_HALF, from, at, LE)
            .convertShape(VectorOperators.ZERO_EXTEND_B2I, I, 0);
  }

  @Override
  IntVector signedBytesAsInts(MemorySegment from, long at) {
    return (IntVector)
        ByteVector.fromMemorySegment(B_HALF, from, at, LE).convertShape(VectorOperators.B2I, I, 0);
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
    return fold(
        FloatVector.fromArray(F, from, at),
        FloatVector.fromArray(F, from, at + 8),
        UPPER_EIGHTHS,
        SWAP_EIGHTHS);
  }
}
