package dev.burhan.kernel.reasoning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.Checked;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationEvent.Started;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Timings;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.GenerationEvent.Voted;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Service;
import dev.burhan.engine.Tally;
import dev.burhan.engine.Tally.Opinion;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import dev.burhan.text.ChatPrompt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VotedGenerationTest {
  private static final long SEED = 100;

  /** Generations that the test leads by hand. */
  private final LinkedBlockingQueue<Led> begun = new LinkedBlockingQueue<>();

  /** One of them. */
  private static final class Led implements Generation {
    final GenerationRequest request;
    private final Runnable promptComputed;
    private boolean speaks;
    private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean over;

    Led(GenerationRequest request, Runnable promptComputed) {
      this.request = request;
      this.promptComputed = promptComputed;
    }

    /** Has its first token, which may show no text yet. */
    Led speak() {
      if (!speaks) {
        speaks = true;
        promptComputed.run();
      }
      return this;
    }

    Led start() {
      events.add(new Started(request.prompt().size()));
      return this;
    }

    Led text(boolean thought, String text) {
      speak();
      events.add(
          new Text(thought, text, List.of(new GeneratedToken(text.charAt(0), -1, List.of()))));
      return this;
    }

    Led finish(FinishReason reason) {
      events.add(
          new Finished(
              reason, new Usage(request.prompt().size(), 3, 2, 4, 1, 7), new Timings(1, 2, 3)));
      return this;
    }

    Led answers(String text) {
      return start().text(true, "hm").text(false, text).finish(FinishReason.STOP);
    }

    Led fail(String message) {
      events.add(new BurhanException(message));
      return this;
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
      if (over) {
        return null;
      }
      Object event = events.take();
      if (event instanceof BurhanException failure) {
        throw failure;
      }
      over = event instanceof Finished;
      return (GenerationEvent) event;
    }

    @Override
    public void cancel() {
      if (cancelled.getCount() > 0) {
        cancelled.countDown();
        finish(FinishReason.CANCELLED);
      }
    }

    @Override
    public void close() {
      closed.countDown();
    }

    void awaitCancelled() throws InterruptedException {
      assertTrue(cancelled.await(20, TimeUnit.SECONDS), "was not cancelled");
    }

    boolean isClosed() {
      return closed.getCount() == 0;
    }
  }

  private Led next() throws InterruptedException {
    Led led = begun.poll(20, TimeUnit.SECONDS);
    if (led == null) {
      throw new AssertionError("no sample was asked for");
    }
    return led;
  }

  private List<Led> next(int count) throws InterruptedException {
    List<Led> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(next());
    }
    return all;
  }

  private static GenerationRequest request(int votes, boolean verify) {
    return GenerationRequest.of(new int[] {5, 6, 7}, 50, SamplingParameters.reasoning(SEED))
        .withReasoning(new Reasoning(OptionalInt.of(30), votes, verify))
        .withConversation(ChatPrompt.user("6 times 7?"));
  }

  private Generation begin(GenerationRequest request) {
    return VotedGeneration.begin(
        request,
        10_000,
        Optional.of(VerificationTest.LINES),
        Optional.of(new Letters()),
        (asked, promptComputed) -> {
          Led led = new Led(asked, promptComputed);
          begun.add(led);
          return led;
        });
  }

  /** All that came. */
  private record Heard(List<GenerationEvent> events) {
    static Heard of(Generation generation) throws InterruptedException {
      List<GenerationEvent> events = new ArrayList<>();
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        events.add(event);
      }
      return new Heard(events);
    }

    String text(boolean thought) {
      StringBuilder all = new StringBuilder();
      for (GenerationEvent event : events) {
        if (event instanceof Text text && text.reasoning() == thought) {
          all.append(text.text());
        }
      }
      return all.toString();
    }

    Finished finished() {
      return assertInstanceOf(Finished.class, events.getLast());
    }

    Tally tally() {
      return finished().tally().orElseThrow();
    }

    <T extends GenerationEvent> List<T> all(Class<T> kind) {
      return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  @Test
  void theFirstSampleOfTheMajorityIsGivenWithItsThought() throws Exception {
    try (Generation voted = begin(request(3, false))) {
      next().start().text(true, "so").text(false, "It is 41").finish(FinishReason.STOP);
      List<Led> rest = next(2);
      rest.get(0).answers("It is \\boxed{42}");
      rest.get(1).answers("It is 42.0");
      Heard heard = Heard.of(voted);
      assertEquals("It is \\boxed{42}", heard.text(false));
      assertEquals("hm", heard.text(true));
      assertEquals(FinishReason.STOP, heard.finished().reason());
      assertEquals(
          List.of(new Tally.Count("42", List.of(1, 2)), new Tally.Count("41", List.of(0))),
          heard.tally().answers());
      assertEquals(OptionalInt.of(1), heard.tally().chosen());
      assertEquals(3, heard.tally().finished());
      assertNull(voted.next());
    }
  }

  @Test
  void samplesHaveSeedsThatFollowOneAnotherAndAreNoVotesThemselves() throws Exception {
    try (Generation voted = begin(request(3, false))) {
      Led first = next().start().text(false, "1");
      List<Led> rest = next(2);
      assertEquals(SEED, first.request.sampling().seed());
      assertEquals(SEED + 1, rest.get(0).request.sampling().seed());
      assertEquals(SEED + 2, rest.get(1).request.sampling().seed());
      for (Led led : List.of(first, rest.get(0), rest.get(1))) {
        assertEquals(new Reasoning(OptionalInt.of(30), 1, false), led.request.reasoning());
        assertEquals(List.of(5, 6, 7), led.request.prompt());
      }
      voted.cancel();
      Heard.of(voted);
    }
  }

  @Test
  void theOthersWaitUntilTheFirstOnesPromptIsComputed() throws Exception {
    try (Generation voted = begin(request(3, false))) {
      Led first = next().start();
      assertTrue(begun.isEmpty());
      first.speak(); // what it says is held back
      assertEquals(new Started(3), voted.next());
      next(2);
      assertTrue(begun.isEmpty());
    }
  }

  @Test
  void aFirstSampleThatEndsAtOnceLetsTheOthersBegin() throws Exception {
    try (Generation voted = begin(request(2, false))) {
      next().start().finish(FinishReason.STOP);
      next().answers("7");
      assertEquals("7", Heard.of(voted).text(false));
    }
  }

  @Test
  void theRestIsCancelledOnceTheMajorityIsCertain() throws Exception {
    try (Generation voted = begin(request(4, false))) {
      next().answers("It is 42");
      List<Led> rest = next(3);
      rest.get(0).answers("So 42");
      rest.get(1).start().text(false, "4");
      rest.get(1).awaitCancelled();
      rest.get(2).awaitCancelled();
      Heard heard = Heard.of(voted);
      assertEquals("It is 42", heard.text(false));
      assertEquals(2, heard.tally().finished());
      assertEquals(2, heard.tally().cancelled());
      assertEquals(4, heard.tally().started());
      assertTrue(rest.get(1).isClosed() && rest.get(2).isClosed());
    }
  }

  @Test
  void anEarlierSampleThatMayAgreeIsWaitedForSoThatOneSeedGivesOneText() throws Exception {
    try (Generation voted = begin(request(4, false))) {
      Led first = next().start().text(false, "4");
      List<Led> rest = next(3);
      rest.get(0).answers("42!");
      rest.get(1).answers("It is 42");
      rest.get(2).answers("So 42");
      for (int votes = 0; votes < 3; ) {
        votes += voted.next() instanceof Voted ? 1 : 0;
      }
      first.text(false, "2").finish(FinishReason.STOP);
      assertEquals("42", Heard.of(voted).text(false));
    }
  }

  @Test
  void eachVoteIsToldWithHowItStands() throws Exception {
    try (Generation voted = begin(request(2, false))) {
      next().answers("I do not know");
      next().answers("41");
      List<Voted> votes = Heard.of(voted).all(Voted.class);
      assertEquals(Optional.empty(), votes.get(0).answer());
      assertEquals(OptionalInt.of(0), votes.get(0).tally().chosen());
      assertEquals(List.of(0), votes.get(0).tally().undecided());
      assertEquals(1, votes.get(0).tally().finished());
      assertEquals(Optional.of("41"), votes.get(1).answer());
      assertEquals(OptionalInt.of(1), votes.get(1).tally().chosen());
    }
  }

  @Test
  void textsComeAfterTheDecision() throws Exception {
    try (Generation voted = begin(request(2, false))) {
      next().answers("41");
      next().answers("41");
      List<GenerationEvent> events = Heard.of(voted).events();
      assertInstanceOf(Started.class, events.getFirst());
      boolean texts = false;
      for (GenerationEvent event : events) {
        texts |= event instanceof Text;
        assertFalse(texts && event instanceof Voted);
      }
    }
  }

  @Test
  void usageSumsAllSamplesAndCountsThePromptOnce() throws Exception {
    try (Generation voted = begin(request(4, false))) {
      next().answers("42");
      List<Led> rest = next(3);
      rest.get(0).answers("42");
      rest.get(1).awaitCancelled();
      rest.get(2).awaitCancelled();
      Usage usage = Heard.of(voted).finished().usage();
      assertEquals(new Usage(3, 12, 8, 16, 4, 7), usage);
    }
  }

  @Test
  void samplesThatAreCutOffDoNotVote() throws Exception {
    try (Generation voted = begin(request(3, false))) {
      next().start().text(false, "It is 41").finish(FinishReason.LENGTH);
      List<Led> rest = next(2);
      rest.get(0).start().text(false, "It is 41").finish(FinishReason.LENGTH);
      rest.get(1).answers("It is 42");
      Heard heard = Heard.of(voted);
      assertEquals("It is 42", heard.text(false));
      assertEquals(List.of(0, 1), heard.tally().undecided());
    }
  }

  @Test
  void whereAllAreCutOffTheFirstIsGivenAndSaysSo() throws Exception {
    try (Generation voted = begin(request(2, false))) {
      next().start().text(true, "on and on").finish(FinishReason.LENGTH);
      next().start().text(true, "and on").finish(FinishReason.LENGTH);
      Heard heard = Heard.of(voted);
      assertEquals("on and on", heard.text(true));
      assertEquals(FinishReason.LENGTH, heard.finished().reason());
    }
  }

  @Test
  void votesOnOneTextAreRefused() {
    GenerationRequest greedy = request(2, false).withSampling(SamplingParameters.greedy());
    String message = assertThrows(UsageException.class, () -> begin(greedy)).getMessage();
    assertTrue(message.contains("temperature"), message);
    assertTrue(begun.isEmpty());
  }

  @Test
  void cancellingCancelsAllAndGivesWhatIsThere() throws Exception {
    try (Generation voted = begin(request(3, false))) {
      next().answers("41");
      List<Led> rest = next(2);
      while (!(voted.next() instanceof Voted)) {}
      voted.cancel();
      Heard heard = Heard.of(voted);
      for (Led led : rest) {
        led.awaitCancelled();
        assertTrue(led.isClosed());
      }
      assertEquals("41", heard.text(false));
      assertEquals(FinishReason.CANCELLED, heard.finished().reason());
      assertEquals(2, heard.tally().cancelled());
    }
  }

  @Test
  void closingBeforeAnythingCameFreesEverything() throws Exception {
    Generation voted = begin(request(3, true));
    Led first = next();
    voted.close();
    first.awaitCancelled();
    assertTrue(first.isClosed());
    assertTrue(begun.isEmpty());
  }

  @Test
  void aSampleThatFailsFailsTheWholeAndEndsTheOthers() throws Exception {
    try (Generation voted = begin(request(3, false))) {
      Led first = next().start().text(false, "4");
      List<Led> rest = next(2);
      rest.get(0).fail("the model broke");
      BurhanException failure = assertThrows(BurhanException.class, () -> Heard.of(voted));
      assertEquals("the model broke", failure.getMessage());
      assertNull(voted.next());
      first.awaitCancelled();
      rest.get(1).awaitCancelled();
      assertTrue(first.isClosed() && rest.get(0).isClosed() && rest.get(1).isClosed());
    }
  }

  @Test
  void whatIsLeftOfTheTimeIsEachSamples() throws Exception {
    Service hour = Service.DEFAULT.withTimeout(Duration.ofHours(1)).withPriority(3);
    try (Generation voted = begin(request(2, false).withService(hour))) {
      Led first = next().answers("41");
      Led second = next().answers("41");
      Heard.of(voted);
      Duration left = second.request.service().timeout().orElseThrow();
      assertTrue(left.compareTo(first.request.service().timeout().orElseThrow()) < 0);
      assertEquals(3, second.request.service().priority());
    }
  }

  @Test
  void anAnswerThatTheModelCallsRightIsGiven() throws Exception {
    try (Generation voted = begin(request(1, true))) {
      next().answers("It is 42");
      Led check = next();
      assertTrue(
          new Letters().decode(check.request.promptIds(), false).contains("assistant:It is 42"));
      check.answers("7 times 6 is 42. RIGHT");
      Heard heard = Heard.of(voted);
      assertEquals("It is 42", heard.text(false));
      assertEquals(List.of(new Tally.Check(0, "42", Opinion.RIGHT)), heard.tally().checks());
      assertEquals(1, heard.tally().started());
      assertEquals(10, heard.finished().usage().generated());
    }
  }

  @Test
  void anAnswerThatTheModelCallsWrongCostsAnotherSample() throws Exception {
    try (Generation voted = begin(request(1, true))) {
      next().answers("It is 41");
      next().answers("WRONG");
      Led second = next();
      assertEquals(SEED + 1, second.request.sampling().seed());
      second.answers("It is 41, of course");
      next().answers("Still WRONG");
      next().answers("It is 42");
      next().answers("RIGHT");
      Heard heard = Heard.of(voted);
      assertEquals("It is 42", heard.text(false));
      assertEquals(
          List.of(Opinion.WRONG, Opinion.WRONG, Opinion.RIGHT),
          heard.tally().checks().stream().map(Tally.Check::opinion).toList());
      assertEquals(3, heard.all(Checked.class).size());
      assertEquals(3, heard.tally().started());
    }
  }

  @Test
  void disagreementEndsAfterABoundedNumberOfChecks() throws Exception {
    try (Generation voted = begin(request(1, true))) {
      for (int round = 0; round < VotedGeneration.MOST_CHECKS; round++) {
        next().answers("It is " + round);
        next().answers("WRONG");
      }
      Heard heard = Heard.of(voted);
      assertEquals("It is 0", heard.text(false));
      assertEquals(VotedGeneration.MOST_CHECKS, heard.tally().checks().size());
      assertTrue(begun.isEmpty());
    }
  }

  @Test
  void afterAVoteTheMajoritysAnswerIsChecked() throws Exception {
    try (Generation voted = begin(request(3, true))) {
      next().answers("41");
      List<Led> rest = next(2);
      rest.get(0).answers("42");
      rest.get(1).answers("42");
      next().answers("WRONG");
      next().answers("41"); // now two to one for 41
      next().answers("RIGHT");
      Heard heard = Heard.of(voted);
      assertEquals("41", heard.text(false));
      assertEquals(
          List.of(new Tally.Check(1, "42", Opinion.WRONG), new Tally.Check(0, "41", Opinion.RIGHT)),
          heard.tally().checks());
    }
  }

  @Test
  void aModelThatSaysNeitherIsNotAskedAgain() throws Exception {
    try (Generation voted = begin(request(1, true))) {
      next().answers("It is 41");
      next().answers("Who knows");
      Heard heard = Heard.of(voted);
      assertEquals("It is 41", heard.text(false));
      assertEquals(Opinion.NONE, heard.tally().checks().getFirst().opinion());
    }
  }

  @Test
  void whereTheTemperatureIsZeroOneCheckIsAllThatVerifyCanDo() throws Exception {
    try (Generation voted = begin(request(1, true).withSampling(SamplingParameters.greedy()))) {
      next().answers("It is 41");
      next().answers("WRONG");
      Heard heard = Heard.of(voted);
      assertEquals("It is 41", heard.text(false));
      assertEquals(1, heard.tally().checks().size());
    }
  }
}
