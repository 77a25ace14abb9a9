package dev.burhan.server;

import dev.burhan.server.meters.Meters;
import java.time.Duration;

/**
 * One run of {@code serve}, as the servlets see it: the model once it is there, and how far
 * requests are taken. Registered as a service by the command; the servlets come and go with it.
 */
final class Serving {
  /** After so many seconds a refused request is worth another try. */
  static final int RETRY_AFTER_SECONDS = 2;

  /** What a server is able to do. */
  enum State {
    LOADING,
    READY,
    ENDING
  }

  /**
   * Bounds.
   *
   * @param queue most requests that wait while one is answered
   * @param bodyBytes most bytes of a request's body
   * @param keepAlive how long a connection is silent before something is sent that says the server
   *     is at work, and finds out whether the client still listens
   */
  record Limits(int queue, int bodyBytes, Duration keepAlive) {
    static final Limits DEFAULT = new Limits(16, 8 << 20, Duration.ofSeconds(3));

    Limits withQueue(int value) {
      return new Limits(value, bodyBytes, keepAlive);
    }
  }

  private final Limits limits;
  private final boolean loopback;
  private final Places places;
  private final Meters meters = new Meters();
  private State state = State.LOADING; // guarded by this
  private ServedModel model; // guarded by this

  /**
   * A run whose model is not loaded yet.
   *
   * @param loopback whether it listens for this machine only
   */
  Serving(Limits limits, boolean loopback) {
    this.limits = limits;
    this.loopback = loopback;
    this.places = new Places(1 + limits.queue());
  }

  Limits limits() {
    return limits;
  }

  boolean loopback() {
    return loopback;
  }

  Places places() {
    return places;
  }

  Meters meters() {
    return meters;
  }

  synchronized State state() {
    return state;
  }

  synchronized void ready(ServedModel loaded) {
    meters.serve(loaded.id(), loaded.loaded());
    model = loaded;
    if (state == State.LOADING) {
      state = State.READY;
    }
  }

  /** From now on no request is taken. */
  synchronized void end() {
    state = State.ENDING;
  }

  /**
   * The model.
   *
   * @throws ApiError if it is not loaded yet, or the server is about to end
   */
  synchronized ServedModel model() {
    return switch (state) {
      case READY -> model;
      case LOADING ->
          throw ApiError.unavailable(
              "model_loading",
              "The model is still being loaded; try again later.",
              RETRY_AFTER_SECONDS);
      case ENDING ->
          throw ApiError.unavailable(
              "server_ending", "The server is about to end.", RETRY_AFTER_SECONDS);
    };
  }
}
