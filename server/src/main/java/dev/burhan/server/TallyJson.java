package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.engine.Tally;
import java.util.List;
import java.util.Locale;

/** The JSON of a tally, as {@code burhan run --json} has it too. */
final class TallyJson {
  private TallyJson() {}

  static ObjectNode of(Tally tally) {
    ObjectNode node = Json.object();
    ArrayNode answers = node.putArray("answers");
    for (Tally.Count count : tally.answers()) {
      ObjectNode answer = answers.addObject().put("answer", count.answer());
      add(answer.putArray("samples"), count.samples());
    }
    add(node.putArray("undecided"), tally.undecided());
    tally.chosen().ifPresent(sample -> node.put("chosen", sample));
    node.put("started", tally.started());
    node.put("finished", tally.finished());
    node.put("cancelled", tally.cancelled());
    ArrayNode checks = node.putArray("checks");
    for (Tally.Check check : tally.checks()) {
      checks
          .addObject()
          .put("sample", check.sample())
          .put("answer", check.answer())
          .put("opinion", check.opinion().name().toLowerCase(Locale.ROOT));
    }
    return node;
  }

  private static void add(ArrayNode array, List<Integer> samples) {
    samples.forEach(array::add);
  }
}
