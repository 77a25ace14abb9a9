package dev.burhan.graph;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * An op that a third party's model family brings along. A backend that knows its {@link #id} may
 * run it as one; for every other one the kernel replaces the node by {@link #expand}, so that old
 * backends run new models.
 */
@ConsumerType
public non-sealed interface CustomOp extends Op {

  /** Globally unique name with a version, such as {@code com.example.gated-norm/1}. */
  String id();

  /**
   * The same in core ops (or custom ones that expand in turn).
   *
   * @param node the node to replace
   * @param builder gives new values; add the nodes to it; the last node added for each of {@code
   *     node.out()} must write exactly that value
   */
  void expand(Node node, GraphBuilder builder);
}
