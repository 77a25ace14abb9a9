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

/** 16 floats a vector. */
final class Lanes512 extends Lanes {
  private static final VectorSpecies<Byte> B = ByteVector.SPECIES_256;
  private static final VectorSpecies<Byte> B_HALF = ByteVector.SPECIES_128;
  private static final VectorSpecies<Short> S = ShortVector.SPECIES_512;
  private static final VectorSpecies<Short> S_HALF = ShortVector.SPECIES_256;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_512;
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_512;
  private static final VectorMask<Float> UPPER_HALVES = upper(F, 8);
  private static final VectorShuffle<Float> SWAP_HALVES = swap(F, 8);
  private static final VectorMask<Float> UPPER_QUARTERS = upper(F, 4);
  private static final VectorShuffle<Float> SWAP_QUARTERS = swap(F, 4);
  private static final VectorMask<Float> UPPER_EIGHTHS = upper(F, 2);
  private static final VectorShuffle<Float> SWAP_EIGHTHS = swap(F, 2);
  private static final VectorMask<Float> UPPER_SIXTEENTHS = upper(F, 1);
  private static final VectorShuffle<Float> SWAP_SIXTEENTHS = swap(F, 1);

  private Lanes512(Optional<MachineCode> machineCode) {
    super(machineCode);
  }

  static Lanes create(Optional<MachineCode> machineCode) {
    return new Lanes512(machineCode);
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
    FloatVector even = quarter(from, at).add(quarter(from, at + 8));
    FloatVector odd = quarter(from, at + 4).add(quarter(from, at + 12));
    return even.add(odd);
  }

  private static FloatVector quarter(float[] from, int at) {
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
    FloatVector even = eighths(from, at, at + 32);
    FloatVector odd = eighths(from, at + 16, at + 48);
    return fold(even, odd, UPPER_SIXTEENTHS, SWAP_SIXTEENTHS);
  }

  private static FloatVector eighths(float[] from, int a, int b) {
    return fold(
        FloatVector.fromArray(F, from, a),
        FloatVector.fromArray(F, from, b),
        UPPER_EIGHTHS,
        SWAP_EIGHTHS);
  }
}
