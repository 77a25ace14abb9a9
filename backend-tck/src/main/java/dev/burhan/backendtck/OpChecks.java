package dev.burhan.backendtck;

import dev.burhan.backend.Plan;
import dev.burhan.backendtck.OpRow.Support;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Each op and type against the oracle, over shapes, edge sizes and both phases. */
final class OpChecks {
  private final Session session;
  private final Map<Trial, Numbers> expected = new HashMap<>();

  OpChecks(Session session) {
    this.session = session;
  }

  /** All that are asked for. */
  static List<OpCase> cases(TckOptions options) {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(RowTrials.all());
    cases.addAll(MatrixTrials.all());
    cases.addAll(AttentionTrials.all());
    cases.addAll(MixtureTrials.all());
    cases.removeIf(each -> !options.ops().isEmpty() && !options.ops().contains(each.op()));
    return cases;
  }

  List<Check> checks() {
    List<Check> checks = new ArrayList<>();
    for (OpCase each : cases(session.options())) {
      checks.add(new Check(Category.OPS, each.toString(), () -> check(each)));
    }
    return checks;
  }

  private String check(OpCase each) {
    List<String> found = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    boolean supported = false;
    for (Subject mode : session.modes()) {
      OpRow row = compare(each, mode, wrong);
      session.row(row);
      supported |= row.support() != Support.NO;
      found.add(
          switch (row.support()) {
            case NO -> "unsupported: " + row.note();
            case LEFT -> row.note();
            default ->
                String.format(
                    Locale.ROOT, "%s %.1e of %.1e", row.mode(), row.largest(), row.tolerance());
          });
    }
    expected.clear();
    String text = String.join("; ", found.stream().distinct().toList());
    if (!wrong.isEmpty()) {
      throw new AssertionError(text + "\n" + String.join("\n", wrong));
    }
    if (!supported) {
      throw new Check.Skipped(text);
    }
    return text;
  }

  private OpRow compare(OpCase each, Subject mode, List<String> wrong) {
    double tolerance = each.tolerance(mode.eightBits());
    double largest = Double.NaN;
    Who who = new Who(Support.NO, "");
    try (Stage stage = new Stage(mode);
        Stage oracle = new Stage(session.oracle())) {
      for (Trial trial : each.trials()) {
        who = who(stage.plan(trial), each.node(), session.provider().name());
        if (who.support() == Support.NO || who.support() == Support.LEFT) {
          break;
        }
        Numbers wanted =
            expected.computeIfAbsent(trial, _ -> oracle.with(trial, OpChecks::together));
        Comparison comparison =
            new Comparison(trial, trial.graph(), mode.eightBits() && each.quantised())
                .of(wanted, stage.with(trial, OpChecks::together));
        largest = Math.max(Double.isNaN(largest) ? 0 : largest, comparison.largest());
        if (comparison.largest() > tolerance) {
          wrong.add(
              String.format(
                  Locale.ROOT,
                  "%s: differs by %.1e, allowed is %.1e; %s",
                  mode.mode(),
                  comparison.largest(),
                  tolerance,
                  comparison.where()));
        }
      }
      Optional<OpRow.Speed> speed =
          session.options().speed() && !Double.isNaN(largest) && each.op().equals("Linear")
              ? Optional.of(Speeds.measure(stage, oracle, each.type()))
              : Optional.empty();
      return new OpRow(
          each.op(),
          each.type(),
          mode.mode(),
          who.support(),
          who.note(),
          largest,
          tolerance,
          speed);
    }
  }

  /** All stories of a trial, cut and mixed. */
  static Numbers together(Running running) {
    return running.run(Company.together(running.trial().stories(), new Random(3)));
  }

  private record Who(Support support, String note) {}

  /** Who runs the node that is meant. */
  private static Who who(Plan plan, Class<? extends Op> node, String name) {
    if (!plan.possible()) {
      return new Who(Support.NO, String.join("; ", plan.refusals()));
    }
    List<Node> nodes = plan.graph().nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (node.isInstance(nodes.get(i).op()) && i < plan.placement().size()) {
        return placed(plan.placement().get(i), name);
      }
    }
    return new Who(Support.YES, ""); // run by something else than a node of its own
  }

  private static Who placed(String placement, String name) {
    List<String> names = List.of(placement.split("\\+"));
    if (!names.contains(name)) {
      return new Who(Support.LEFT, "left to " + placement);
    }
    return names.size() == 1
        ? new Who(Support.YES, "")
        : new Who(Support.PARTLY, "with " + placement);
  }
}
