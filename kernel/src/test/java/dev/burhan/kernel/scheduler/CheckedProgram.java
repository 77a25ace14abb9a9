package dev.burhan.kernel.scheduler;

import dev.burhan.backend.Batch;
import dev.burhan.backend.KvPages;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.Outcome;
import dev.burhan.backend.Outputs;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.graph.GraphBuilder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A program whose logits are a function of all tokens and phases up to a position, as they are read
 * back from the pages: a page that was shared, moved or overwritten wrongly changes what comes out.
 * It refuses batches that break its limits or write one page for two sequences.
 */
final class CheckedProgram implements Program {
  static final int VOCABULARY = 23;
  private static final int EMPTY = -1;

  private final Limits limits;
  private final int[][] pages; // 2 * token + phase
  private int steps;
  private int promptColumns;
  private int mostPromptColumnsBeside;
  private int failAt = -1;
  private float repeating;

  CheckedProgram(Limits limits) {
    this.limits = limits;
    pages = new int[limits.pages()][limits.tokensPerPage()];
    for (int[] page : pages) {
      java.util.Arrays.fill(page, EMPTY);
    }
  }

  /** Copies a page of another program's. */
  void take(int page, CheckedProgram other, int from) {
    System.arraycopy(other.pages[from], 0, pages[page], 0, limits.tokensPerPage());
  }

  int steps() {
    return steps;
  }

  /** Tokens of prompts that were computed. */
  int promptColumns() {
    return promptColumns;
  }

  /** Most of them in one step that generated too. */
  int mostPromptColumnsBeside() {
    return mostPromptColumnsBeside;
  }

  /** From now on a token is likely followed by the next one, more so than by others by so much. */
  void repeat(float logit) {
    repeating = logit;
  }

  /** The next step throws this once. */
  void failNext() {
    failAt = steps;
  }

  @Override
  public Plan plan() {
    return new Plan(
        new GraphBuilder().build(),
        limits,
        List.of(),
        0,
        0,
        0,
        0,
        0,
        new Numerics("checked", true),
        List.of());
  }

  @Override
  public KvPages pages() {
    return new KvPages() {
      @Override
      public int count() {
        return limits.pages();
      }

      @Override
      public int tokensPerPage() {
        return limits.tokensPerPage();
      }

      @Override
      public void copy(int from, int to) {
        System.arraycopy(pages[from], 0, pages[to], 0, limits.tokensPerPage());
      }

      @Override
      public long canonicalBytes(int cache) {
        return 4L * limits.tokensPerPage();
      }

      @Override
      public void save(int page, int cache, MemorySegment to) {
        for (int i = 0; i < limits.tokensPerPage(); i++) {
          to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, pages[page][i]);
        }
      }

      @Override
      public void load(int page, int cache, MemorySegment from) {
        for (int i = 0; i < limits.tokensPerPage(); i++) {
          pages[page][i] = (int) from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
        }
      }
    };
  }

  @Override
  public Outcome step(Batch batch, Map<String, MemorySegment> inputs, Outputs outputs, Stop stop) {
    if (batch.columns() < 1
        || batch.columns() > limits.columns()
        || batch.sequences() > limits.sequences()
        || batch.logitRows() > limits.logitRows()) {
      throw new AssertionError("a step beyond the limits");
    }
    if (steps++ == failAt) {
      throw new IllegalStateException("asked to fail");
    }
    if (stop.requested()) {
      return Outcome.STOPPED;
    }
    count(batch);
    write(batch);
    for (int row = 0; row < batch.logitRows(); row++) {
      long seed = seed(batch, batch.logitColumn(row));
      Random random = new Random(seed);
      int next = (batch.token(batch.logitColumn(row)) + 1) % VOCABULARY;
      for (int token = 0; token < VOCABULARY; token++) {
        outputs
            .logits()
            .orElseThrow()
            .setAtIndex(
                ValueLayout.JAVA_FLOAT,
                (long) row * VOCABULARY + token,
                (float) random.nextGaussian() + (token == next ? repeating : 0));
      }
    }
    return Outcome.DONE;
  }

  private void count(Batch batch) {
    int prompts = 0;
    for (int column = 0; column < batch.columns(); column++) {
      prompts += batch.phase(column) == dev.burhan.backend.Phase.PROMPT ? 1 : 0;
    }
    promptColumns += prompts;
    if (prompts < batch.columns()) {
      mostPromptColumnsBeside = Math.max(mostPromptColumnsBeside, prompts);
    }
  }

  private void write(Batch batch) {
    Map<Integer, Integer> writers = new HashMap<>();
    for (int column = 0; column < batch.columns(); column++) {
      int position = batch.position(column);
      int sequence = batch.sequence(column);
      int page = batch.page(sequence, position / limits.tokensPerPage());
      if (writers.merge(page, sequence, (a, b) -> a) != sequence) {
        throw new AssertionError("two sequences write page " + page);
      }
      pages[page][position % limits.tokensPerPage()] =
          2 * batch.token(column) + batch.phase(column).ordinal();
    }
    for (int sequence = 0; sequence < batch.sequences(); sequence++) {
      for (int index = 0; index < batch.pages(sequence); index++) {
        Integer writer = writers.get(batch.page(sequence, index));
        if (writer != null && writer != sequence) {
          throw new AssertionError("a page is written that another sequence reads");
        }
      }
    }
  }

  private long seed(Batch batch, int column) {
    long hash = 1;
    for (int position = 0; position <= batch.position(column); position++) {
      int sequence = batch.sequence(column);
      int page = batch.page(sequence, position / limits.tokensPerPage());
      int held = pages[page][position % limits.tokensPerPage()];
      if (held == EMPTY) {
        throw new AssertionError("position " + position + " was never computed");
      }
      hash = hash * 1_000_003 + held + 7;
    }
    return hash;
  }

  @Override
  public void close() {}
}
