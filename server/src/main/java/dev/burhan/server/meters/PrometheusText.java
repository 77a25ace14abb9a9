package dev.burhan.server.meters;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A registry's meters as Prometheus reads them: text format 0.0.4 (Prometheus documentation,
 * "Exposition formats"). Names are a meter's own with underscores for dots, and the endings that
 * Prometheus wants: {@code _total} for what only grows, {@code _seconds} for times.
 */
final class PrometheusText {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final StringBuilder out = new StringBuilder();

  private PrometheusText() {}

  static String of(MeterRegistry registry) {
    Map<String, List<Meter>> families = new TreeMap<>();
    for (Meter meter : registry.getMeters()) {
      if (meter.getId().syntheticAssociation() == null) { // else a histogram's bucket, as a gauge
        families.computeIfAbsent(meter.getId().getName(), _ -> new ArrayList<>()).add(meter);
      }
    }
    PrometheusText text = new PrometheusText();
    families.values().forEach(text::family);
    return text.out.toString();
  }

  private void family(List<Meter> meters) {
    Meter first = meters.getFirst();
    String name = first.getId().getName().replace('.', '_');
    switch (first) {
      case Counter _ -> name += "_total";
      case FunctionCounter _ -> name += "_total";
      case Timer _ -> name += "_seconds";
      default -> {}
    }
    head(name, first);
    for (Meter meter : meters) {
      String labels = labels(meter.getId().getTags());
      switch (meter) {
        case Counter counter -> sample(name, labels, counter.count());
        case FunctionCounter counter -> sample(name, labels, counter.count());
        case Gauge gauge -> sample(name, labels, gauge.value());
        case Timer timer -> histogram(name, labels, timer.takeSnapshot(), true);
        case DistributionSummary summary -> histogram(name, labels, summary.takeSnapshot(), false);
        default -> throw new IllegalStateException("no text for a meter like " + meter);
      }
    }
  }

  private void head(String name, Meter meter) {
    String type =
        switch (meter) {
          case Counter _ -> "counter";
          case FunctionCounter _ -> "counter";
          case Gauge _ -> "gauge";
          default -> "histogram";
        };
    String help = meter.getId().getDescription();
    if (help != null) {
      String escaped = help.replace("\\", "\\\\").replace("\n", "\\n");
      out.append("# HELP ").append(name).append(' ').append(escaped).append('\n');
    }
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private void histogram(String name, String labels, HistogramSnapshot snapshot, boolean time) {
    // Buckets are read one after another while others count on: the sum of them all is the last.
    double most = 0;
    for (CountAtBucket bucket : snapshot.histogramCounts()) {
      most = Math.max(most, bucket.count());
      double bound = time ? bucket.bucket(TimeUnit.SECONDS) : bucket.bucket();
      sample(name + "_bucket", with(labels, "le=\"" + number(bound) + "\""), most);
    }
    double count = Math.max(most, snapshot.count());
    sample(name + "_bucket", with(labels, "le=\"+Inf\""), count);
    sample(name + "_sum", labels, time ? snapshot.total(TimeUnit.SECONDS) : snapshot.total());
    sample(name + "_count", labels, count);
  }

  private void sample(String name, String labels, double value) {
    out.append(name);
    if (!labels.isEmpty()) {
      out.append('{').append(labels).append('}');
    }
    out.append(' ').append(number(value)).append('\n');
  }

  private static String with(String labels, String more) {
    return labels.isEmpty() ? more : labels + "," + more;
  }

  private static String labels(List<Tag> tags) {
    StringBuilder text = new StringBuilder();
    for (Tag tag : tags) {
      if (!text.isEmpty()) {
        text.append(',');
      }
      String value =
          tag.getValue().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
      text.append(tag.getKey().replace('.', '_')).append("=\"").append(value).append('"');
    }
    return text.toString();
  }

  /** Whole numbers without a point: 17, not 17.0. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
