package dev.burhan.cli.chat;

import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Started;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Weighing;
import dev.burhan.engine.Tally;
import dev.burhan.engine.TallyText;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Shows one answer as it comes. The thought is folded: a status counts its seconds and tokens while
 * it goes on, one line remains of it.
 */
final class AnswerView {
  private static final double NANOS = 1e9;

  /** A person does not ask what goes on before this. */
  private static final long PATIENCE_NANOS = 2_000_000_000;

  private enum Phase {
    READING,
    THINKING,
    ANSWERING
  }

  private final Console console;
  private final boolean showThought;
  private final int votes;
  private final LongSupplier clock;
  private final long begun;
  private final StringBuilder thought = new StringBuilder();
  private final StringBuilder answer = new StringBuilder();
  private Phase phase = Phase.READING;
  private int promptTokens;
  private long thoughtBegan;
  private int thoughtTokens;
  private Optional<Tally> weighed = Optional.empty();
  private Finished finished;

  /**
   * Begins an answer.
   *
   * @param votes how many answers are generated
   * @param clock nanoseconds, as {@link System#nanoTime()}
   */
  AnswerView(Console console, boolean showThought, int votes, LongSupplier clock) {
    this.console = console;
    this.showThought = showThought;
    this.votes = votes;
    this.clock = clock;
    this.begun = clock.getAsLong();
  }

  synchronized void accept(GenerationEvent event) {
    switch (event) {
      case Started started -> promptTokens = started.promptTokens();
      case Text text when text.reasoning() -> think(text);
      case Text text -> answer(text.text());
      case Weighing weighing -> weigh(weighing.tally());
      case Finished end -> finish(end);
    }
  }

  private void weigh(Tally tally) {
    weighed = Optional.of(tally);
    tick();
  }

  private void think(Text text) {
    if (phase == Phase.READING) {
      phase = Phase.THINKING;
      thoughtBegan = clock.getAsLong();
    }
    thoughtTokens += text.tokens().size();
    String shown = thought.isEmpty() ? text.text().stripLeading() : text.text();
    thought.append(shown);
    if (showThought && !shown.isEmpty()) {
      console.thought(shown);
    }
    tick();
  }

  private void answer(String text) {
    String shown = answer.isEmpty() ? text.stripLeading() : text;
    if (shown.isEmpty()) {
      return;
    }
    endThought();
    phase = Phase.ANSWERING;
    answer.append(shown);
    console.answer(shown);
  }

  private void endThought() {
    if (phase == Phase.THINKING && !thought.toString().isBlank()) {
      String time =
          weighed.isPresent()
              ? "" // it came at once, when it was chosen
              : String.format(
                  Locale.ROOT, " for %.1f s", (clock.getAsLong() - thoughtBegan) / NANOS);
      console.note("thought" + time + ", " + tokens(thoughtTokens));
    }
  }

  private void finish(Finished end) {
    finished = end;
    endThought();
    phase = Phase.ANSWERING;
  }

  /** Called now and then, so that the status goes on where no event comes. */
  synchronized void tick() {
    long now = clock.getAsLong();
    if (phase == Phase.READING && weighed.isPresent()) {
      console.status(TallyText.progress(weighed.get(), votes) + "… " + seconds(now - begun) + " s");
    } else if (phase == Phase.READING && now - begun >= PATIENCE_NANOS) {
      console.status("reading " + tokens(promptTokens) + "… " + seconds(now - begun) + " s");
    } else if (phase == Phase.THINKING && !showThought && !thought.toString().isBlank()) {
      console.status("thinking… " + seconds(now - thoughtBegan) + " s, " + tokens(thoughtTokens));
    }
  }

  private static long seconds(long nanos) {
    return (long) (nanos / NANOS);
  }

  private static String tokens(int count) {
    return count == 1 ? "1 token" : count + " tokens";
  }

  synchronized String thought() {
    return thought.toString().strip();
  }

  synchronized String answer() {
    return answer.toString().stripTrailing();
  }

  /** Null if the generation failed. */
  synchronized Finished finished() {
    return finished;
  }
}
