package dev.burhan.kernel.command;

import dev.burhan.command.CommandIo;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.Tally;
import dev.burhan.kernel.reasoning.ReasoningSplitter;
import dev.burhan.provider.Progress;
import java.io.PrintStream;

/**
 * Prints an answer as it comes: the thought in grey on a terminal, elsewhere between its tags if it
 * is wanted at all.
 */
final class StreamedAnswer implements AnswerPrinter {
  private static final String GREY = "\u001b[90m";
  private static final String PLAIN = "\u001b[0m";

  private final PrintStream out;
  private final boolean terminal;
  private final boolean colour;
  private final boolean showThought;
  private final Progress progress;
  private final int votes;
  private boolean thinking;
  private boolean endsWithNewline = true;
  private Finished finished;

  StreamedAnswer(CommandIo io, boolean showThinking, int votes) {
    progress = io.progress();
    this.votes = votes;
    out = io.out();
    terminal = io.outputIsTerminal();
    colour = io.colour();
    showThought = showThinking || terminal;
  }

  @Override
  public boolean accept(GenerationEvent event) {
    switch (event) {
      case Text text -> print(text);
      case Finished end -> finished = end;
      case GenerationEvent.Started _ -> {}
      case GenerationEvent.Weighing weighing -> tell(weighing.tally());
    }
    return !out.checkError();
  }

  private void tell(Tally tally) {
    int ended = tally.finished() + tally.cancelled();
    progress.update("voting", ended, Math.max(votes, tally.started()));
  }

  private void print(Text text) {
    if (text.text().isEmpty() || (text.reasoning() && !showThought)) {
      return;
    }
    if (text.reasoning() != thinking) {
      turn(text.reasoning());
    }
    out.print(text.text());
    endsWithNewline = text.text().endsWith("\n");
    out.flush();
  }

  private void turn(boolean toThought) {
    thinking = toThought;
    if (toThought) {
      out.print(colour ? GREY : ReasoningSplitter.OPEN + "\n");
    } else {
      out.print(colour ? PLAIN + "\n\n" : "\n" + ReasoningSplitter.CLOSE + "\n\n");
    }
  }

  @Override
  public void finish() {
    if (thinking) {
      turn(false);
    } else if (!endsWithNewline) {
      out.println();
    }
    out.flush();
  }

  @Override
  public Finished finished() {
    return finished;
  }
}
