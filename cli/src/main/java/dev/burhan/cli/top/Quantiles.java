package dev.burhan.cli.top;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Quantiles of a histogram: within a bucket values are taken to lie evenly, as Prometheus'
 * histogram_quantile does.
 *
 * @param p50 median in seconds; NaN if there are no values
 * @param p95 what 95 of 100 values do not exceed, in seconds
 */
record Quantiles(double p50, double p95) {

  /** Of what came between two readings; of all there is if nothing did. */
  static Quantiles between(
      NavigableMap<Double, Double> before, NavigableMap<Double, Double> after) {
    NavigableMap<Double, Double> came = new TreeMap<>();
    after.forEach((bound, count) -> came.put(bound, count - before.getOrDefault(bound, 0.0)));
    boolean some = !came.isEmpty() && came.lastEntry().getValue() > 0;
    NavigableMap<Double, Double> of = some ? came : after;
    return new Quantiles(quantile(of, 0.5), quantile(of, 0.95));
  }

  private static double quantile(NavigableMap<Double, Double> buckets, double share) {
    if (buckets.isEmpty() || !(buckets.lastEntry().getValue() > 0)) {
      return Double.NaN;
    }
    double wanted = share * buckets.lastEntry().getValue();
    double from = 0;
    double below = 0;
    for (Map.Entry<Double, Double> bucket : buckets.entrySet()) {
      if (bucket.getValue() >= wanted) {
        if (Double.isInfinite(bucket.getKey())) {
          return from; // beyond the last bound: at least that
        }
        double inside = bucket.getValue() - below;
        return from + (bucket.getKey() - from) * (wanted - below) / inside;
      }
      from = bucket.getKey();
      below = bucket.getValue();
    }
    return from;
  }
}
