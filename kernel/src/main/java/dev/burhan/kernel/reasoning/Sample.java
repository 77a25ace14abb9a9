package dev.burhan.kernel.reasoning;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Started;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Weighing;
import dev.burhan.reasoning.AnswerExtraction;
import dev.burhan.reasoning.FinalAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * One of several generations of which the best is given. A thread of its own listens to it and
 * keeps what it says; another learns by signals how far it is.
 */
final class Sample {
  /** How far a sample is. What it said may be read after {@code ENDED} only. */
  enum Stage {
    STARTED,
    /** Its prompt is computed. */
    SPEAKING,
    ENDED,
    FAILED
  }

  /** A sample got to a stage. */
  record Signal(Sample sample, Stage stage) {}

  private final int number;
  private final Generation generation;
  private final List<Text> texts = new ArrayList<>();
  private int promptTokens;
  private Finished finished;
  private RuntimeException failure;

  Sample(int number, Generation generation) {
    this.number = number;
    this.generation = generation;
  }

  int number() {
    return number;
  }

  /** Listens from now on; closes the generation when it has ended. */
  void listen(Consumer<Signal> signals) {
    Thread.ofVirtual().name("burhan-sample-" + number).start(() -> hear(signals));
  }

  private void hear(Consumer<Signal> signals) {
    Stage end = Stage.ENDED;
    try (generation) {
      boolean speaking = false;
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        switch (event) {
          case Started started -> {
            promptTokens = started.promptTokens();
            signals.accept(new Signal(this, Stage.STARTED));
          }
          case Text text -> {
            texts.add(text);
            if (!speaking) {
              speaking = true;
              signals.accept(new Signal(this, Stage.SPEAKING));
            }
          }
          case Weighing _ -> {}
          case Finished last -> finished = last;
        }
      }
    } catch (RuntimeException e) {
      failure = e;
      end = Stage.FAILED;
    } catch (InterruptedException e) {
      failure = new IllegalStateException("interrupted", e); // nobody interrupts this thread
      end = Stage.FAILED;
    }
    signals.accept(new Signal(this, end));
  }

  void cancel() {
    generation.cancel();
  }

  int promptTokens() {
    return promptTokens;
  }

  List<Text> texts() {
    return texts;
  }

  Finished finished() {
    return finished;
  }

  RuntimeException failure() {
    return failure;
  }

  /** Whether the model came to its end. */
  boolean isWhole() {
    return finished.reason() == FinishReason.STOP;
  }

  /** What it said after its thought. */
  String answer() {
    return texts.stream()
        .filter(text -> !text.reasoning())
        .map(Text::text)
        .collect(Collectors.joining());
  }

  /** Of a text that was cut off nobody knows what it would have come to. */
  Optional<FinalAnswer> finalAnswer() {
    return isWhole() ? AnswerExtraction.find(answer()) : Optional.empty();
  }
}
