package dev.burhan.backendtck;

import dev.burhan.backend.Backend;
import dev.burhan.backend.Plan;

/** A backend, opened, with what it takes to run trials on it. */
final class Stage implements AutoCloseable {
  static final int THREADS = 2;

  private final CountedMemory memory = new CountedMemory();
  private final Backend backend;

  Stage(Subject subject) {
    backend = subject.open(memory);
  }

  CountedMemory memory() {
    return memory;
  }

  Backend backend() {
    return backend;
  }

  /** How the backend would run a trial. */
  Plan plan(Trial trial) {
    return backend.plan(trial.graph(), trial.limits(THREADS));
  }

  /** What is done with a trial's program. */
  @FunctionalInterface
  interface Use<T> {
    T of(Running running);
  }

  /** Compiles a trial, uses it and closes it. */
  <T> T with(Trial trial, int threads, Use<T> use) {
    Trial.Built built = trial.built();
    try (CountedWeights weights = new CountedWeights(built.checkpoint(), memory);
        Running running = new Running(backend, trial, built.graph(), weights, threads)) {
      return use.of(running);
    }
  }

  <T> T with(Trial trial, Use<T> use) {
    return with(trial, THREADS, use);
  }

  @Override
  public void close() {
    backend.close();
  }
}
