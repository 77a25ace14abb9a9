package dev.burhan.kernel.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.EngineObserver;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.ModelStatistics;
import dev.burhan.engine.RequestFigures;
import dev.burhan.engine.StepFigures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ObservationTest {
  private static final StepFigures STEP =
      new StepFigures("tiny", 1, 5_000_000, 4_900_000, 3, 16, 2, 2, 7, 4);
  private static final RequestFigures REQUEST =
      new RequestFigures(
          "tiny",
          Optional.of(FinishReason.STOP),
          Optional.empty(),
          new Usage(20, 5, 6, 4, 3, 16),
          1_000,
          2_000_000,
          9_000_000,
          700_000,
          900_000,
          1);
  private static final RequestFigures FAILED =
      new RequestFigures(
          "tiny",
          Optional.empty(),
          Optional.of("the device is gone"),
          new Usage(20, 0, 0),
          1_000,
          0,
          9_000,
          0,
          0,
          0);

  /** Keeps what it is told, with the thread that told it. */
  private static final class Kept implements EngineObserver {
    final BlockingQueue<Object> figures = new LinkedBlockingQueue<>();
    volatile Thread teller;

    @Override
    public String name() {
      return "kept";
    }

    @Override
    public void stepped(StepFigures step) {
      teller = Thread.currentThread();
      figures.add(step);
    }

    @Override
    public void ended(RequestFigures request) {
      figures.add(request);
    }
  }

  @Test
  void observersAreToldInOrderByAThreadOfTheirOwn() throws InterruptedException {
    Kept kept = new Kept();
    try (var observation = new Observation("tiny", () -> List.of(kept))) {
      observation.stepped(STEP);
      observation.ended(REQUEST);
      assertEquals(STEP, kept.figures.take());
      assertEquals(REQUEST, kept.figures.take());
      assertNotEquals(Thread.currentThread(), kept.teller);
      assertTrue(kept.teller.isDaemon());
    }
  }

  @Test
  void observerThatThrowsHidesNothingFromOthers() throws InterruptedException {
    Kept kept = new Kept();
    EngineObserver broken =
        new EngineObserver() {
          @Override
          public String name() {
            return "broken";
          }

          @Override
          public void stepped(StepFigures step) {
            throw new IllegalStateException("as the test wants it");
          }
        };
    try (var observation = new Observation("tiny", () -> List.of(broken, kept))) {
      observation.stepped(STEP);
      observation.stepped(STEP);
      assertEquals(STEP, kept.figures.take());
      assertEquals(STEP, kept.figures.take());
    }
  }

  @Test
  void stuckObserverHoldsNobodyUpAndWhatItMissesIsCounted() throws InterruptedException {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    EngineObserver stuck =
        new EngineObserver() {
          @Override
          public String name() {
            return "stuck";
          }

          @Override
          public void stepped(StepFigures step) {
            entered.countDown();
            try {
              go.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (var observation = new Observation("tiny", () -> List.of(stuck))) {
      observation.stepped(STEP);
      entered.await();
      for (int i = 0; i < Delivery.CAPACITY + 5; i++) {
        observation.stepped(STEP);
      }
      assertEquals(5, observation.dropped());
      assertEquals(Delivery.CAPACITY + 6, observation.counted().steps());
    } finally {
      go.countDown();
    }
  }

  @Test
  void countsWhatItIsTold() {
    try (var observation = new Observation("tiny", List::of)) {
      observation.stepped(STEP);
      observation.stepped(STEP);
      observation.ended(REQUEST);
      observation.ended(FAILED);
      ModelStatistics counted =
          observation.counted().now(1, 2, new ModelStatistics.Pages(10, 7, 1));
      assertEquals(
          new ModelStatistics(
              1,
              2,
              new ModelStatistics.Pages(10, 7, 1),
              2,
              32,
              16,
              4,
              4,
              3,
              1,
              Map.of(FinishReason.STOP, 1L),
              1,
              10_000_000,
              9_800_000),
          counted);
    }
  }

  @Test
  void closedObservationTellsWhatWasQueuedAndEndsItsThread() throws InterruptedException {
    Kept kept = new Kept();
    var observation = new Observation("tiny", () -> List.of(kept));
    observation.stepped(STEP);
    observation.ended(REQUEST);
    observation.close();
    observation.close();
    observation.stepped(STEP); // nobody is told of it, and it does no harm
    assertEquals(STEP, kept.figures.take());
    assertEquals(REQUEST, kept.figures.take());
    kept.teller.join();
    assertEquals(0, kept.figures.size());
  }

  @Test
  void flightRecordingHasStepsAndRequestsWithTheirFields(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("burhan.jfr");
    try (Recording recording = new Recording();
        var observation = new Observation("tiny", List::of)) {
      recording.enable("burhan.Step");
      recording.enable("burhan.Request");
      recording.start();
      observation.stepped(STEP);
      observation.ended(REQUEST);
      observation.ended(FAILED);
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().startsWith("burhan."))
            .toList();
    assertEquals(3, events.size());
    RecordedEvent step = of(events, "burhan.Step").getFirst();
    assertEquals(List.of("Burhan", "Engine"), step.getEventType().getCategoryNames());
    assertEquals("tiny", step.getString("model"));
    assertEquals(5_000_000, step.getDuration("elapsed").toNanos());
    assertEquals(4_900_000, step.getDuration("kernels").toNanos());
    assertEquals(3, step.getInt("sequences"));
    assertEquals(16, step.getInt("promptColumns"));
    assertEquals(2, step.getInt("generatedColumns"));
    assertEquals(2, step.getInt("tokens"));
    assertEquals(7, step.getInt("pagesHeld"));
    assertEquals(4, step.getInt("waiting"));
    RecordedEvent ended = of(events, "burhan.Request").getFirst();
    assertEquals("stop", ended.getString("reason"));
    assertEquals(20, ended.getInt("promptTokens"));
    assertEquals(16, ended.getInt("cachedTokens"));
    assertEquals(2_000_000, ended.getDuration("firstToken").toNanos());
    assertEquals(700_000, ended.getDuration("meanBetween").toNanos());
    RecordedEvent failed = of(events, "burhan.Request").getLast();
    assertEquals("error", failed.getString("reason"));
    assertEquals("the device is gone", failed.getString("failure"));
    assertTrue(
        events.stream()
            .flatMap(event -> event.getFields().stream())
            .allMatch(field -> field.getLabel() != null && !field.getLabel().isBlank()));
  }

  private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
    return events.stream().filter(event -> event.getEventType().getName().equals(name)).toList();
  }

  @Test
  void figuresRefuseAnEndThatIsBothOrNeither() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new RequestFigures(
                "tiny", Optional.empty(), Optional.empty(), new Usage(1, 0, 0), 0, 0, 0, 0, 0, 0));
  }
}
