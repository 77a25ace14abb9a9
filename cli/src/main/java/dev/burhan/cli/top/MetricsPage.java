package dev.burhan.cli.top;

import dev.burhan.provider.BurhanException;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of Prometheus' text format 0.0.4, as a server's {@code /metrics} has it, at the time at
 * which it was read.
 *
 * @param nanos when it was read, as {@link System#nanoTime} counts
 */
record MetricsPage(long nanos, Map<String, Map<Map<String, String>, Double>> families) {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})?\\s+(\\S+)(?:\\s+-?\\d+)?");
  private static final Pattern LABEL =
      Pattern.compile("\\s*([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"\\s*,?");
  private static final Pattern ESCAPE = Pattern.compile("\\\\(.)");
  private static final String MODEL = "model_name";

  /**
   * Reads a page.
   *
   * @throws BurhanException if a line is none of the format
   */
  static MetricsPage parse(String text, long nanos) {
    Map<String, Map<Map<String, String>, Double>> families = new HashMap<>();
    for (String line : text.split("\n")) {
      if (!line.isBlank() && !line.startsWith("#")) {
        Matcher sample = SAMPLE.matcher(line.strip());
        if (!sample.matches()) {
          throw new BurhanException(
              "expected metrics in Prometheus' text format, found the line '" + line + "'");
        }
        families
            .computeIfAbsent(sample.group(1), _ -> new HashMap<>())
            .put(labels(sample.group(2)), number(sample.group(3)));
      }
    }
    return new MetricsPage(nanos, families);
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text == null ? "" : text);
    while (label.find()) {
      labels.put(label.group(1), unescaped(label.group(2)));
    }
    return labels;
  }

  private static String unescaped(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(
            escape ->
                Matcher.quoteReplacement(escape.group(1).equals("n") ? "\n" : escape.group(1)));
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      case "NaN" -> Double.NaN;
      default -> {
        try {
          yield Double.parseDouble(text);
        } catch (NumberFormatException e) {
          throw new BurhanException("expected a number among the metrics, found '" + text + "'", e);
        }
      }
    };
  }

  /** The models that it tells of, by name. */
  TreeSet<String> models() {
    TreeSet<String> models = new TreeSet<>();
    families.values().stream()
        .flatMap(samples -> samples.keySet().stream())
        .map(labels -> labels.get(MODEL))
        .filter(Objects::nonNull)
        .forEach(models::add);
    return models;
  }

  /** A figure of no model; NaN if it is not there. */
  double value(String name) {
    return families.getOrDefault(name, Map.of()).values().stream()
        .mapToDouble(Double::doubleValue)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** A model's figure; NaN if it is not there. */
  double value(String name, String model) {
    return families.getOrDefault(name, Map.of()).getOrDefault(Map.of(MODEL, model), Double.NaN);
  }

  /** A model's figure that has one more label; NaN if it is not there. */
  double value(String name, String model, String label, String value) {
    return families
        .getOrDefault(name, Map.of())
        .getOrDefault(Map.of(MODEL, model, label, value), Double.NaN);
  }

  /** A model's histogram: how many were at most so much, by bound; empty if it is not there. */
  NavigableMap<Double, Double> buckets(String name, String model) {
    NavigableMap<Double, Double> buckets = new TreeMap<>();
    families
        .getOrDefault(name + "_bucket", Map.of())
        .forEach(
            (labels, count) -> {
              if (model.equals(labels.get(MODEL)) && labels.containsKey("le")) {
                buckets.put(number(labels.get("le")), count);
              }
            });
    return buckets;
  }
}
