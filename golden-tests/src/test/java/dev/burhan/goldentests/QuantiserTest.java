package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.quantise.Quantiser;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Dequantiser;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the quantiser writes, read back by the reference dequantiser, is within the type's step. */
class QuantiserTest {
  private static final int SIZE = 256;
  private static final int TRIES = 400;

  private static float[] roundTrip(DataType type, float[] numbers) {
    ByteBuffer out =
        ByteBuffer.allocate((int) type.bytes(numbers.length)).order(ByteOrder.LITTLE_ENDIAN);
    Quantiser.encode(type, numbers, 0, numbers.length, out);
    assertEquals(0, out.remaining());
    return Dequantiser.decode(type, numbers.length, MemorySegment.ofArray(out.array()), 0);
  }

  /** Bell-shaped, flat, one-sided, sparse, with outliers, constant, of many magnitudes. */
  private static float[] numbers(Random random, int kind) {
    float[] numbers = new float[SIZE];
    float size = (float) Math.pow(10, random.nextInt(5) - 2);
    for (int i = 0; i < SIZE; i++) {
      numbers[i] =
          size
              * switch (kind % 7) {
                case 0 -> (float) random.nextGaussian();
                case 1 -> random.nextFloat() * 2 - 1;
                case 2 -> 3 + random.nextFloat();
                case 3 -> random.nextInt(20) == 0 ? random.nextFloat() - 0.5f : 0;
                case 4 -> (float) random.nextGaussian() * (i % 50 == 0 ? 10 : 0.1f);
                case 5 -> -0.7f;
                default -> -2 - random.nextFloat();
              };
    }
    return numbers;
  }

  private static double range(float[] numbers, int from, int to, boolean symmetric) {
    double least = 0;
    double most = 0;
    for (int i = from; i < to; i++) {
      least = Math.min(least, numbers[i]);
      most = Math.max(most, numbers[i]);
    }
    return symmetric ? Math.max(most, -least) : most - least;
  }

  /** The step is the block's range, 0 included, over its levels; some types cut one side by one. */
  @ParameterizedTest
  @CsvSource({
    "Q8_0, 127, true, 0.6",
    "Q4_0, 8, true, 1.02",
    "Q5_0, 16, true, 1.02",
    "Q4_1, 15, false, 0.6",
    "Q5_1, 31, false, 0.6",
    "Q4_K, 15, false, 1.2",
    "Q5_K, 31, false, 1.2",
    "Q6_K, 32, true, 1.3"
  })
  void errorsAreWithinTheStep(String name, int levels, boolean symmetric, double steps) {
    DataType type = DataType.named(name).orElseThrow();
    Random random = new Random(7);
    for (int attempt = 0; attempt < TRIES; attempt++) {
      float[] numbers = numbers(random, attempt);
      float[] found = roundTrip(type, numbers);
      for (int from = 0; from < SIZE; from += type.blockElements()) {
        int to = from + type.blockElements();
        double step = range(numbers, from, to, symmetric) / levels;
        for (int i = from; i < to; i++) {
          double error = Math.abs(found[i] - numbers[i]);
          assertTrue(
              error <= steps * step + Math.abs(numbers[i]) / 1000 + 1e-7,
              name + ", try " + attempt + ", number " + numbers[i] + ": " + found[i]);
        }
      }
    }
  }

  @Test
  void moreBitsAreMoreExact() {
    String[] types = {"Q4_0", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "F16"};
    double last = 0.12;
    for (String type : types) {
      Random random = new Random(3);
      double squares = 0;
      for (int attempt = 0; attempt < 100; attempt++) {
        float[] numbers = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
          numbers[i] = (float) random.nextGaussian();
        }
        float[] found = roundTrip(DataType.named(type).orElseThrow(), numbers);
        for (int i = 0; i < SIZE; i++) {
          squares += Math.pow(found[i] - numbers[i], 2);
        }
      }
      double error = Math.sqrt(squares / SIZE / 100);
      assertTrue(error < last, type + ": " + error + ", expected less than " + last);
      last = error;
    }
  }

  @ParameterizedTest
  @CsvSource({"F32, 0", "F16, 0.00049", "BF16, 0.0039"})
  void floatsAreTheNearest(String name, double relative) {
    Random random = new Random(1);
    float[] numbers = numbers(random, 0);
    float[] found = roundTrip(DataType.named(name).orElseThrow(), numbers);
    for (int i = 0; i < SIZE; i++) {
      assertEquals(numbers[i], found[i], Math.abs(numbers[i]) * relative + 3e-8 * relative);
    }
  }

  @Test
  void zerosStayZeros() {
    for (DataType type : Quantiser.types()) {
      for (float number : roundTrip(type, new float[SIZE])) {
        assertTrue(number == 0, type.name());
      }
    }
  }

  @Test
  void whatNoBlockCanHoldIsRefused() {
    for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 1e6f}) {
      float[] numbers = new float[SIZE];
      numbers[17] = wrong;
      assertThrows(IllegalArgumentException.class, () -> roundTrip(DataType.Q4_K, numbers));
    }
  }
}
