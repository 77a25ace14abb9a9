package dev.burhan.eval;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The outcomes by kind and level, and all in all. */
final class EvalReport {
  private final Exam.Result result;

  EvalReport(Exam.Result result) {
    this.result = result;
  }

  private record Row(String kind, String level, List<Outcome> outcomes) {}

  private List<Row> rows() {
    Map<List<Object>, List<Outcome>> groups = new LinkedHashMap<>();
    for (Outcome outcome : result.outcomes()) {
      Problem problem = outcome.problem();
      groups
          .computeIfAbsent(List.of(problem.kind(), problem.level()), _ -> new ArrayList<>())
          .add(outcome);
    }
    List<Row> rows = new ArrayList<>();
    groups.forEach((key, of) -> rows.add(new Row("" + key.get(0), "" + key.get(1), of)));
    return rows;
  }

  private List<Row> totals() {
    List<Row> totals = new ArrayList<>();
    for (Familiarity familiarity : Familiarity.values()) {
      totals.add(
          new Row(
              "all",
              familiarity.word,
              result.outcomes().stream()
                  .filter(outcome -> outcome.problem().familiarity() == familiarity)
                  .toList()));
    }
    totals.add(new Row("all", "all", result.outcomes()));
    totals.removeIf(row -> row.outcomes().isEmpty());
    return totals;
  }

  static double meanTokens(List<Outcome> outcomes) {
    return outcomes.stream().mapToInt(Outcome::tokens).average().orElse(0);
  }

  void print(PrintStream out) {
    MarkdownTable table =
        new MarkdownTable(
            "kind",
            "level",
            "problems",
            "right",
            "accuracy",
            "95 % interval",
            "tokens",
            "check: no",
            "gain");
    List<Row> all = new ArrayList<>(rows());
    all.addAll(totals());
    for (Row row : all) {
      Score score = Score.of(row.outcomes());
      Checks checks = Checks.of(row.outcomes());
      boolean checked = checks.checked() > 0;
      table.row(
          row.kind(),
          row.level(),
          score.problems(),
          score.right(),
          score.percent(),
          score.interval(),
          String.format(Locale.ROOT, "%.0f", meanTokens(row.outcomes())),
          checked ? checks.saidNo() : "-",
          checked ? String.format(Locale.ROOT, "%+d", checks.gain()) : "-");
    }
    table.print(out);
    out.println();
    out.println(
        String.format(
            Locale.ROOT,
            "%.1f tokens/s over %.1f s; %d cut off",
            result.tokensPerSecond(),
            result.seconds(),
            unfinished()));
    Checks checks = Checks.of(result.outcomes());
    if (checks.checked() > 0) {
      out.println(checks.line());
    }
  }

  private long unfinished() {
    return result.outcomes().stream().filter(outcome -> !outcome.finished()).count();
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("rows", rows().stream().map(EvalReport::json).toList());
    json.put("totals", totals().stream().map(EvalReport::json).toList());
    json.put("cut_off", unfinished());
    json.put("seconds", result.seconds());
    json.put("tokens_per_second", result.tokensPerSecond());
    return json;
  }

  private static Map<String, Object> json(Row row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", row.kind());
    json.put("level", row.level());
    json.putAll(Score.of(row.outcomes()).json());
    json.put("mean_tokens", meanTokens(row.outcomes()));
    json.put("checks", Checks.of(row.outcomes()).json());
    return json;
  }
}
