package dev.burhan.kernel.reasoning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.engine.Tally;
import dev.burhan.reasoning.FinalAnswer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BallotTest {
  private static final int CUT = -1; // cut off, without an answer
  private static final int NOTHING = 0; // came to an end without an answer

  private static void count(Ballot ballot, int sample, int answer) {
    Optional<FinalAnswer> given =
        answer > NOTHING ? Optional.of(FinalAnswer.of("" + answer)) : Optional.empty();
    ballot.count(sample, given, answer != CUT);
  }

  private static Ballot of(int... answers) {
    Ballot ballot = new Ballot();
    for (int sample = 0; sample < answers.length; sample++) {
      count(ballot, sample, answers[sample]);
    }
    return ballot;
  }

  private static void leads(int sample, int... answers) {
    assertEquals(OptionalInt.of(sample), of(answers).leader(), () -> List.of(answers).toString());
  }

  @Test
  void theFirstSampleOfTheMajorityLeads() {
    leads(1, 5, 7, 7);
    leads(0, 7, 5, 7);
    leads(2, 5, 6, 7, 7, 6, 7);
  }

  @Test
  void ofEqualAnswersTheEarliestLeads() {
    leads(0, 5, 7);
    leads(0, 5, 7, 7, 5);
    leads(1, 3, 5, 7, 7, 5);
  }

  @Test
  void samplesWithoutAnAnswerComeLastAndCutOnesAfterThem() {
    leads(2, NOTHING, NOTHING, 7);
    leads(0, NOTHING, NOTHING);
    leads(1, CUT, NOTHING, NOTHING);
    leads(0, CUT, CUT);
    assertEquals(OptionalInt.empty(), new Ballot().leader());
  }

  @Test
  void anObjectionTakesAVoteOff() {
    Ballot ballot = of(5, 7, 5);
    ballot.object(0);
    assertEquals(OptionalInt.of(0), ballot.leader()); // one to one, and earlier
    ballot.object(2);
    assertEquals(OptionalInt.of(1), ballot.leader());
    assertEquals(new Tally.Count("5", List.of(0, 2)), ballot.counts().getFirst());
  }

  @Test
  void countsAreOfEquivalentAnswersAsTheFirstWritesThem() {
    Ballot ballot = new Ballot();
    ballot.count(2, Optional.of(FinalAnswer.of("0.5")), true);
    ballot.count(0, Optional.of(FinalAnswer.of("3")), true);
    ballot.count(1, Optional.of(FinalAnswer.of("\\frac12")), true);
    ballot.count(3, Optional.empty(), true);
    assertEquals(
        List.of(new Tally.Count("\\frac12", List.of(1, 2)), new Tally.Count("3", List.of(0))),
        ballot.counts());
    assertEquals(List.of(3), ballot.undecided());
  }

  @Test
  void theRestIsNotNeededOnceTheMajorityIsCertain() {
    assertEquals(List.of(), of(7, 7, 7).needed(List.of(3, 4)));
    assertEquals(List.of(), of(7, 7).needed(List.of(2, 3))); // a tie, and later
    assertEquals(List.of(2, 3, 4), of(7, 7).needed(List.of(2, 3, 4)));
    assertEquals(List.of(), of(7, 7).needed(List.of(2)));
    assertEquals(List.of(2), of(5, 7).needed(List.of(2)));
    assertEquals(List.of(1), of(NOTHING).needed(List.of(1)));
  }

  @Test
  void anEarlierSampleOfTheMajorityIsWaitedFor() {
    Ballot ballot = new Ballot();
    count(ballot, 1, 7);
    count(ballot, 2, 7);
    count(ballot, 3, 7);
    assertEquals(List.of(0), ballot.needed(List.of(0, 4)));
  }

  /** All ways in which the outstanding samples may still vote, and whom each makes the leader. */
  private static Set<Integer> leaders(int[] answers, List<Integer> outstanding, int kinds) {
    Set<Integer> leaders = new HashSet<>();
    int ways = (int) Math.pow(kinds + 2, outstanding.size());
    for (int way = 0; way < ways; way++) {
      int rest = way;
      int[] all = answers.clone();
      for (int sample : outstanding) {
        all[sample] = rest % (kinds + 2) - 1;
        rest /= kinds + 2;
      }
      leaders.add(of(all).leader().getAsInt());
    }
    return leaders;
  }

  /** However the samples that are not needed would vote, the outcome is that without them. */
  @Test
  void whatIsNotNeededChangesNothingAndWhatCanChangeSomethingIsNeeded() {
    Random random = new Random(7);
    for (int round = 0; round < 3000; round++) {
      int votes = 1 + random.nextInt(6);
      int[] answers = random.ints(votes, -1, 4).toArray();
      TreeSet<Integer> outstanding = new TreeSet<>();
      Ballot ballot = new Ballot();
      for (int sample = 0; sample < votes; sample++) {
        if (random.nextInt(3) == 0 && outstanding.size() < 4) {
          outstanding.add(sample);
        } else {
          count(ballot, sample, answers[sample]);
        }
      }
      List<Integer> needed = ballot.needed(outstanding);
      List<Integer> rest = new ArrayList<>(outstanding);
      rest.removeAll(needed);
      if (!rest.isEmpty()) {
        needed.forEach(sample -> count(ballot, sample, answers[sample]));
        Set<Integer> possible = leaders(answers, rest, 4);
        assertEquals(Set.of(ballot.leader().getAsInt()), possible, "round " + round);
      } else if (!outstanding.isEmpty() && needed.size() == outstanding.size()) {
        boolean earlier =
            ballot.leader().isEmpty() || needed.getFirst() < ballot.leader().getAsInt();
        assertTrue(
            earlier || leaders(answers, needed, 5).size() > 1, "waits in vain in round " + round);
      }
    }
  }
}
