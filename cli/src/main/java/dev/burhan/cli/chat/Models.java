package dev.burhan.cli.chat;

import dev.burhan.engine.Engine;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The model in use, and how it is exchanged: the new one is ready before the old one goes. */
final class Models implements AutoCloseable {
  private final Engine engine;
  private final Progress progress;
  private LoadRequest request;
  private LoadedModel current;

  /** Loads the first one. */
  Models(Engine engine, LoadRequest request, Progress progress) {
    this.engine = engine;
    this.progress = progress;
    this.request = request;
    this.current = requireChat(engine.load(request, progress));
  }

  LoadedModel current() {
    return current;
  }

  LoadRequest request() {
    return request;
  }

  /**
   * Loads another one and closes the one before.
   *
   * @throws BurhanException if it can't be loaded; the one before stays
   * @throws CancellationException if it was stopped; the one before stays
   */
  void exchange(LoadRequest next, Console console) {
    CompletableFuture<LoadedModel> loaded = new CompletableFuture<>();
    Progress whileWanted =
        (what, done, total) -> {
          if (!loaded.isDone()) {
            progress.update(what, done, total);
          }
        };
    Thread loader = Thread.ofPlatform().daemon().unstarted(() -> load(next, whileWanted, loaded));
    console.busy(
        () -> {
          loaded.cancel(false);
          loader.interrupt(); // ends a download; what does not listen goes on and is closed then
        });
    try {
      console.status("loading " + next.model() + "…");
      loader.start();
      LoadedModel model = loaded.join();
      current.close();
      current = model;
      request = next;
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    } finally {
      console.idle();
    }
  }

  private void load(LoadRequest next, Progress shown, CompletableFuture<LoadedModel> loaded) {
    try {
      LoadedModel model = requireChat(engine.load(next, shown));
      if (!loaded.complete(model)) {
        model.close();
      }
    } catch (RuntimeException | Error e) {
      loaded.completeExceptionally(e);
    }
  }

  private static LoadedModel requireChat(LoadedModel model) {
    if (model.chatFormat().isPresent()) {
      return model;
    }
    String name = model.name();
    model.close();
    throw new BurhanException(
        name
            + " has no chat template, which a conversation needs; burhan run --raw gives it a text as it is");
  }

  @Override
  public void close() {
    current.close();
  }
}
