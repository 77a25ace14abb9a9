package dev.burhan.server;

import dev.burhan.backend.Limits;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.Plan;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationEvent.Started;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Timings;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.GenerationEvent.Voted;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Tally;
import dev.burhan.model.ModelInfo;
import dev.burhan.provider.BurhanException;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.TemplateException;
import dev.burhan.text.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A model whose generations a test leads by the hand: it waits for one, and says what it generates
 * and when. Its tokens are characters.
 */
final class HandModel implements LoadedModel {
  static final int CONTEXT = 100;
  private static final int VOCABULARY = 256;

  private final LinkedBlockingQueue<Led> generations = new LinkedBlockingQueue<>();
  private final List<Led> begun = new CopyOnWriteArrayList<>();
  private final String name;
  private volatile boolean closed;

  HandModel(String name) {
    this.name = name;
  }

  boolean isClosed() {
    return closed;
  }

  /** One generation. */
  static final class Led implements Generation {
    final GenerationRequest request;
    final CountDownLatch cancelled = new CountDownLatch(1);
    private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();

    private Led(GenerationRequest request) {
      this.request = request;
    }

    String prompt() {
      StringBuilder text = new StringBuilder();
      request.prompt().forEach(id -> text.append((char) (int) id));
      return text.toString();
    }

    Led start() {
      events.add(new Started(request.prompt().size()));
      return this;
    }

    Led think(String text, GeneratedToken... tokens) {
      events.add(new Text(true, text, List.of(tokens)));
      return this;
    }

    Led say(String text, GeneratedToken... tokens) {
      events.add(new Text(false, text, List.of(tokens)));
      return this;
    }

    void finish(FinishReason reason, int reasoning, int answer) {
      events.add(
          new Finished(
              reason, new Usage(request.prompt().size(), reasoning, answer), new Timings(0, 0, 0)));
    }

    void finish(FinishReason reason, Usage usage, Tally tally) {
      events.add(new Finished(reason, usage, new Timings(0, 0, 0), Optional.of(tally)));
    }

    Led vote(Tally tally) {
      events.add(new Voted(0, Optional.of("42"), tally));
      return this;
    }

    void fail(String message) {
      events.add(new BurhanException(message));
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
      Object event = events.take();
      if (event instanceof BurhanException failure) {
        throw failure;
      }
      if (event instanceof Finished) {
        events.add(this); // the end
      }
      return event == this ? null : (GenerationEvent) event;
    }

    @Override
    public void cancel() {
      cancelled.countDown();
      finish(FinishReason.CANCELLED, 0, 0);
    }

    @Override
    public void close() {}

    boolean wasCancelled() throws InterruptedException {
      return cancelled.await(20, TimeUnit.SECONDS);
    }
  }

  /** The next generation that was asked for. */
  Led next() throws InterruptedException {
    Led led = generations.poll(20, TimeUnit.SECONDS);
    if (led == null) {
      throw new AssertionError("no generation was asked for");
    }
    return led;
  }

  boolean nothingAsked() {
    return generations.isEmpty();
  }

  @Override
  public Generation generate(GenerationRequest request) {
    if (closed) {
      throw new BurhanException("the model is closed");
    }
    Led led = new Led(request);
    begun.add(led);
    generations.add(led);
    return led;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ModelInfo info() {
    return new ModelInfo("hand", Optional.empty(), 1, 1, VOCABULARY, CONTEXT, 1);
  }

  @Override
  public Checkpoint checkpoint() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Plan plan() {
    Limits limits = new Limits(1, 1, 1, CONTEXT, 1, 1, 1, Map.of());
    return new Plan(
        null, limits, List.of(), 0, 0, 0, 0, 0, new Numerics("hand-f32", true), List.of());
  }

  @Override
  public String backend() {
    return "hand";
  }

  @Override
  public Tokenizer tokenizer() {
    return new CharacterTokenizer(VOCABULARY);
  }

  @Override
  public Optional<ChatFormat> chatFormat() {
    return Optional.of(
        new ChatFormat() {
          @Override
          public String template() {
            return "role: content";
          }

          @Override
          public String render(ChatPrompt prompt) {
            StringBuilder text = new StringBuilder();
            for (var message : prompt.messages()) {
              if ("tool".equals(message.get("role"))) {
                throw new TemplateException("tools are unknown");
              }
              text.append(message.get("role")).append(": ").append(message.get("content"));
              text.append('\n');
            }
            return text.toString();
          }
        });
  }

  @Override
  public SamplingParameters recommended(long seed) {
    return SamplingParameters.reasoning(seed);
  }

  @Override
  public void score(int[] tokens, int promptTokens, LogitSink sink) {
    throw new UnsupportedOperationException();
  }

  /** Cancels what was begun, as the engine's do. */
  @Override
  public void close() {
    closed = true;
    begun.forEach(Led::cancel);
  }
}
