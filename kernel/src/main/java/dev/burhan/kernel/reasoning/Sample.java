package dev.burhan.kernel.reasoning;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Started;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Weighing;
import dev.burhan.engine.GenerationRequest;
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
    /** Its prompt is computed. */
    SPEAKING,
    ENDED,
    FAILED
  }

  /** A sample got to a stage. */
  record Signal(Sample sample, Stage stage) {}

  private final int number;
  private final Consumer<Signal> signals;
  private final List<Text> texts = new ArrayList<>();
  private Generation generation;
  private Finished finished;
  private RuntimeException failure;

  /**
   * A sample that has not begun.
   *
   * @param signals told by any thread
   */
  Sample(int number, Consumer<Signal> signals) {
    this.number = number;
    this.signals = signals;
  }

  int number() {
    return number;
  }

  /** Queues it; it can be cancelled from then on. */
  void begin(VotedGeneration.Maker maker, GenerationRequest request) {
    generation = maker.begin(request, () -> signals.accept(new Signal(this, Stage.SPEAKING)));
  }

  /** Listens from now on; closes the generation when it has ended. */
  void listen() {
    Thread.ofVirtual().name("burhan-sample-" + number).start(this::hear);
  }

  private void hear() {
    Stage end = Stage.ENDED;
    try (Generation told = generation) {
      for (GenerationEvent event = told.next(); event != null; event = told.next()) {
        switch (event) {
          case Started _, Weighing _ -> {}
          case Text text -> texts.add(text);
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
