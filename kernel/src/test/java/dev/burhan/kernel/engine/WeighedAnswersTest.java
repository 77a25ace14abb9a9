package dev.burhan.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Voted;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Tally;
import dev.burhan.policy.ContentPolicy;
import dev.burhan.policy.PolicyRequest;
import dev.burhan.policy.PolicySession;
import dev.burhan.policy.Verdict;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import dev.burhan.reasoning.AnswerExtraction;
import dev.burhan.reasoning.FinalAnswer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Votes on a real, tiny model: hot enough, it counts in all manner of ways. */
@Timeout(120)
class WeighedAnswersTest {
  private static final int VOTES = 7;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void makeFile() throws Exception {
    file = Files.createFile(folder.resolve("scripted.model"));
  }

  /** Token 0 asks; digits answer; the last one ends. */
  private LoadedModel load(Provider... policies) {
    LoadRequest request = new LoadRequest(file.toString(), Optional.of("oracle"), 2, 0, Map.of());
    return new ScriptedModel(file, "?", "1 ", "2 ", "3 ", "a ", "b ", ".")
        .host(policies)
        .engine()
        .load(request, Progress.NONE);
  }

  private static GenerationRequest request(long seed) {
    SamplingParameters hot = SamplingParameters.reasoning(seed).withTemperature(1.5).withTopP(1);
    return GenerationRequest.of(new int[] {0}, 40, hot);
  }

  private record Heard(String text, List<Integer> tokens, Finished finished, List<Voted> votes) {}

  private static Heard hear(Generation generation) throws InterruptedException {
    StringBuilder all = new StringBuilder();
    List<Integer> tokens = new ArrayList<>();
    List<Voted> votes = new ArrayList<>();
    Finished finished = null;
    try (generation) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        switch (event) {
          case Text text -> {
            all.append(text.text());
            text.tokens().forEach(token -> tokens.add(token.id()));
          }
          case Voted voted -> votes.add(voted);
          case Finished end -> finished = end;
          default -> {}
        }
      }
    }
    return new Heard(all.toString(), tokens, finished, votes);
  }

  /** What a vote should give: each sample run by itself, answers counted by hand. */
  private static int majority(LoadedModel model, long seed) throws InterruptedException {
    Map<FinalAnswer, List<Integer>> counts = new LinkedHashMap<>();
    for (int sample = 0; sample < VOTES; sample++) {
      Heard alone = hear(model.generate(request(seed + sample)));
      if (alone.finished().reason() == GenerationEvent.FinishReason.STOP) {
        int number = sample;
        AnswerExtraction.find(alone.text())
            .ifPresent(
                answer -> counts.computeIfAbsent(answer, _ -> new ArrayList<>()).add(number));
      }
    }
    List<Integer> best = List.of(0);
    int most = 0;
    for (List<Integer> samples : counts.values()) { // by their first samples
      if (samples.size() > most) {
        most = samples.size();
        best = samples;
      }
    }
    return best.getFirst();
  }

  @Test
  void aVoteGivesWhatTheMajorityOfItsSamplesSaysByItself() throws Exception {
    try (LoadedModel model = load()) {
      boolean other = false;
      for (long seed = 0; seed < 200; seed += 20) {
        Reasoning votes = Reasoning.DEFAULT.withVotes(VOTES);
        GenerationRequest request = request(seed);
        Heard heard = hear(model.generate(request.withReasoning(votes)));
        int chosen = majority(model, seed);
        Heard alone = hear(model.generate(request(seed + chosen)));
        assertEquals(alone.text(), heard.text(), "seed " + seed);
        assertEquals(alone.tokens(), heard.tokens());
        Tally tally = heard.finished().tally().orElseThrow();
        if (tally.chosen().isPresent()) {
          assertEquals(chosen, tally.chosen().getAsInt());
        }
        assertEquals(VOTES, tally.started());
        assertEquals(VOTES, tally.finished() + tally.cancelled());
        assertEquals(1, heard.finished().usage().prompt());
        assertTrue(heard.finished().usage().generated() >= alone.finished().usage().generated());
        GenerationRequest replayed = request.withReasoning(votes).alone(heard.finished().tally());
        assertEquals(heard.tokens(), hear(model.generate(replayed)).tokens());
        other |= chosen != 0;
      }
      assertTrue(other, "no vote went another way than its first sample");
    }
  }

  @Test
  void verifyNeedsAChatTemplate() {
    try (LoadedModel model = load()) {
      UsageException refused =
          assertThrows(
              UsageException.class,
              () -> model.generate(request(1).withReasoning(Reasoning.DEFAULT.withVerify(true))));
      assertTrue(refused.getMessage().contains("no chat template"), refused.getMessage());
    }
  }

  /** Lets no text with a 2 pass. */
  private static final class NoTwos implements ContentPolicy {
    final AtomicInteger open = new AtomicInteger();

    @Override
    public String name() {
      return "no-twos";
    }

    @Override
    public PolicySession begin(PolicyRequest request) {
      open.incrementAndGet();
      return new PolicySession() {
        private boolean closed;

        @Override
        public Verdict input() {
          return new Verdict.Pass("");
        }

        @Override
        public Verdict output(Stage stage, String text, boolean last) {
          return text.contains("2") ? new Verdict.Block("twos", "") : new Verdict.Pass(text);
        }

        @Override
        public void close() {
          if (!closed) {
            closed = true;
            open.decrementAndGet();
          }
        }
      };
    }
  }

  @Test
  void policiesSeeTheAnswersThatATallyTells() throws Exception {
    NoTwos policy = new NoTwos();
    boolean withheld = false;
    try (LoadedModel model = load(policy)) {
      for (long seed = 0; seed < 200; seed += 20) {
        Heard heard =
            hear(model.generate(request(seed).withReasoning(Reasoning.DEFAULT.withVotes(VOTES))));
        for (Voted voted : heard.votes()) {
          assertFalse(voted.answer().orElse("").contains("2"));
        }
        for (Tally.Count count : heard.finished().tally().orElseThrow().answers()) {
          assertFalse(count.answer().contains("2"));
          withheld |= count.answer().equals("[withheld]");
        }
        assertFalse(heard.text().contains("2"));
      }
    }
    assertTrue(withheld);
    assertEquals(0, policy.open.get());
  }
}
