package dev.burhan.kernel.engine;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Usage;
import java.util.ArrayList;
import java.util.List;

/** All that a generation told, in a form that two of them can be compared in. */
record Spoken(
    String thought,
    String answer,
    List<GeneratedToken> tokens,
    FinishReason reason,
    int reasoningTokens,
    int answerTokens) {

  /** With the usage, which depends on guesses. */
  record Counted(Spoken spoken, Usage usage) {}

  static Counted listen(Generation generation) throws InterruptedException {
    StringBuilder thought = new StringBuilder();
    StringBuilder answer = new StringBuilder();
    List<GeneratedToken> tokens = new ArrayList<>();
    Finished finished = null;
    for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
      switch (event) {
        case Text text -> {
          (text.reasoning() ? thought : answer).append(text.text());
          tokens.addAll(text.tokens());
        }
        case Finished end -> finished = end;
        case GenerationEvent.Started _, GenerationEvent.Weighing _ -> {}
      }
    }
    Usage usage = finished.usage();
    return new Counted(
        new Spoken(
            thought.toString(),
            answer.toString(),
            tokens,
            finished.reason(),
            usage.reasoning(),
            usage.answer()),
        usage);
  }

  List<Integer> ids() {
    return tokens.stream().map(GeneratedToken::id).toList();
  }
}
