package dev.burhan.graph;

import java.util.List;

/**
 * One application of an op.
 *
 * @param op what is done
 * @param in values read, in the op's order
 * @param out values written, in the op's order
 * @param layer the layer it belongs to; -1 before the first, the number of layers after the last
 */
public record Node(Op op, List<Value> in, List<Value> out, int layer) {
  public Node {
    in = List.copyOf(in);
    out = List.copyOf(out);
  }
}
