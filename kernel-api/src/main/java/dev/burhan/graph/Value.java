package dev.burhan.graph;

import dev.burhan.tensor.DataType;

/**
 * What flows between nodes: one row of {@code width} numbers for each row of the step, row-major.
 *
 * @param id unique within the graph
 * @param name for people: {@code layer3.query}
 * @param width numbers a row
 * @param type F32 for activations, I32 for expert numbers
 * @param rows what one row stands for
 */
public record Value(int id, String name, int width, DataType type, Rows rows) {

  /** What the rows of a value are. */
  public enum Rows {
    /** One row a column of the batch (a token). */
    COLUMN,
    /** One row for each position whose logits are wanted. */
    LOGIT
  }

  @Override
  public String toString() {
    return "%" + id;
  }
}
