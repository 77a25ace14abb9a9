package dev.burhan.server.meters;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rules of Prometheus' text format 0.0.4, read off its documentation ("Exposition formats",
 * "Metric and label naming") and not off the writer: a page that breaks one is an {@link
 * AssertionError} with its line.
 */
public final class PrometheusRules {
  private static final Pattern COMMENT =
      Pattern.compile("# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})? (\\S+)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\\"n])*)\"(,|$)");
  private static final Set<String> TYPES =
      Set.of("counter", "gauge", "histogram", "summary", "untyped");

  private final Map<String, String> types = new HashMap<>();
  private final Map<String, Double> samples = new LinkedHashMap<>();
  private final Set<String> finished = new HashSet<>();
  private String family = "";

  private PrometheusRules() {}

  /**
   * Checks a page.
   *
   * @return its samples by name and sorted labels, as {@code name{a="x",b="y"}}
   */
  public static Map<String, Double> check(String page) {
    PrometheusRules rules = new PrometheusRules();
    if (!page.endsWith("\n")) {
      throw new AssertionError("the last line does not end with a line feed");
    }
    if (page.contains("\r")) {
      throw new AssertionError("lines end with a line feed alone");
    }
    for (String line : page.substring(0, page.length() - 1).split("\n", -1)) {
      try {
        rules.line(line);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("in the line: " + line, e);
      }
    }
    rules.histograms();
    return rules.samples;
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new AssertionError(rule);
    }
  }

  private void line(String line) {
    require(!line.isEmpty(), "no empty lines");
    if (line.startsWith("#")) {
      Matcher comment = COMMENT.matcher(line);
      require(comment.matches(), "a comment is HELP or TYPE");
      enter(comment.group(2));
      if (comment.group(1).equals("TYPE")) {
        require(TYPES.contains(comment.group(3)), "a known type");
        require(types.put(family, comment.group(3)) == null, "one TYPE a family");
      }
      return;
    }
    Matcher sample = SAMPLE.matcher(line);
    require(sample.matches(), "a sample is a name, labels and a value");
    String name = sample.group(1);
    String of = familyOf(name);
    require(of.equals(family), "a family's lines are together, after its TYPE");
    value(sample.group(3));
    Map<String, String> labels = labels(sample.group(2));
    String type = types.get(of);
    require(type != null, "TYPE comes before the first sample");
    require(!type.equals("counter") || name.endsWith("_total"), "a counter ends with _total");
    require(type.equals("counter") || !name.endsWith("_total"), "nothing else ends with _total");
    require(!type.equals("counter") || value(sample.group(3)) >= 0, "a counter is not negative");
    require(name.endsWith("_bucket") == labels.containsKey("le"), "a bucket has its bound");
    require(
        samples.put(name + text(labels), value(sample.group(3))) == null,
        "each sample is there once");
  }

  private void enter(String name) {
    if (!name.equals(family)) {
      finished.add(family);
      require(!finished.contains(name), "a family's lines are together");
      family = name;
    }
  }

  private String familyOf(String name) {
    for (String end : List.of("_bucket", "_sum", "_count")) {
      if (name.endsWith(end)) {
        String base = name.substring(0, name.length() - end.length());
        if ("histogram".equals(types.get(base))) {
          return base;
        }
      }
    }
    return name;
  }

  private static double value(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      case "NaN" -> Double.NaN;
      default -> {
        require(text.matches("[-+]?[0-9.]+([eE][-+]?[0-9]+)?"), "a number as Go reads it");
        yield Double.parseDouble(text);
      }
    };
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new TreeMap<>();
    if (text == null) {
      return labels;
    }
    require(!text.isEmpty() && !text.endsWith(","), "labels are between commas");
    Matcher label = LABEL.matcher(text);
    int at = 0;
    while (at < text.length()) {
      require(label.find(at) && label.start() == at, "a label is name=\"value\", escaped");
      require(!label.group(1).startsWith("__"), "names with two underscores are Prometheus' own");
      require(labels.put(label.group(1), label.group(2)) == null, "each label once");
      at = label.end();
    }
    return labels;
  }

  private static String text(Map<String, String> labels) {
    if (labels.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("{");
    labels.forEach((name, value) -> text.append(name + "=\"" + value + "\","));
    return text.deleteCharAt(text.length() - 1).append('}').toString();
  }

  /** Buckets grow with their bounds, the last is +Inf and equals _count, and there is a _sum. */
  private void histograms() {
    types.forEach(
        (name, type) -> {
          if (type.equals("histogram")) {
            histogram(name);
          }
        });
  }

  private void histogram(String name) {
    Map<String, TreeMap<Double, Double>> series = new HashMap<>();
    samples.forEach(
        (key, count) -> {
          if (key.startsWith(name + "_bucket{")) {
            Matcher bound = Pattern.compile(",?le=\"([^\"]*)\"").matcher(key);
            require(bound.find(), key);
            String rest = bound.replaceFirst("").substring((name + "_bucket").length());
            series
                .computeIfAbsent(rest.replace("{,", "{"), _ -> new TreeMap<>())
                .put(value(bound.group(1)), count);
          }
        });
    require(!series.isEmpty(), name + " has buckets");
    series.forEach(
        (labels, buckets) -> {
          String tags = labels.equals("{}") ? "" : labels;
          require(buckets.lastKey() == Double.POSITIVE_INFINITY, name + " ends with +Inf");
          double before = 0;
          for (double count : buckets.values()) {
            require(count >= before, name + "'s buckets grow");
            before = count;
          }
          require(samples.get(name + "_count" + tags) == before, name + "_count is +Inf's");
          double sum = samples.get(name + "_sum" + tags);
          require(sum >= 0 && (sum > 0 || before == 0), name + "_sum fits");
        });
  }
}
