package dev.burhan.kernel.engine;

import dev.burhan.engine.GenerationEvent.Checked;
import dev.burhan.engine.GenerationEvent.Voted;
import dev.burhan.engine.GenerationEvent.Weighing;
import dev.burhan.engine.Tally;
import dev.burhan.policy.PolicySession;
import dev.burhan.policy.PolicySession.Stage;
import dev.burhan.policy.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Lets content policies see the answers that a tally tells: most of them are of samples whose text
 * is never given, so no policy has read them.
 */
final class ScreenedTally {
  private static final String WITHHELD = "[withheld]";

  private final Supplier<List<PolicySession>> policies;
  private final Map<String, String> seen = new HashMap<>();

  /**
   * For one request.
   *
   * @param policies begins to look at the request anew
   */
  ScreenedTally(Supplier<List<PolicySession>> policies) {
    this.policies = policies;
  }

  Weighing of(Weighing weighing) {
    Tally tally = of(weighing.tally());
    return switch (weighing) {
      case Voted voted -> new Voted(voted.sample(), voted.answer().map(this::text), tally);
      case Checked _ -> new Checked(tally);
    };
  }

  Tally of(Tally tally) {
    return new Tally(
        tally.answers().stream()
            .map(count -> new Tally.Count(text(count.answer()), count.samples()))
            .toList(),
        tally.undecided(),
        tally.chosen(),
        tally.started(),
        tally.finished(),
        tally.cancelled(),
        tally.checks().stream()
            .map(check -> new Tally.Check(check.sample(), text(check.answer()), check.opinion()))
            .toList());
  }

  private String text(String answer) {
    return answer.isEmpty() ? answer : seen.computeIfAbsent(answer, this::passed);
  }

  private String passed(String answer) {
    List<PolicySession> sessions = policies.get();
    try {
      String text = answer;
      for (PolicySession session : sessions) {
        switch (session.output(Stage.ANSWER, text, true)) {
          case Verdict.Pass pass -> text = pass.text();
          case Verdict.Block _ -> {
            return WITHHELD;
          }
        }
      }
      return text;
    } finally {
      sessions.forEach(PolicySession::close);
    }
  }
}
