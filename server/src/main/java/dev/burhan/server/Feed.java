package dev.burhan.server;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.provider.BurhanException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The events of one or several generations, with a limit on how long one waits for the next. A
 * thread for each takes them from the engine, and lets go of the generation when it has ended:
 * closing the feed does not wait for that.
 */
final class Feed implements AutoCloseable {
  /**
   * An event.
   *
   * @param choice which generation's, in the order in which they were added
   */
  record Item(int choice, GenerationEvent event) {}

  private final List<Generation> generations = new ArrayList<>();
  private final LinkedBlockingQueue<Object> items =
      new LinkedBlockingQueue<>(); // items, or one exception

  /** Takes the events of another generation from now on. */
  void add(Generation generation) {
    int choice = generations.size();
    generations.add(generation);
    Thread.ofVirtual().name("burhan-feed").start(() -> pump(choice, generation));
  }

  private void pump(int choice, Generation generation) {
    try (generation) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        items.add(new Item(choice, event));
      }
    } catch (BurhanException e) {
      items.add(e);
    } catch (InterruptedException | RuntimeException | Error e) {
      items.add(new BurhanException("the generation failed: " + e, e));
    }
  }

  /**
   * The next event; empty if none came in time.
   *
   * @throws BurhanException if a generation failed
   */
  Optional<Item> next(Duration limit) throws InterruptedException {
    return switch (items.poll(Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS)) {
      case null -> Optional.empty();
      case BurhanException failure -> throw failure;
      case Object item -> Optional.of((Item) item);
    };
  }

  /** Cancels what still runs. */
  @Override
  public void close() {
    generations.forEach(Generation::cancel);
  }
}
