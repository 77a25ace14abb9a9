package dev.burhan.backendtck;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.burhan.backend.KvPages;
import dev.burhan.backendtck.Story.Piece;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** KV pages in canonical form: how a sequence moves from one program to another. */
final class PageChecks {

  String pagesMove(Subject mode, Trial trial) {
    Story story = trial.stories().getFirst();
    int half = story.tokens() / 2;
    List<Piece> first = List.of(new Piece(story, 0, half));
    List<Piece> second = List.of(new Piece(story, half, story.tokens()));
    try (Stage stage = new Stage(mode);
        Arena arena = Arena.ofConfined()) {
      Numbers whole = stage.with(trial, running -> running.run(List.of(first, second)));
      Numbers moved =
          stage.with(
              trial,
              from -> {
                from.run(List.of(first));
                copies(from, trial, arena);
                return stage.with(
                    trial,
                    to -> {
                      int caches = from.graph().caches().size();
                      for (int page : trial.pages(story)) {
                        for (int cache = 0; cache < caches; cache++) {
                          to.program()
                              .pages()
                              .load(page, cache, saved(from.program().pages(), page, cache, arena));
                        }
                      }
                      return to.run(List.of(second));
                    });
              });
      for (int token = half; token < story.tokens(); token++) {
        for (String output : whole.rows().keySet()) {
          Check.require(
              close(
                  whole.row(output, story.number(), token),
                  moved.row(output, story.number(), token)),
              "%s: %s of token %d differs after the pages of the tokens before were moved"
                  .formatted(trial.name(), output, token));
        }
      }
    }
    return "";
  }

  /** Caches of F32 lose nothing; a backend whose bits differ over repeats has some room. */
  private static boolean close(float[] one, float[] two) {
    for (int i = 0; i < one.length; i++) {
      if (!(Math.abs(one[i] - two[i]) <= 1e-3 * Math.max(1, Math.abs(one[i])))) {
        return false;
      }
    }
    return true;
  }

  private static MemorySegment saved(KvPages pages, int page, int cache, Arena arena) {
    MemorySegment bytes = arena.allocate(pages.canonicalBytes(cache), 64);
    pages.save(page, cache, bytes);
    return bytes;
  }

  /** A copied page has the original's numbers. */
  private static void copies(Running running, Trial trial, Arena arena) {
    KvPages pages = running.program().pages();
    int from = trial.pages(trial.stories().get(0))[0];
    int to = trial.pages(trial.stories().get(1))[0];
    pages.copy(from, to);
    for (int cache = 0; cache < running.graph().caches().size(); cache++) {
      Check.require(
          Arrays.equals(
              saved(pages, from, cache, arena).toArray(JAVA_BYTE),
              saved(pages, to, cache, arena).toArray(JAVA_BYTE)),
          trial.name() + ": a copied page differs from its original");
    }
  }
}
