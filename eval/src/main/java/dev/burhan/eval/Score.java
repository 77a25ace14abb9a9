package dev.burhan.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Right ones of so many, and between which accuracies the truth lies with 95 %. */
record Score(int right, int problems) {
  private static final double Z = 1.959964;

  static Score of(List<Outcome> outcomes) {
    return new Score((int) outcomes.stream().filter(Outcome::right).count(), outcomes.size());
  }

  double accuracy() {
    return problems == 0 ? 0 : (double) right / problems;
  }

  double low() {
    return Math.max(0, centre() - margin());
  }

  double high() {
    return Math.min(1, centre() + margin());
  }

  /** Wilson's interval (1927), which holds for few problems and near 0 and 1 too. */
  private double centre() {
    return (right + Z * Z / 2) / (problems + Z * Z);
  }

  private double margin() {
    double p = accuracy();
    return Z * Math.sqrt(problems * p * (1 - p) + Z * Z / 4) / (problems + Z * Z);
  }

  String percent() {
    return String.format(Locale.ROOT, "%.1f %%", 100 * accuracy());
  }

  String interval() {
    return String.format(Locale.ROOT, "%.1f to %.1f", 100 * low(), 100 * high());
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("problems", problems);
    json.put("right", right);
    json.put("accuracy", accuracy());
    json.put("low", low());
    json.put("high", high());
    return json;
  }
}
