package dev.burhan.kernel.engine;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.policy.Verdict;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** A generation that a content policy ended before it began. */
final class BlockedGeneration implements Generation {
  private final Deque<GenerationEvent> events = new ArrayDeque<>();

  BlockedGeneration(int promptTokens, Verdict.Block block) {
    events.add(new GenerationEvent.Started(promptTokens));
    if (!block.replacement().isEmpty()) {
      events.add(new GenerationEvent.Text(false, block.replacement(), List.of()));
    }
    events.add(
        new GenerationEvent.Finished(
            GenerationEvent.FinishReason.BLOCKED,
            new GenerationEvent.Usage(promptTokens, 0, 0),
            new GenerationEvent.Timings(0, 0, 0)));
  }

  @Override
  public GenerationEvent next() {
    return events.poll();
  }

  @Override
  public void cancel() {}

  @Override
  public void close() {}
}
