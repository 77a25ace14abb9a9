package dev.burhan.server;

import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Started;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.GenerationEvent.Weighing;
import dev.burhan.engine.GenerationRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The choices of one completion: passes the events of their generations on to the client. The first
 * one's prompt is computed before the others begin, so that they find it in the cache. Choice i has
 * the request's seed plus i.
 */
final class Choices {
  private final GenerationRequest request;
  private final List<Extras> extras; // of each choice
  private final Answer answer;
  private final Consumer<GenerationRequest> begin;
  private boolean allBegun;
  private int finished;
  private Optional<Finished> first = Optional.empty();
  private Usage usage = new Usage(0, 0, 0);

  /**
   * For one completion.
   *
   * @param begin begins the next generation and adds it to the feed
   */
  Choices(
      GenerationRequest request,
      List<Extras> extras,
      Answer answer,
      Consumer<GenerationRequest> begin) {
    this.request = request;
    this.extras = extras;
    this.answer = answer;
    this.begin = begin;
  }

  /**
   * Passes events on until the last one.
   *
   * @param keepAlive how long the client is left without a word
   * @return the first choice's end, with the usage of all
   */
  Finished relay(Feed feed, Duration keepAlive) throws IOException, InterruptedException {
    begin.accept(request);
    while (finished < extras.size()) {
      Optional<Feed.Item> item = feed.next(keepAlive.minusNanos(answer.silence()));
      if (item.isPresent()) {
        pass(item.get());
      }
      if (answer.silence() >= keepAlive.toNanos()) {
        answer.keepAlive();
      }
    }
    answer.end(usage);
    Finished one = first.orElseThrow();
    return new Finished(one.reason(), usage, one.timings(), one.tally());
  }

  private void pass(Feed.Item item) throws IOException {
    int choice = item.choice();
    switch (item.event()) {
      case Started _ -> answer.begin(choice);
      case Text text -> {
        beginOthers();
        extras.get(choice).text(text);
        answer.text(choice, text);
      }
      case Weighing _ -> {}
      case Finished end -> {
        beginOthers();
        count(choice, end);
        answer.finish(choice, end, extras.get(choice).of(end));
      }
    }
  }

  private void beginOthers() {
    if (!allBegun) {
      allBegun = true;
      for (int choice = 1; choice < extras.size(); choice++) {
        begin.accept(
            request.withSampling(request.sampling().withSeed(request.sampling().seed() + choice)));
      }
    }
  }

  /** The prompt is counted once. */
  private void count(int choice, Finished end) {
    finished++;
    Usage more = end.usage();
    if (choice == 0) {
      first = Optional.of(end);
    }
    usage =
        new Usage(
            choice == 0 ? more.prompt() : usage.prompt(),
            usage.reasoning() + more.reasoning(),
            usage.answer() + more.answer(),
            usage.drafted() + more.drafted(),
            usage.accepted() + more.accepted(),
            choice == 0 ? more.cached() : usage.cached());
  }
}
