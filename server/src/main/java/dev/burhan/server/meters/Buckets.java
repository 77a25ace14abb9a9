package dev.burhan.server.meters;

import java.time.Duration;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The bounds of histograms' buckets. */
final class Buckets {
  /** Six a decade: a quantile that is read off them is right to a fifth or so. */
  private static final double[] STEPS = {1, 1.5, 2, 3, 5, 7};

  private static final int DECADES = 6;

  private Buckets() {}

  /** From a millisecond, a small model's step, to some fifteen minutes, a long thought. */
  static Duration[] times() {
    return IntStream.range(0, DECADES)
        .mapToObj(decade -> DoubleStream.of(STEPS).map(step -> step * Math.pow(10, decade)))
        .flatMapToDouble(bounds -> bounds)
        .mapToObj(millis -> Duration.ofNanos(Math.round(millis * Math.pow(10, 6))))
        .toArray(Duration[]::new);
  }

  /** Of counts of sequences. */
  static double[] counts() {
    return new double[] {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
  }
}
