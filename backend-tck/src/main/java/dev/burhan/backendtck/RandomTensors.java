package dev.burhan.backendtck;

import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Dequantiser;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Weights of trials: random numbers of any type, and its extremes. */
final class RandomTensors {
  private RandomTensors() {}

  /** What the stored bytes are. */
  enum Fill {
    RANDOM,
    /** All bits clear, scales included: every number is zero. */
    ZERO,
    /** All bits of the numbers set, with random scales: the largest of most types. */
    SET,
    /** All bits of the numbers clear, with random scales: the smallest of most types. */
    CLEAR
  }

  /** Every type that can be a weight. */
  static List<DataType> types() {
    return DataType.standard().stream()
        .filter(Dequantiser::supports)
        .filter(type -> !type.equals(DataType.Q8_K) && !type.equals(DataType.F64))
        .toList();
  }

  static Weight add(
      MemoryCheckpoint checkpoint,
      String name,
      DataType type,
      Weight.Use use,
      Fill fill,
      long... dims) {
    Shape shape = Shape.of(dims);
    long seed = name.hashCode() * 31L + Arrays.hashCode(dims);
    if (fill == Fill.ZERO) {
      byte[] zeros = new byte[Math.toIntExact(type.bytes(shape.elements()))];
      checkpoint.tensor(name, type, shape, MemorySegment.ofArray(zeros));
      return new Weight(name, type, shape, new Source.Stored(name), use);
    }
    return RandomWeights.add(checkpoint, name, type, use, random(fill, seed), dims);
  }

  static Weight add(
      MemoryCheckpoint checkpoint, String name, DataType type, Weight.Use use, long... dims) {
    return add(checkpoint, name, type, use, Fill.RANDOM, dims);
  }

  private static Random random(Fill fill, long seed) {
    if (fill == Fill.RANDOM) {
      return new Random(seed);
    }
    byte all = (byte) (fill == Fill.SET ? 0xff : 0);
    return new Random(seed) {
      private static final long serialVersionUID = 1;

      @Override
      public void nextBytes(byte[] bytes) {
        Arrays.fill(bytes, all);
      }
    };
  }

  /** A stored weight's numbers: (rows, cols). */
  static float[][] decode(MemoryCheckpoint checkpoint, Weight weight) {
    int cols = Math.toIntExact(weight.shape().cols());
    float[][] rows = new float[Math.toIntExact(weight.shape().rows())][];
    MemorySegment bytes = checkpoint.data(weight.name());
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Dequantiser.decode(weight.type(), cols, bytes, row * weight.type().bytes(cols));
    }
    return rows;
  }

  /** A width that is about so many numbers and whole blocks. */
  static int width(DataType type, int about) {
    return type.blockElements() * Math.max(1, about / type.blockElements());
  }
}
