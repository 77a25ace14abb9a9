package dev.burhan.engine;

/**
 * Something that changed in an engine's models: told after it happened, to every {@link
 * EngineListener}. New kinds may come; a listener leaves those alone that it does not know.
 */
public sealed interface EngineEvent {

  /** The model's name, as {@link LoadedModel#name()}; of one that was not loaded, as asked for. */
  String model();

  /**
   * A model can answer.
   *
   * @param checkpoint the file, folder or catalogue name that it was loaded from
   * @param backend what runs it
   * @param seconds that loading took
   */
  record Loaded(String model, String checkpoint, String backend, double seconds)
      implements EngineEvent {}

  /**
   * A model is closed, and its memory free.
   *
   * @param checkpoint what it was loaded from
   */
  record Unloaded(String model, String checkpoint) implements EngineEvent {}

  /**
   * Requests for a model go to another checkpoint from now on; what runs on the old one goes on
   * until its {@link Unloaded}.
   *
   * @param from the old checkpoint, as it was asked for
   * @param to the new one
   */
  record Replaced(String model, String from, String to) implements EngineEvent {}

  /** A model goes on with another backend. */
  record Exchanged(String model, Exchange exchange) implements EngineEvent {}

  /**
   * A model's graph was written anew, by a bundle that came, and the model goes on with it.
   *
   * @param architecture the family's name in the checkpoint
   */
  record Replanned(String model, String architecture, Exchange exchange) implements EngineEvent {}

  /**
   * A model's backend went and none is left that may run it: its requests wait.
   *
   * @param backend what ran it
   */
  record Suspended(String model, String backend) implements EngineEvent {}

  /** A model that waited for a backend goes on. */
  record Resumed(String model, Exchange exchange) implements EngineEvent {}

  /**
   * A change was tried and did not happen; what was there before goes on.
   *
   * @param change what was tried
   * @param reason for people
   */
  record Failed(String model, Change change, String reason) implements EngineEvent {}

  /** What may fail. */
  enum Change {
    LOAD,
    REPLACE,
    EXCHANGE,
    REPLAN
  }
}
