package dev.burhan.kernel.engine;

import dev.burhan.engine.LoadRequest;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weights;
import dev.burhan.provider.UsageException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The option {@link LoadRequest#EXPERT_MEMORY}. */
final class ExpertMemory {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([KMGT]?)B?");

  private ExpertMemory() {}

  /**
   * Bytes that a model's experts may take; 0 if all are to be in memory, also because all fit.
   *
   * @throws UsageException if it is no size
   */
  static long bytes(Map<String, String> options, Graph graph) {
    String value = options.get(LoadRequest.EXPERT_MEMORY);
    if (value == null) {
      return 0;
    }
    long bytes = size(value);
    long all =
        graph.nodes().stream()
            .flatMap(node -> Weights.of(node.op()).stream())
            .filter(weight -> weight.use() == Weight.Use.EXPERTS)
            .mapToLong(Weight::bytes)
            .sum();
    return bytes >= all ? 0 : bytes;
  }

  private static long size(String value) {
    Matcher matcher = SIZE.matcher(value);
    long number = matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    if (number == 0) {
      throw new UsageException(
          LoadRequest.EXPERT_MEMORY
              + " should be a size above 0 such as 512M or 4G, found '"
              + value
              + "'");
    }
    return switch (matcher.group(2)) {
      case "K" -> number << 10;
      case "M" -> number << 20;
      case "G" -> number << 30;
      case "T" -> Math.multiplyExact(number, 1L << 40);
      default -> number;
    };
  }
}
