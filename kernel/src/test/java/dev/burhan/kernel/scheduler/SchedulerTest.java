package dev.burhan.kernel.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Limits;
import dev.burhan.backend.Stop;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Service;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.kernel.observe.Observation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scheduler with a program that checks what it is given, and a clock that stands still. */
class SchedulerTest {
  private static final int PER_PAGE = 4;
  private static final int CONTEXT = 64;
  private static final long PATIENCE = Duration.ofSeconds(30).toNanos();

  /** A generation that counts how often it is told that it is over. */
  private static final class Counted extends GenerationTask {
    private int ends;
    private Optional<RuntimeException> failure = Optional.empty();
    private final GenerationRequest request;

    Counted(GenerationRequest request) {
      super(request, Optional.empty());
      this.request = request;
    }

    @Override
    void ended(FinishReason reason) {
      ends++;
      super.ended(reason);
    }

    @Override
    void fail(RuntimeException cause) {
      ends++;
      failure = Optional.of(cause);
      super.fail(cause);
    }
  }

  /** Steps of a machine on which guesses pay; this program's don't. */
  private static final class CheapColumns extends StepCosts {
    @Override
    void record(int columns, long took) {}
  }

  private record Told(List<Integer> tokens, Finished finished) {
    static Told by(Counted task) throws InterruptedException {
      List<Integer> tokens = new ArrayList<>();
      while (true) {
        switch (task.next()) {
          case Text text -> text.tokens().forEach(token -> tokens.add(token.id()));
          case Finished finished -> {
            return new Told(tokens, finished);
          }
          case GenerationEvent other -> {}
        }
      }
    }
  }

  /** A scheduler and what it stands on. */
  private static final class World implements AutoCloseable {
    private CheckedProgram program;
    private StepRunner steps;
    private final Scheduler scheduler;
    private final Sharing.Who who;
    private int copied;
    private int recomputed;
    private long now = 1;

    World(Limits limits, Sharing.Who who) {
      this(limits, who, false, 0);
    }

    World(Limits limits, Sharing.Who who, boolean lookup, float repeating) {
      this(new CheckedProgram(limits), who, lookup, repeating, PageStore.NONE);
    }

    World(
        CheckedProgram program, Sharing.Who who, boolean lookup, float repeating, PageStore store) {
      this.program = program;
      this.who = who;
      Limits limits = program.plan().limits();
      program.repeat(repeating);
      steps =
          new StepRunner(
              program,
              CheckedProgram.VOCABULARY,
              new NativeHostMemory(),
              new StepRunner.Extras(
                  Optional.empty(),
                  lookup ? Optional.of(new CheapColumns()) : Optional.empty(),
                  store));
      scheduler =
          new Scheduler(
              steps,
              new Sharing(who, List.of("test")),
              new Report("test", new Observation("test", List::of)),
              PATIENCE,
              () -> now);
    }

    /** Goes on with another program of the same kind, with other pages. */
    void exchange(Limits limits, boolean lookup, float repeating, boolean copy) {
      CheckedProgram next = new CheckedProgram(limits);
      next.repeat(repeating);
      StepRunner runner =
          new StepRunner(
              next,
              CheckedProgram.VOCABULARY,
              new NativeHostMemory(),
              new StepRunner.Extras(
                  Optional.empty(),
                  lookup ? Optional.of(new CheapColumns()) : Optional.empty(),
                  PageStore.NONE));
      CheckedProgram old = program;
      Sequence.PageCopier copier = (from, to) -> next.take(to, old, from);
      Scheduler.Moved moved =
          scheduler.exchange(
              runner,
              new Sharing(who, List.of("test", "" + program.steps())),
              copy ? Optional.of(copier) : Optional.empty());
      copied += moved.copied();
      recomputed += moved.recomputed();
      assertEquals(0, steps.pages().held(), "pages of the old program leak");
      steps.close();
      program = next;
      steps = runner;
    }

    Counted submit(GenerationRequest request) {
      Counted task = new Counted(request);
      scheduler.submit(task);
      return task;
    }

    boolean step() {
      return scheduler.step(Stop.NEVER);
    }

    void finish() {
      while (step()) {
        // until nothing is left
      }
      assertTrue(scheduler.idle(), "requests are left, and nothing is done for them");
    }

    @Override
    public void close() {
      scheduler.close();
      assertEquals(0, steps.pages().held(), "pages leak");
      steps.close();
    }
  }

  private static Limits limits(int columns, int sequences, int pages) {
    return new Limits(
        columns, sequences, Math.max(sequences, 8), CONTEXT, pages, PER_PAGE, 1, Map.of());
  }

  private static GenerationRequest request(int maxTokens, long seed, int... prompt) {
    return GenerationRequest.of(prompt, maxTokens, SamplingParameters.reasoning(seed));
  }

  private static int[] tokens(int count, int first) {
    int[] tokens = new int[count];
    for (int i = 0; i < count; i++) {
      tokens[i] = (first + i * 5) % CheckedProgram.VOCABULARY;
    }
    return tokens;
  }

  /** What a request gives with all the room there is, alone, and its prompt in one piece. */
  private static List<Integer> alone(GenerationRequest request) throws InterruptedException {
    return alone(request, 0);
  }

  private static List<Integer> alone(GenerationRequest request, float repeating)
      throws InterruptedException {
    try (World world =
        new World(limits(CONTEXT, 1, CONTEXT), Sharing.Who.NOBODY, false, repeating)) {
      Counted task = world.submit(request.withService(Service.DEFAULT));
      world.finish();
      return Told.by(task).tokens();
    }
  }

  @Test
  void whateverComesAndGoesEachRequestEndsOnceWithTheTextThatItHasAlone() throws Exception {
    int requests = 0;
    int whole = 0;
    int preempted = 0;
    long cached = 0;
    int drafted = 0;
    int accepted = 0;
    int copied = 0;
    int recomputed = 0;
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int pages = CONTEXT / PER_PAGE + random.nextInt(24);
      Limits limits = limits(8 + random.nextInt(24), 1 + random.nextInt(7), pages);
      List<Counted> tasks = new ArrayList<>();
      float repeating = random.nextInt(2) * 5f;
      Sharing.Who who = Sharing.Who.values()[random.nextInt(3)];
      try (World world = new World(limits, who, random.nextBoolean(), repeating)) {
        for (int i = 0; i < 400; i++) {
          world.now += random.nextInt(1_000_000_000);
          if (random.nextInt(4) == 0) {
            tasks.add(world.submit(any(random)));
          }
          if (random.nextInt(60) == 0) {
            Limits other =
                limits(8 + random.nextInt(24), 1 + random.nextInt(7), pages + random.nextInt(9));
            world.exchange(other, random.nextBoolean(), repeating, random.nextInt(3) > 0);
          }
          if (random.nextInt(25) == 0 && !tasks.isEmpty()) {
            tasks.get(random.nextInt(tasks.size())).cancel();
          }
          world.step();
        }
        world.finish();
        copied += world.copied;
        recomputed += world.recomputed;
        for (Counted task : tasks) {
          assertEquals(1, task.ends, "times that a request ended");
          assertFalse(task.failure.isPresent(), () -> "" + task.failure);
          Told told = Told.by(task);
          List<Integer> all = alone(task.request, repeating);
          if (told.finished().reason() == FinishReason.LENGTH) {
            assertEquals(all, told.tokens());
            whole++;
          } else { // cancelled, or its time was up
            assertEquals(all.subList(0, told.tokens().size()), told.tokens());
          }
          assertEquals(told.tokens().size(), told.finished().usage().generated());
          requests++;
          preempted += task.preemptions();
          cached += told.finished().usage().cached();
          drafted += told.finished().usage().drafted();
          accepted += told.finished().usage().accepted();
        }
        assertEquals(0, world.steps.pages().held());
      }
    }
    System.out.printf(
        "%d requests, %d of them to their end, %d preemptions, %d tokens of prompts from the cache,"
            + " %d of %d guesses right, %d copied and %d computed again as the program was exchanged%n",
        requests, whole, preempted, cached, accepted, drafted, copied, recomputed);
    assertTrue(requests > 3000 && whole > requests / 2 && preempted > 100 && cached > 1000);
    assertTrue(accepted > 1000 && drafted > accepted);
    assertTrue(copied > 100 && recomputed > 100);
  }

  private static GenerationRequest any(Random random) {
    int[] prompt = tokens(1 + random.nextInt(40), random.nextInt(3));
    if (random.nextInt(3) == 0) {
      Arrays.setAll(prompt, i -> i % CheckedProgram.VOCABULARY); // what it goes on with, too
    }
    if (random.nextBoolean()) {
      prompt[prompt.length - 1] = random.nextInt(CheckedProgram.VOCABULARY);
    }
    Service service =
        Service.DEFAULT
            .withPriority(random.nextInt(5) - 2)
            .withTenant(random.nextBoolean() ? "a" : "b");
    if (random.nextInt(8) == 0) {
      service = service.withTimeout(Duration.ofMillis(1 + random.nextInt(60_000)));
    }
    return request(1 + random.nextInt(40), random.nextLong(), prompt).withService(service);
  }

  @Test
  void aStreamNeverWaitsForMoreThanAChunkOfAnothersPrompt() {
    Limits limits = new Limits(4 * Scheduler.CHUNK_BESIDE, 2, 8, 1024, 512, PER_PAGE, 1, Map.of());
    try (World world = new World(limits, Sharing.Who.NOBODY)) {
      Counted stream = world.submit(request(100, 1, 1));
      world.step();
      world.submit(request(1, 2, new int[900]));
      while (stream.generated() < 20) {
        int before = stream.generated();
        world.step();
        assertEquals(before + 1, stream.generated(), "each step has its token");
      }
      assertEquals(Scheduler.CHUNK_BESIDE, world.program.mostPromptColumnsBeside());
    }
  }

  @Test
  void aShortPromptPassesALongOneThatStillGetsOn() {
    Limits limits = new Limits(32, 4, 8, 4096, 2048, PER_PAGE, 1, Map.of());
    try (World world = new World(limits, Sharing.Who.NOBODY)) {
      Counted longOne = world.submit(request(1, 1, new int[3000]));
      world.step();
      Counted shortOne = world.submit(request(1, 2, new int[10]));
      world.step();
      assertEquals(1, shortOne.generated());
      int left = longOne.remaining();
      for (int i = 0; i < 20; i++) {
        world.submit(request(1, 3, new int[100]));
        world.step();
      }
      assertTrue(longOne.remaining() <= left - 20 * 16, "half of each step is the long one's");
    }
  }

  @Test
  void onesWithPriorityComeFirstButNobodyWaitsForEver() {
    try (World world = new World(limits(8, 1, CONTEXT), Sharing.Who.NOBODY)) {
      world.submit(request(20, 0, 1)); // runs
      world.step();
      Counted low = world.submit(request(1, 1, 1));
      Counted high = world.submit(request(1, 2, 1).withService(Service.DEFAULT.withPriority(3)));
      while (high.generated() == 0) {
        world.step();
        assertEquals(0, low.generated());
      }
      int steps = 0;
      while (low.generated() == 0) {
        world.submit(request(1, 3, 1).withService(Service.DEFAULT.withPriority(3)));
        world.now += Duration.ofSeconds(1).toNanos();
        world.step();
        assertTrue(++steps <= 3 * 30 + 40, "overtaken for a bounded time only");
      }
      assertTrue(steps > 60);
    }
  }

  @Test
  void aPromptIsComputedOnceForAllWhoHaveItAndEachIsToldHowMuchWasThere() throws Exception {
    int[] prompt = tokens(30, 0);
    try (World world = new World(limits(64, 6, 64), Sharing.Who.EVERYBODY)) {
      List<Counted> votes = new ArrayList<>();
      for (int seed = 0; seed < 5; seed++) {
        votes.add(world.submit(request(9, seed, prompt)));
      }
      world.finish();
      assertEquals(30 + 4, world.program.promptColumns()); // the last token gives the logits
      for (Counted vote : votes) {
        Told told = Told.by(vote);
        assertEquals(alone(vote.request), told.tokens());
        assertEquals(vote == votes.getFirst() ? 0 : 29, told.finished().usage().cached());
      }
      // A conversation goes on: whole pages of the prompt before are there.
      int[] longer = Arrays.copyOf(prompt, 45);
      Counted next = world.submit(request(3, 1, longer));
      world.finish();
      assertEquals(28, Told.by(next).finished().usage().cached());
    }
  }

  @Test
  void tenantsShareNothingWithEachOther() throws Exception {
    int[] prompt = tokens(30, 0);
    try (World world = new World(limits(64, 6, 64), Sharing.Who.TENANT)) {
      int[] cached = new int[3];
      String[] tenants = {"a", "b", "a"};
      for (int i = 0; i < tenants.length; i++) {
        Counted task =
            world.submit(request(1, 0, prompt).withService(Service.DEFAULT.withTenant(tenants[i])));
        world.finish();
        cached[i] = Told.by(task).finished().usage().cached();
      }
      assertEquals(List.of(0, 0, 29), List.of(cached[0], cached[1], cached[2]));
    }
  }

  @Test
  void promptsAreThereAfterARestartUnlessTheirFilesWereHarmed(@TempDir Path folder)
      throws Exception {
    int[] prompt = tokens(30, 0);
    List<Integer> expected = alone(request(9, 1, prompt));
    int[] cached = new int[4];
    for (int start = 0; start < cached.length; start++) {
      CheckedProgram program = new CheckedProgram(limits(64, 2, 64));
      PrefixFolder kept =
          new PrefixFolder(folder, 1 << 20, start == 3 ? "other" : "model", program.pages(), 1);
      if (start == 2) { // the third page has another byte
        Path file = Files.list(folder).sorted().skip(2).findFirst().orElseThrow();
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 3]++;
        Files.write(file, bytes);
      }
      try (World world = new World(program, Sharing.Who.EVERYBODY, false, 0, kept)) {
        Counted task = world.submit(request(9, 1, prompt));
        world.finish();
        Told told = Told.by(task);
        assertEquals(expected, told.tokens());
        cached[start] = told.finished().usage().cached();
      }
    }
    assertEquals(0, cached[0]);
    assertEquals(28, cached[1]);
    assertTrue(cached[2] < 28, "a harmed page was used");
    assertEquals(0, cached[3]);
  }

  @Test
  void aFolderHoldsNoMoreThanItMay(@TempDir Path folder) throws Exception {
    CheckedProgram program = new CheckedProgram(limits(64, 2, 64));
    long page = 4 + 64 + program.pages().canonicalBytes(0);
    PrefixFolder kept = new PrefixFolder(folder, 3 * page, "model", program.pages(), 1);
    try (World world = new World(program, Sharing.Who.EVERYBODY, false, 0, kept)) {
      world.submit(request(9, 1, tokens(40, 0)));
      world.finish();
    }
    assertEquals(3, Files.list(folder).count());
  }

  @Test
  void theTimeIsUpAlsoForOneThatWaits() throws Exception {
    try (World world = new World(limits(8, 1, CONTEXT), Sharing.Who.NOBODY)) {
      world.submit(request(40, 0, 1));
      world.step();
      Service hasty = Service.DEFAULT.withTimeout(Duration.ofSeconds(2));
      Counted late = world.submit(request(5, 1, 1).withService(hasty));
      assertEquals(world.now + Duration.ofSeconds(2).toNanos(), world.scheduler.nextDeadline());
      world.now += Duration.ofSeconds(2).toNanos();
      world.step();
      assertEquals(FinishReason.TIMEOUT, Told.by(late).finished().reason());
    }
  }

  @Test
  void withoutAProgramRequestsWaitAndFailAtTheLimitOrGoOn() throws Exception {
    try (World world = new World(limits(8, 2, CONTEXT), Sharing.Who.EVERYBODY)) {
      Counted running = world.submit(request(9, 0, 1, 2));
      world.step();
      world.scheduler.suspend();
      assertFalse(world.step());
      world.now += PATIENCE - 1;
      Counted late = world.submit(request(9, 0, 3));
      assertFalse(world.step());
      assertTrue(running.failure.isEmpty());
      assertEquals(world.now + 1, world.scheduler.nextDeadline());
      world.now++;
      assertFalse(world.step());
      assertTrue(running.failure.orElseThrow().getMessage().contains("no backend is left"));
      world.exchange(limits(8, 2, CONTEXT), false, 0, true);
      world.finish();
      assertEquals(alone(late.request), Told.by(late).tokens());
    }
  }

  @Test
  void aStepThatFailsFailsItsRequestsAndNoOthers() throws Exception {
    try (World world = new World(limits(8, 2, CONTEXT), Sharing.Who.EVERYBODY)) {
      Counted first = world.submit(request(9, 0, 1, 2));
      Counted second = world.submit(request(9, 0, 3));
      Counted third = world.submit(request(9, 0, 4));
      world.step();
      world.program.failNext();
      world.finish();
      assertTrue(first.failure.orElseThrow().getMessage().contains("asked to fail"));
      assertTrue(second.failure.isPresent());
      assertEquals(alone(third.request), Told.by(third).tokens());
    }
  }

  @Test
  void aPromptThatNeverFitsIsToldSo() {
    try (World world = new World(limits(8, 2, 3), Sharing.Who.EVERYBODY)) {
      Counted task = world.submit(request(1, 0, new int[13]));
      assertTrue(task.failure.orElseThrow().getMessage().contains("kv-memory"));
      Counted growing = world.submit(request(20, 0, new int[5]));
      world.finish();
      assertTrue(growing.failure.orElseThrow().getMessage().contains("3 pages of 4 tokens"));
      assertEquals(8, growing.generated()); // the last one needs no room
    }
  }
}
