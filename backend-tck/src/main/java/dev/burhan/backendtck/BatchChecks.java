package dev.burhan.backendtck;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Outputs;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.kernel.testing.TestBatch;
import java.util.LinkedHashMap;
import java.util.Map;

/** Batches outside of what a program was sized for. */
final class BatchChecks {

  String wrongBatches(Subject mode, Trial trial) {
    try (Stage stage = new Stage(mode)) {
      Numbers expected = stage.with(trial, OpChecks::together);
      Numbers found =
          stage.with(
              trial,
              running -> {
                batches(trial, running)
                    .forEach((what, batch) -> refused(running.program(), what, batch));
                return OpChecks.together(running);
              });
      double largest = new Comparison(trial, trial.graph(), false).of(expected, found).largest();
      Check.require(largest < 1e-3, trial.name() + ": numbers differ after wrong batches");
    }
    return "";
  }

  private static void refused(Program program, String what, Batch batch) {
    LifecycleChecks.throwsOf(
        IllegalArgumentException.class,
        () -> program.step(batch, Map.of(), Outputs.none(), Stop.NEVER),
        what);
  }

  private static Map<String, Batch> batches(Trial trial, Running running) {
    int page = trial.page();
    int vocabulary = Trial.vocabulary(running.graph()).orElseThrow();
    int[] pages = trial.pages(trial.stories().getFirst());
    Map<String, Batch> batches = new LinkedHashMap<>();
    batches.put("a token beyond the vocabulary", one(page, pages, 0, vocabulary));
    batches.put("a negative token", one(page, pages, 0, -1));
    batches.put("a page beyond the last", one(page, new int[] {1 << 20}, 0, 0));
    batches.put("a negative page", one(page, new int[] {-1}, 0, 0));
    batches.put("a position without a page", one(page, new int[] {0}, page, 0));
    batches.put("logits of a column that is not there", one(page, pages, 0, 0).logits(1));
    TestBatch many = new TestBatch(page);
    for (int i = 0; i <= trial.stories().size(); i++) {
      many.add(0, Phase.PROMPT, pages, 0);
    }
    batches.put("more sequences than the program is sized for", many);
    return batches;
  }

  private static TestBatch one(int page, int[] pages, int position, int token) {
    return new TestBatch(page).add(position, Phase.PROMPT, pages, token);
  }
}
