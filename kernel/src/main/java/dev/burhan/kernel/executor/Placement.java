package dev.burhan.kernel.executor;

import dev.burhan.backend.Bindings;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Phase;
import dev.burhan.graph.Node;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which libraries run a node: one, or one the prompt columns and another the generated ones.
 *
 * @param prompt runs the prompt columns
 * @param generated runs the generated columns; the same as {@code prompt} if one library does both
 */
record Placement(NamedKernels prompt, NamedKernels generated) {
  private static final String AND = "+"; // in no library's name

  /**
   * The first library that runs the node, unless an earlier one runs one phase of it and there is
   * another for the other phase.
   */
  static Optional<Placement> of(Node node, List<NamedKernels> libraries) {
    Optional<NamedKernels> whole = first(libraries, kernels -> kernels.supports(node));
    Optional<NamedKernels> prompt =
        first(libraries, kernels -> kernels.supports(node, Phase.PROMPT));
    Optional<NamedKernels> generated =
        first(libraries, kernels -> kernels.supports(node, Phase.GENERATED));
    if (prompt.isEmpty() || generated.isEmpty() || prompt.equals(generated)) {
      return whole.map(library -> new Placement(library, library));
    }
    int earliest = Math.min(libraries.indexOf(prompt.get()), libraries.indexOf(generated.get()));
    return whole.isPresent() && libraries.indexOf(whole.get()) < earliest
        ? whole.map(library -> new Placement(library, library))
        : Optional.of(new Placement(prompt.get(), generated.get()));
  }

  private static Optional<NamedKernels> first(
      List<NamedKernels> libraries, Predicate<HostKernels> runs) {
    return libraries.stream().filter(library -> runs.test(library.kernels())).findFirst();
  }

  /** The placement of a name that {@link #name} gave. */
  static Placement named(String name, List<NamedKernels> libraries) {
    int and = name.indexOf(AND);
    return new Placement(
        HostBackend.library(libraries, and < 0 ? name : name.substring(0, and)),
        HostBackend.library(libraries, name.substring(and + 1)));
  }

  String name() {
    return isShared() ? prompt.name() + AND + generated.name() : prompt.name();
  }

  boolean isShared() {
    return !prompt.equals(generated);
  }

  List<NamedKernels> libraries() {
    return isShared() ? List.of(prompt, generated) : List.of(prompt);
  }

  /** Binds the node's kernel, or both. */
  List<Kernel> bind(Node node, Function<HostKernels, Bindings> bindings) {
    if (!isShared()) {
      HostKernels kernels = prompt.kernels();
      return List.of(require(kernels.bind(node, bindings.apply(kernels)), prompt, node));
    }
    return List.of(
        bind(node, Phase.PROMPT, prompt, bindings),
        bind(node, Phase.GENERATED, generated, bindings));
  }

  private static Kernel bind(
      Node node, Phase phase, NamedKernels library, Function<HostKernels, Bindings> bindings) {
    HostKernels kernels = library.kernels();
    return require(kernels.bind(node, phase, bindings.apply(kernels)), library, node);
  }

  private static Kernel require(Optional<Kernel> kernel, NamedKernels library, Node node) {
    return HostBackend.require(kernel, library.name(), node.op());
  }
}
