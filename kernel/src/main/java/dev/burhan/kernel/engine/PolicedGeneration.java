package dev.burhan.kernel.engine;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.policy.PolicySession;
import dev.burhan.policy.PolicySession.Stage;
import dev.burhan.policy.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A generation whose text passes through content policies, one after another, on the taking thread:
 * the model's thread never runs a policy's code. Tokens whose text is held back are reported with
 * the text that is released.
 */
final class PolicedGeneration implements Generation {
  private final Generation generation;
  private final List<PolicySession> sessions;
  private final ScreenedTally screen;
  private final Deque<GenerationEvent> ready = new ArrayDeque<>();
  private List<GeneratedToken> unreported = new ArrayList<>();
  private Optional<Stage> stage = Optional.empty();
  private Optional<Verdict.Block> blocked = Optional.empty();

  PolicedGeneration(Generation generation, List<PolicySession> sessions, ScreenedTally screen) {
    this.generation = generation;
    this.sessions = sessions;
    this.screen = screen;
  }

  @Override
  public GenerationEvent next() throws InterruptedException {
    while (ready.isEmpty()) {
      GenerationEvent event = generation.next();
      switch (event) {
        case null -> {
          return null;
        }
        case Text text when blocked.isEmpty() -> pass(text);
        case Text _ -> {}
        case Finished finished -> finish(finished);
        case GenerationEvent.Started started -> ready.add(started);
        case GenerationEvent.Weighing weighing -> ready.add(screen.of(weighing));
      }
    }
    return ready.poll();
  }

  private void pass(Text text) {
    Stage now = text.reasoning() ? Stage.REASONING : Stage.ANSWER;
    if (stage.isPresent() && stage.get() != now) {
      release(stage.get(), "", true);
    }
    stage = Optional.of(now);
    unreported.addAll(text.tokens());
    release(now, text.text(), false);
  }

  private void release(Stage of, String text, boolean last) {
    if (blocked.isPresent()) {
      return;
    }
    String passed = text;
    for (PolicySession session : sessions) {
      switch (session.output(of, passed, last)) {
        case Verdict.Pass pass -> passed = pass.text();
        case Verdict.Block block -> {
          block(of, block);
          return;
        }
      }
    }
    emit(of, passed);
  }

  private void block(Stage of, Verdict.Block block) {
    blocked = Optional.of(block);
    generation.cancel();
    emit(of, block.replacement());
  }

  private void emit(Stage of, String text) {
    if (!text.isEmpty()) {
      ready.add(new Text(of == Stage.REASONING, text, unreported));
      unreported = new ArrayList<>();
    }
  }

  private void finish(Finished finished) {
    stage.ifPresent(of -> release(of, "", true));
    ready.add(
        new Finished(
            blocked.isPresent() ? FinishReason.BLOCKED : finished.reason(),
            finished.usage(),
            finished.timings(),
            finished.tally().map(screen::of)));
    sessions.forEach(PolicySession::close);
  }

  @Override
  public void cancel() {
    generation.cancel();
  }

  @Override
  public void close() {
    generation.close();
    sessions.forEach(PolicySession::close);
  }
}
