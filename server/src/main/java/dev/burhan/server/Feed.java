package dev.burhan.server;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.provider.BurhanException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A generation's events, with a limit on how long one waits for the next. A thread of its own takes
 * them from the engine, and lets go of the generation when it has ended: closing the feed does not
 * wait for that.
 */
final class Feed implements AutoCloseable {
  /** One event or one failure. */
  private record Item(GenerationEvent event, BurhanException failure) {}

  private final Generation generation;
  private final LinkedBlockingQueue<Item> items = new LinkedBlockingQueue<>();

  Feed(Generation generation) {
    this.generation = generation;
    Thread.ofVirtual().name("burhan-feed").start(this::pump);
  }

  private void pump() {
    try (generation) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        items.add(new Item(event, null));
      }
    } catch (BurhanException e) {
      items.add(new Item(null, e));
    } catch (InterruptedException | RuntimeException | Error e) {
      items.add(new Item(null, new BurhanException("the generation failed: " + e, e)));
    }
  }

  /**
   * The next event; empty if none came in time.
   *
   * @throws BurhanException if the generation failed
   */
  Optional<GenerationEvent> next(Duration limit) throws InterruptedException {
    Item item = items.poll(Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS);
    if (item == null) {
      return Optional.empty();
    }
    if (item.failure() != null) {
      throw item.failure();
    }
    return Optional.of(item.event());
  }

  /** Cancels what still runs. */
  @Override
  public void close() {
    generation.cancel();
  }
}
