package dev.burhan.backendvector;

import dev.burhan.backendvector.machinecode.MachineCode;
import dev.burhan.backendvector.machinecode.Routines;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
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

  private final Optional<MachineCode> machineCode;

  Lanes(Optional<MachineCode> machineCode) {
    this.machineCode = machineCode;
  }

  /** Vectors of at most so many bits, without machine code. */
  static Lanes of(int bits) {
    if (bits >= 512) {
      return Lanes512.create(Optional.empty());
    }
    return bits >= 256 ? Lanes256.create(Optional.empty()) : Lanes128.create();
  }

  /** Vectors as wide as the machine code's. */
  static Lanes of(MachineCode machineCode) {
    Optional<MachineCode> code = Optional.of(machineCode);
    return machineCode.bits() == 512 ? Lanes512.create(code) : Lanes256.create(code);
  }

  /** What multiplies planes faster than the Vector API; null if there is no such thing. */
  final Routines planes(int bits) {
    return machineCode.flatMap(code -> code.planes(bits)).orElse(null);
  }

  /** What multiplies signed bytes faster; null if there is no such thing. */
  final Routines bytesInMachineCode() {
    return machineCode.flatMap(MachineCode::bytes).orElse(null);
  }

  /** Gives machine code back: no kernel may run any more. */
  final void close() {
    machineCode.ifPresent(MachineCode::close);
  }

  /** Whether activations in 8 bits are wanted as machine code wants them, too. */
  final boolean activationBlocks() {
    return machineCode.isPresent();
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

  /** 16-bit numbers: twice as many lanes as {@link #floats}. */
  abstract VectorSpecies<Short> shorts();

  /** 16-bit numbers: as many lanes as {@link #floats}. */
  abstract VectorSpecies<Short> halfShorts();

  /** Rows of a panel: lanes of {@link #shorts}. */
  final int rows() {
    return shorts().length();
  }

  /** The number in all lanes. */
  final IntVector all(int number) {
    return IntVector.broadcast(ints(), number);
  }

  /** A vector at an address. */
  final IntVector ints(MemorySegment from, long at) {
    return IntVector.fromMemorySegment(ints(), from, at, Memory.LE);
  }

  /** As many bytes as {@link #shorts} has lanes, sign-extended. */
  abstract ShortVector signedBytes(MemorySegment from, long at);

  /**
   * Numbers from 0 to 15 looked up.
   *
   * @param table 16 numbers, twice
   */
  abstract ShortVector lookUp(ShortVector numbers, short[] table);

  /** A number that an int has in both halves, in all lanes. */
  final ShortVector pair(int[] pairs, int at) {
    return IntVector.broadcast(ints(), pairs[at]).reinterpretAsShorts();
  }

  /** The first half of the lanes. */
  final IntVector lowInts(ShortVector numbers) {
    return (IntVector) numbers.convertShape(VectorOperators.S2I, ints(), 0);
  }

  /** The second half of the lanes. */
  final IntVector highInts(ShortVector numbers) {
    return (IntVector) numbers.convertShape(VectorOperators.S2I, ints(), 1);
  }

  /** As many 16-bit numbers of an array as {@link #ints} has lanes. */
  final IntVector ints(short[] from, int at) {
    return (IntVector)
        ShortVector.fromArray(halfShorts(), from, at).convertShape(VectorOperators.S2I, ints(), 0);
  }

  final FloatVector toFloats(IntVector numbers) {
    return (FloatVector) numbers.convertShape(VectorOperators.I2F, floats(), 0);
  }

  final FloatVector low(ShortVector numbers) {
    return toFloats(lowInts(numbers));
  }

  final FloatVector high(ShortVector numbers) {
    return toFloats(highInts(numbers));
  }

  /** As many half floats as {@link #floats} has lanes; finite ones. */
  final FloatVector halves(MemorySegment from, long at) {
    // Exponent and mantissa move to their places in a float, whose bias is larger by 112.
    return shortsAsInts(from, at)
        .lanewise(VectorOperators.LSHL, 16)
        .lanewise(VectorOperators.ASHR, 3)
        .and(0x8fff_e000)
        .reinterpretAsFloats()
        .mul(0x1p112f);
  }

  /** A vector in an array folded to four lanes, by halves. */
  abstract FloatVector fold(float[] from, int at);

  /**
   * Adds a vector's halves: the lower half of the result is {@code a}'s, the upper one {@code b}'s.
   * After it {@link #foldQuarters} does the same within halves; {@link #foldRest} what is left
   * until each lane is the sum of one vector.
   */
  abstract FloatVector foldHalves(FloatVector a, FloatVector b);

  abstract FloatVector foldQuarters(FloatVector a, FloatVector b);

  /** Folds a quarter as many vectors as there are lanes to one, whose lanes are whole sums. */
  abstract FloatVector foldRest(float[] from, int at);

  static FloatVector fold(
      FloatVector a, FloatVector b, VectorMask<Float> upper, VectorShuffle<Float> swap) {
    return a.blend(b, upper).add(b.blend(a, upper).rearrange(swap));
  }

  /** Exchanges neighbours of {@code by} lanes. */
  static VectorShuffle<Float> swap(VectorSpecies<Float> species, int by) {
    return VectorShuffle.fromOp(species, lane -> lane ^ by);
  }

  /** The second of each two neighbours of {@code by} lanes. */
  static VectorMask<Float> upper(VectorSpecies<Float> species, int by) {
    long bits = 0;
    for (int lane = 0; lane < species.length(); lane++) {
      bits |= (lane & by) != 0 ? 1L << lane : 0;
    }
    return VectorMask.fromLong(species, bits);
  }

  /** The 16-bit numbers at an address, zero-extended to as many ints as a vector has. */
  abstract IntVector shortsAsInts(MemorySegment from, long at);

  /** The bytes at an address, zero-extended to as many ints as a vector has. */
  abstract IntVector bytesAsInts(MemorySegment from, long at);

  /** The same, sign-extended. */
  abstract IntVector signedBytesAsInts(MemorySegment from, long at);

  /** Sum of all lanes of a vector in an array, whose place is overwritten. */
  final float sum(float[] from, int at) {
    fold(from, at).intoArray(from, at);
    return (from[at] + from[at + 2]) + (from[at + 1] + from[at + 3]);
  }
}
