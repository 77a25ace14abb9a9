package dev.burhan.kernel.bench;

import java.util.Arrays;

/**
 * Mean and sample standard deviation of repetitions.
 *
 * @param mean NaN without values
 * @param deviation 0 with fewer than two values
 */
record Statistics(double mean, double deviation) {
  static Statistics of(double... values) {
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    return new Statistics(mean, values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)));
  }
}
