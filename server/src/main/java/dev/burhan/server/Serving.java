package dev.burhan.server;

import dev.burhan.backend.Plan;
import dev.burhan.engine.Engine;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.server.meters.Meters;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One run of {@code serve}, as the servlets see it: its models, and how far requests are taken.
 * Registered as a service by the command; the servlets come and go with it.
 */
final class Serving {
  /** After so many seconds a refused request is worth another try. */
  static final int RETRY_AFTER_SECONDS = 2;

  /** Requests that wait while others are answered, if nobody says otherwise. */
  static final int DEFAULT_QUEUE = 16;

  /** How long a model that goes waits for its answers, if nobody says otherwise. */
  static final Duration DEFAULT_DRAIN = Duration.ofSeconds(20);

  /** What a server is able to do. */
  enum State {
    LOADING,
    READY,
    EMPTY,
    ENDING
  }

  /**
   * Bounds.
   *
   * @param requests most requests that are answered or wait
   * @param bodyBytes most bytes of a request's body
   * @param keepAlive how long a connection is silent before something is sent that says the server
   *     is at work, and finds out whether the client still listens
   * @param drain how long a model that goes waits for answers that are being made
   */
  record Limits(int requests, int bodyBytes, Duration keepAlive, Duration drain) {
    static final Limits DEFAULT =
        new Limits(
            LoadRequest.DEFAULT_SEQUENCES + DEFAULT_QUEUE,
            8 << 20,
            Duration.ofSeconds(3),
            DEFAULT_DRAIN);

    Limits withRequests(int value) {
      return new Limits(value, bodyBytes, keepAlive, drain);
    }

    Limits withDrain(Duration value) {
      return new Limits(requests, bodyBytes, keepAlive, value);
    }
  }

  /** Makes receipts of answers. */
  @FunctionalInterface
  interface Receipts {
    /** A JSON object; see {@link dev.burhan.engine.ReceiptWriter}. */
    String of(
        ServedModel model,
        Plan begun,
        GenerationRequest request,
        List<Integer> tokens,
        FinishReason reason);
  }

  private final Limits limits;
  private final boolean loopback;
  private final Places places;
  private final Optional<Receipts> receipts;
  private final Meters meters = new Meters();
  private final ServedModels models;
  private State state = State.LOADING; // guarded by this

  /**
   * A run whose models are not loaded yet.
   *
   * @param loopback whether it listens for this machine only
   * @param receipts empty if it gives none
   * @param engine loads its models
   */
  Serving(Limits limits, boolean loopback, Optional<Receipts> receipts, Engine engine) {
    this.models = new ServedModels(engine, meters);
    this.receipts = receipts;
    this.limits = limits;
    this.loopback = loopback;
    this.places = new Places(limits.requests());
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

  /**
   * What makes receipts.
   *
   * @throws ApiError if this server gives none
   */
  Receipts receipts() {
    return receipts.orElseThrow(
        () ->
            ApiError.unsupported(
                "receipt", "'receipt' is not supported by this server: no bundle writes any."));
  }

  Meters meters() {
    return meters;
  }

  synchronized State state() {
    return state == State.READY && models.all().isEmpty() ? State.EMPTY : state;
  }

  ServedModels models() {
    return models;
  }

  /** The first model is there. */
  synchronized void ready() {
    if (state == State.LOADING) {
      state = State.READY;
    }
  }

  /** From now on no request is taken. */
  synchronized void end() {
    state = State.ENDING;
  }

  /**
   * Whether requests are taken.
   *
   * @throws ApiError if no model was loaded yet, or the server is about to end
   */
  void requireOpen() {
    switch (state()) {
      case READY, EMPTY -> {}
      case LOADING ->
          throw ApiError.unavailable(
              "model_loading",
              "The model is still being loaded; try again later.",
              RETRY_AFTER_SECONDS);
      case ENDING ->
          throw ApiError.unavailable(
              "server_ending", "The server is about to end.", RETRY_AFTER_SECONDS);
    }
  }

  /**
   * Administration is for this machine's own callers: there is no password.
   *
   * @throws ApiError if others reach the server
   */
  void requireOwnMachine() {
    if (!loopback) {
      throw ApiError.invalid(
          403,
          "forbidden",
          null,
          "A server that other machines reach is not administered over HTTP: there is no password.");
    }
  }
}
