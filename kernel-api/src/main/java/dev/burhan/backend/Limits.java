package dev.burhan.backend;

import dev.burhan.tensor.DataType;
import java.util.Map;

/**
 * What a program is sized for. Memory is taken once, when it is compiled.
 *
 * @param columns most columns of a step
 * @param sequences most sequences of a step
 * @param logitRows most rows of logits of a step
 * @param context most tokens of a sequence
 * @param pages KV pages in all
 * @param tokensPerPage tokens a page
 * @param threads most threads that work on a step
 * @param planes storage type by the plane's name; a plane that is not named is stored in its first
 *     allowed type
 * @param expertBytes memory that experts may take, the others being read when they are chosen; 0
 *     for all of them in memory
 */
public record Limits(
    int columns,
    int sequences,
    int logitRows,
    int context,
    int pages,
    int tokensPerPage,
    int threads,
    Map<String, DataType> planes,
    long expertBytes) {
  public Limits {
    planes = Map.copyOf(planes);
    if (columns < 1
        || sequences < 1
        || logitRows < 1
        || context < 1
        || pages < 1
        || tokensPerPage < 1
        || threads < 1) {
      throw new IllegalArgumentException("limits must be positive");
    }
    if (expertBytes < 0) {
      throw new IllegalArgumentException("expertBytes must not be negative: " + expertBytes);
    }
  }

  /** With all experts in memory. */
  public Limits(
      int columns,
      int sequences,
      int logitRows,
      int context,
      int pages,
      int tokensPerPage,
      int threads,
      Map<String, DataType> planes) {
    this(columns, sequences, logitRows, context, pages, tokensPerPage, threads, planes, 0);
  }

  /** The type in which a plane is stored. */
  public DataType typeOf(dev.burhan.graph.Plane plane) {
    DataType type = planes.getOrDefault(plane.name(), plane.allowed().getFirst());
    if (!plane.allowed().contains(type)) {
      throw new dev.burhan.provider.UsageException(
          "the cache's "
              + plane.name()
              + " can't be stored as "
              + type
              + "; allowed are "
              + plane.allowed());
    }
    return type;
  }
}
