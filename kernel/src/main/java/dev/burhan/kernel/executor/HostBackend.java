package dev.burhan.kernel.executor;

import dev.burhan.backend.Backend;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Limits;
import dev.burhan.backend.PackedWeight;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.backend.WeightStore;
import dev.burhan.graph.Graph;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.HostMemory;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The host executor: runs graphs with libraries of host kernels. Each node is run by the first
 * library that supports it. The libraries are closed with it, or with its last program where one is
 * left: a library may hold what its kernels run on, machine code even.
 */
public final class HostBackend implements Backend {
  private final List<NamedKernels> libraries;
  private final HostMemory memory;
  private final Workers workers = new Workers();
  private final AtomicInteger users = new AtomicInteger(1); // this one, and each program
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Makes the executor.
   *
   * @param libraries in order of preference, at least one
   */
  public HostBackend(List<NamedKernels> libraries, HostMemory memory) {
    this.libraries = List.copyOf(libraries);
    this.memory = memory;
  }

  @Override
  public Plan plan(Graph graph, Limits limits) {
    return new HostPlanner(libraries).plan(graph, limits);
  }

  @Override
  public Program compile(Plan plan, WeightStore weights) {
    if (!plan.possible()) {
      throw new BurhanException("the model can't run here: " + String.join("; ", plan.refusals()));
    }
    users.incrementAndGet();
    try {
      return new HostProgram(plan, libraries, weights, memory, workers, this::leave);
    } catch (RuntimeException | Error e) {
      leave();
      throw e;
    }
  }

  @Override
  public List<PackedWeight> packedWeights(Plan plan) {
    return new HostPlanner(libraries).packedWeights(plan);
  }

  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      leave();
    }
  }

  private void leave() {
    if (users.decrementAndGet() == 0) {
      libraries.forEach(library -> library.kernels().close());
    }
  }

  /** The library that runs a node, by the plan's placement. */
  static NamedKernels library(List<NamedKernels> libraries, String name) {
    return libraries.stream()
        .filter(library -> library.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("the plan is another backend's: it names " + name));
  }

  /** A kernel that its library promised. */
  static Kernel require(java.util.Optional<Kernel> kernel, String library, Object op) {
    return kernel.orElseThrow(
        () ->
            new BurhanException(
                "backend '" + library + "' said it runs " + op + " but did not bind it"));
  }
}
