package dev.burhan.backend;

import dev.burhan.graph.Node;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weights;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A library of ops over host memory. The kernel's host executor walks the graph, owns threads,
 * memory and pages, and takes each node's kernel from the first library that has one. Thread-safe.
 */
@ConsumerType
public interface HostKernels extends AutoCloseable {

  /**
   * What this library promises about bits; part of a program's own promise when one of its kernels
   * is used.
   */
  Numerics numerics();

  /** Whether it runs the node, judged from op, weight types and widths alone. */
  boolean supports(Node node);

  /**
   * Whether it has a kernel of the node for the columns of one phase alone, see {@link #bind(Node,
   * Phase, Bindings)}. So a node is shared by two libraries: one that is good at many prompt
   * columns, and another for the generated ones.
   */
  default boolean supports(Node node, Phase phase) {
    return false;
  }

  /**
   * The weights that the node's kernel asks for when it is bound. Those that the op names, unless
   * the library takes one apart, such as FP8 values and their scales.
   */
  default List<Weight> weights(Node node) {
    return Weights.of(node.op());
  }

  /**
   * Layouts it can read for a weight, best first; {@link Layout#FILE} is among them for each type
   * that it runs.
   */
  default List<Layout> layouts(Weight weight) {
    return List.of(Layout.FILE);
  }

  /** How to make one of its own layouts. */
  default Packer packer(Layout layout) {
    throw new IllegalArgumentException("no packer for layout " + layout);
  }

  /**
   * Makes the kernel of a node. Called once, when a program is compiled; all memory is given then.
   *
   * @return empty if {@link #supports} says no
   */
  Optional<Kernel> bind(Node node, Bindings bindings);

  /**
   * Makes a kernel of a node that computes the columns of one phase and leaves the other rows of
   * its outputs as they are: another library's kernel writes them, maybe at the same time.
   *
   * @return empty if {@link #supports(Node, Phase)} says no
   */
  default Optional<Kernel> bind(Node node, Phase phase, Bindings bindings) {
    return Optional.empty();
  }

  /** Called once no program is left; idempotent. */
  @Override
  void close();
}
