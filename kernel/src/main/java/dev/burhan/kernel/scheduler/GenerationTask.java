package dev.burhan.kernel.scheduler;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.kernel.reasoning.ThoughtLimit;
import dev.burhan.kernel.sampling.Sampler;
import dev.burhan.kernel.threads.Uninterruptible;
import dev.burhan.text.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One generation: the model's thread writes events, the caller's thread takes them.
 *
 * <p>Each token is chosen from the model's own logits by its position's own random number, whether
 * it was guessed or not, and what was computed behind a wrong guess counts for nothing. So the
 * tokens are those that would come without guesses, if the model's numerics do not depend on how
 * many columns a step has. A guess fixed beforehand would be accepted as often as by the rule of
 * Leviathan et al. (2023): with the probability that the model gives it.
 */
public class GenerationTask extends Request implements Generation {
  private final GenerationRequest request;
  private final Optional<Tokenizer> tokenizer;
  private final Runnable promptComputed;
  private final LinkedBlockingQueue<Object> events =
      new LinkedBlockingQueue<>(); // events, or one exception
  private final CountDownLatch over = new CountDownLatch(1);
  private boolean finished; // of the taking thread

  // Of the model's thread:
  private final Times times = new Times(System.nanoTime());
  private Optional<Writing> writing = Optional.empty();

  /** What a generation has from its first step on. */
  private record Writing(
      Sampler sampler,
      OutputText text,
      ThoughtLimit thought,
      Set<Integer> ends,
      Guesses guesses,
      int limit,
      int cached) {}

  public GenerationTask(GenerationRequest request, Optional<Tokenizer> tokenizer) {
    this(request, tokenizer, () -> {});
  }

  /**
   * A generation that says when its first token is there.
   *
   * @param promptComputed run once by the model's thread, unless it ends before; must not wait
   */
  public GenerationTask(
      GenerationRequest request, Optional<Tokenizer> tokenizer, Runnable promptComputed) {
    super(request.service());
    this.request = request;
    this.tokenizer = tokenizer;
    this.promptComputed = promptComputed;
  }

  @Override
  int[] tokens() {
    return request.promptIds();
  }

  @Override
  int promptLength() {
    return request.prompt().size();
  }

  @Override
  void admitted(StepRunner steps) {
    if (writing.isPresent()) { // it was preempted
      writing.get().guesses().resume(sequence());
      return;
    }
    times.started(System.nanoTime());
    events.add(new GenerationEvent.Started(promptLength()));
    writing =
        Optional.of(
            new Writing(
                new Sampler(request.sampling(), steps.vocabulary(), request.prompt()),
                new OutputText(
                    tokenizer, OutputText.beginning(tokenizer, request.prompt()), request.stop()),
                new ThoughtLimit(request.reasoning().budget(), tokenizer),
                request.ignoreEnd()
                    ? Set.of()
                    : tokenizer.map(Tokenizer::endOfGeneration).orElse(Set.of()),
                new Guesses(steps),
                Math.min(request.maxTokens(), steps.limits().context() - promptLength()),
                sequence().computed()));
    writing.get().guesses().resume(sequence());
  }

  @Override
  void moved(StepRunner to) {
    writing.ifPresent(now -> now.guesses().moved(to, sequence()));
  }

  @Override
  int guess(int most, int others, boolean alone) {
    Writing now = writing.orElseThrow();
    int useful = now.limit() - now.text().generated() - 1;
    return now.guesses()
        .guess(sequence(), now.sampler(), Math.min(most, useful), others, alone, this::cancelled);
  }

  @Override
  void withdrawn() {
    writing.orElseThrow().guesses().withdrawn();
  }

  @Override
  int wanted(int count) {
    return count == remaining() ? 1 + writing.orElseThrow().guesses().pending() : 0;
  }

  @Override
  Optional<FinishReason> computed(StepRunner steps, int count, int column, int row) {
    Writing now = writing.orElseThrow();
    int guessed = now.guesses().pending();
    if (remaining() > 0) { // a part of the prompt, or of what is computed again
      now.guesses().keep(sequence(), column, count);
      return Optional.empty();
    }
    int first = sequence().length() - guessed; // the position that row's token will have
    Optional<FinishReason> reason = Optional.empty();
    int accepted = 0;
    for (int i = 0; i <= guessed && reason.isEmpty(); i++) {
      int position = first + i;
      int[] forced = now.thought().forced(now.text().generated(), now.text().mayBeThought());
      if (forced.length > 0) {
        sequence().truncate(position);
        reason = force(now, forced);
        break;
      }
      GeneratedToken token = now.sampler().next(steps.logits(row + i), position);
      boolean right = i < guessed && sequence().token(position) == token.id();
      if (!right) {
        sequence().truncate(position);
        sequence().append(token.id());
      }
      reason = accept(now, token);
      if (!right) {
        break;
      }
      accepted++;
    }
    if (reason.isPresent()) {
      sequence().truncate(Math.min(sequence().length(), first + accepted));
    }
    now.guesses().settle(sequence(), column, count, accepted);
    return reason;
  }

  /** Takes a token into the text; returns why that ends it, if it does. */
  private Optional<FinishReason> accept(Writing now, GeneratedToken token) {
    times.token(System.nanoTime());
    if (now.text().generated() == 0) {
      promptComputed.run();
    }
    if (now.ends().contains(token.id())) {
      now.text().countEnd();
      return Optional.of(FinishReason.STOP);
    }
    events.addAll(now.text().accept(token));
    if (now.text().stopped()) {
      return Optional.of(FinishReason.STOP);
    }
    return now.text().generated() >= now.limit()
        ? Optional.of(FinishReason.LENGTH)
        : Optional.empty();
  }

  private Optional<FinishReason> force(Writing now, int[] tokens) {
    for (int token : tokens) {
      sequence().append(token);
      now.sampler().given(token);
      Optional<FinishReason> reason = accept(now, new GeneratedToken(token, Float.NaN, List.of()));
      if (reason.isPresent()) {
        return reason;
      }
    }
    return Optional.empty();
  }

  @Override
  int finalLength() {
    return writing.orElseThrow().guesses().shareable(sequence());
  }

  @Override
  void ended(FinishReason reason) {
    Usage usage = new Usage(promptLength(), 0, 0);
    if (writing.isPresent()) {
      events.addAll(writing.get().text().end());
      usage = usage();
    } else {
      events.add(new GenerationEvent.Started(promptLength()));
    }
    times.end(System.nanoTime());
    events.add(new GenerationEvent.Finished(reason, usage, times.timings()));
    over.countDown();
  }

  @Override
  Usage usage() {
    return writing
        .map(
            now ->
                now.text()
                    .usage(promptLength())
                    .withDrafts(now.guesses().drafted(), now.guesses().accepted())
                    .withCached(now.cached()))
        .orElse(new Usage(promptLength(), 0, 0));
  }

  @Override
  int generated() {
    return writing.map(now -> now.text().generated()).orElse(0);
  }

  @Override
  Times times() {
    return times;
  }

  @Override
  void fail(RuntimeException cause) {
    times.end(System.nanoTime());
    events.add(cause);
    over.countDown();
  }

  @Override
  void release() {
    writing.ifPresent(now -> now.guesses().close());
    super.release();
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
  public void close() {
    cancel();
    Uninterruptible.await(over::await);
  }
}
