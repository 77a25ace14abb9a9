package dev.burhan.backendtck;

import dev.burhan.graph.Op;
import java.util.List;

/**
 * An op with weights or a cache of one type, and the shapes that it is tried with.
 *
 * @param op the op's name
 * @param type of its weights or its cache, in words; empty if it has neither
 * @param node which node of the trials' graphs is meant
 * @param quantised whether activations may have 8 bits in the mode that allows it
 * @param tolerance largest difference, relative to a trial's scale
 * @param eightBits the same in the mode with activations of 8 bits
 * @param trials shapes
 */
record OpCase(
    String op,
    String type,
    Class<? extends Op> node,
    boolean quantised,
    double tolerance,
    double eightBits,
    List<Trial> trials) {

  double tolerance(boolean withEightBits) {
    return quantised && withEightBits ? eightBits : tolerance;
  }

  @Override
  public String toString() {
    return type.isEmpty() ? op : op + " " + type;
  }
}
