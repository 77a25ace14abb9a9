package dev.burhan.kernel.engine;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationEvent.Timings;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.kernel.sampling.Sampler;
import dev.burhan.text.Tokenizer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** One generation: the model's thread writes events, the caller's thread takes them. */
final class GenerationTask implements Task, Generation {
  private final GenerationRequest request;
  private final Optional<Tokenizer> tokenizer;
  private final LinkedBlockingQueue<Object> events =
      new LinkedBlockingQueue<>(); // events, or one exception
  private final CountDownLatch ended = new CountDownLatch(1);
  private final long queuedAt = System.nanoTime();
  private volatile boolean cancelled;
  private boolean finished; // of the taking thread

  GenerationTask(GenerationRequest request, Optional<Tokenizer> tokenizer) {
    this.request = request;
    this.tokenizer = tokenizer;
  }

  @Override
  public void run(StepRunner steps) {
    int[] prompt = request.promptIds();
    Sequence sequence = steps.begin(prompt);
    try (sequence) {
      generate(steps, sequence);
    } finally {
      ended.countDown();
    }
  }

  private void generate(StepRunner steps, Sequence sequence) {
    long started = System.nanoTime();
    events.add(new GenerationEvent.Started(request.prompt().size()));
    Sampler sampler = new Sampler(request.sampling(), steps.vocabulary(), request.prompt());
    OutputText text =
        new OutputText(
            tokenizer, OutputText.beginning(tokenizer, request.prompt()), request.stop());
    Set<Integer> ends = tokenizer.map(Tokenizer::endOfGeneration).orElse(Set.of());
    TokenSource tokens = new TokenSource(steps, sequence, sampler);
    int limit = Math.min(request.maxTokens(), steps.limits().context() - request.prompt().size());
    long first = started;
    FinishReason reason = FinishReason.LENGTH;
    for (int generated = 0; generated < limit; generated++) {
      GeneratedToken token = cancelled ? null : tokens.next(limit - generated, this);
      if (token == null) {
        reason = FinishReason.CANCELLED;
        break;
      }
      if (generated == 0) {
        first = System.nanoTime();
      }
      if (!request.ignoreEnd() && ends.contains(token.id())) {
        text.countEnd();
        reason = FinishReason.STOP;
        break;
      }
      events.addAll(text.accept(token));
      if (text.stopped()) {
        reason = FinishReason.STOP;
        break;
      }
    }
    events.addAll(text.end());
    tokens.end();
    long end = System.nanoTime();
    if (first == started) {
      first = end; // it ended before the first token
    }
    events.add(
        new GenerationEvent.Finished(
            reason,
            text.usage(request.prompt().size()).withDrafts(tokens.drafted(), tokens.accepted()),
            new Timings(started - queuedAt, first - started, end - first)));
  }

  @Override
  public void fail(RuntimeException cause) {
    events.add(cause);
    ended.countDown();
  }

  @Override
  public boolean requested() {
    return cancelled;
  }

  @Override
  public GenerationEvent next() throws InterruptedException {
    if (finished) {
      return null;
    }
    Object event = events.take();
    if (event instanceof RuntimeException failure) {
      finished = true;
      throw failure;
    }
    finished = event instanceof GenerationEvent.Finished;
    return (GenerationEvent) event;
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public void close() {
    cancel();
    boolean interrupted = false;
    while (true) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
