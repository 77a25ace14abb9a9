package dev.burhan.backendtck;

import dev.burhan.backendtck.CheckResult.Status;
import java.util.List;
import java.util.Locale;

/** A report for people. */
final class ReportText {
  private final TckReport report;
  private final StringBuilder text = new StringBuilder();

  ReportText(TckReport report) {
    this.report = report;
  }

  private void line(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }

  @Override
  public String toString() {
    if (text.isEmpty()) {
      head();
      categories();
      told("Failed", Status.FAILED);
      told("Skipped", Status.SKIPPED);
      ops();
    }
    return text.toString();
  }

  private void head() {
    line("# %s: %s", report.backend(), report.passed() ? "conforms" : "does not conform");
    line("");
    line("- %s", report.detail().isEmpty() ? "ready" : report.detail());
    line(
        "- modes: %s%s",
        String.join(", ", report.modes()),
        report.companions().isEmpty()
            ? ""
            : "; joined by " + String.join(", ", report.companions()));
    line("- bits: %s", report.numerics());
    line("- machine: %s", report.machine());
    line("");
  }

  private void categories() {
    line("| category | passed | failed | skipped | what it proves |");
    line("| --- | --- | --- | --- | --- |");
    for (Category category : Category.values()) {
      List<CheckResult> some =
          report.results().stream().filter(result -> result.category() == category).toList();
      line(
          "| %s | %d | %d | %d | %s |",
          category.name().toLowerCase(Locale.ROOT),
          count(some, Status.PASSED),
          count(some, Status.FAILED),
          count(some, Status.SKIPPED),
          some.isEmpty() ? "not asked for" : category.meaning());
    }
    line("");
  }

  private static long count(List<CheckResult> results, Status status) {
    return results.stream().filter(result -> result.status() == status).count();
  }

  private void told(String title, Status status) {
    List<CheckResult> some =
        report.results().stream().filter(result -> result.status() == status).toList();
    if (some.isEmpty()) {
      return;
    }
    line("## %s", title);
    line("");
    for (CheckResult result : some) {
      String detail = result.detail() == null ? "" : result.detail().replace("\n", "\n  ");
      line(
          "- %s, %s: %s", result.category().name().toLowerCase(Locale.ROOT), result.name(), detail);
    }
    line("");
  }

  private void ops() {
    if (report.ops().isEmpty()) {
      return;
    }
    line("## Ops");
    line("");
    boolean speeds = report.ops().stream().anyMatch(row -> row.speed().isPresent());
    line(
        "| op | type | mode | runs | largest error | allowed |%s",
        speeds ? " prompt Gmac/s | of oracle | generated GB/s | of oracle |" : "");
    line("| --- | --- | --- | --- | --- | --- |%s", speeds ? " --- | --- | --- | --- |" : "");
    for (int i = 0; i < report.ops().size(); i++) {
      OpRow row = report.ops().get(i);
      String modes = row.mode();
      while (i + 1 < report.ops().size() && isLike(row, report.ops().get(i + 1))) {
        modes += ", " + report.ops().get(++i).mode();
      }
      line(
          "| %s | %s | %s | %s | %s | %s |%s",
          row.op(),
          row.type(),
          modes,
          runs(row),
          Double.isNaN(row.largest()) ? "" : String.format(Locale.ROOT, "%.1e", row.largest()),
          Double.isNaN(row.largest()) ? "" : String.format(Locale.ROOT, "%.0e", row.tolerance()),
          speeds ? speed(row) : "");
    }
  }

  /** Whether two modes are told in one row. */
  private static boolean isLike(OpRow one, OpRow two) {
    return one.op().equals(two.op())
        && one.type().equals(two.type())
        && one.support() == two.support()
        && Double.compare(one.largest(), two.largest()) == 0
        && one.tolerance() == two.tolerance()
        && one.speed().isEmpty();
  }

  private static String runs(OpRow row) {
    String note = row.note().isEmpty() ? "" : " (" + row.note() + ")";
    return switch (row.support()) {
      case YES -> "yes";
      case PARTLY -> row.note();
      case LEFT -> row.note();
      case NO -> "no" + note;
    };
  }

  private static String speed(OpRow row) {
    return row.speed()
        .map(
            speed ->
                String.format(
                    Locale.ROOT,
                    " %.1f | %.0f | %.1f | %.0f |",
                    speed.prompt(),
                    speed.promptOfOracle(),
                    speed.generated(),
                    speed.generatedOfOracle()))
        .orElse(" | | | |");
  }
}
