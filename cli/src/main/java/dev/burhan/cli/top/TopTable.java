package dev.burhan.cli.top;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Figures as lines: a head and one line a model. Columns that don't fit are left out. */
final class TopTable {
  private static final int BAR = 16;
  private static final String GAP = "  ";
  private static final String UNKNOWN = "-";

  /**
   * A column.
   *
   * @param importance those of less go first where there is no room
   */
  private record Column(
      String head, boolean left, int importance, Function<ModelFigures, String> cell) {}

  private static final List<Column> COLUMNS =
      List.of(
          new Column("MODEL", true, 9, figures -> printable(figures.model())),
          new Column("IN/S", false, 7, figures -> rate(figures.promptRate())),
          new Column("OUT/S", false, 9, figures -> rate(figures.outputRate())),
          new Column("RUN", false, 9, figures -> count(figures.running())),
          new Column("WAIT", false, 8, figures -> count(figures.waiting())),
          new Column("BATCH", false, 5, figures -> rate(figures.batch())),
          new Column("PAGES", true, 4, TopTable::pages),
          new Column("FIRST P50/P95", false, 8, figures -> times(figures.firstToken())),
          new Column("NEXT P50/P95", false, 7, figures -> times(figures.betweenTokens())),
          new Column("HITS", false, 6, figures -> percent(figures.hits())),
          new Column("GUESS", false, 5, figures -> percent(figures.acceptance())),
          new Column("PREEMPT", false, 2, figures -> count(figures.preemptions())),
          new Column("DONE", false, 3, figures -> count(figures.ended())),
          new Column("FAIL", false, 3, figures -> count(figures.failed())));

  private TopTable() {}

  /** Lines of at most so many characters. */
  static List<String> lines(List<ModelFigures> models, int width) {
    List<Column> columns = new ArrayList<>(COLUMNS);
    List<String> lines = render(columns, models);
    while (columns.size() > 1 && lines.stream().anyMatch(line -> line.length() > width)) {
      columns.remove(least(columns));
      lines = render(columns, models);
    }
    return lines.stream().map(line -> cut(line, width)).toList();
  }

  private static Column least(List<Column> columns) {
    Column least = columns.getLast();
    for (Column column : columns) {
      least = column.importance() < least.importance() ? column : least;
    }
    return least;
  }

  private static List<String> render(List<Column> columns, List<ModelFigures> models) {
    List<List<String>> cells = new ArrayList<>(); // (columns, 1 + models)
    for (Column column : columns) {
      List<String> texts = new ArrayList<>(List.of(column.head()));
      models.forEach(model -> texts.add(column.cell().apply(model)));
      int width = texts.stream().mapToInt(String::length).max().orElse(0);
      cells.add(texts.stream().map(text -> padded(text, width, column.left())).toList());
    }
    List<String> lines = new ArrayList<>();
    for (int line = 0; line <= models.size(); line++) {
      int at = line;
      lines.add(
          cells.stream()
              .map(column -> column.get(at))
              .collect(Collectors.joining(GAP))
              .stripTrailing());
    }
    return lines;
  }

  private static String padded(String text, int width, boolean left) {
    String space = " ".repeat(width - text.length());
    return left ? text + space : space + text;
  }

  static String cut(String line, int width) {
    return line.length() <= width ? line : line.substring(0, Math.max(0, width));
  }

  /** A name comes from a server: nothing of it may steer the terminal. */
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private static String count(double value) {
    return Double.isNaN(value) ? UNKNOWN : String.format(Locale.ROOT, "%.0f", value);
  }

  private static String rate(double value) {
    return Double.isNaN(value)
        ? UNKNOWN
        : String.format(Locale.ROOT, value < 100 ? "%.1f" : "%.0f", value);
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? UNKNOWN : String.format(Locale.ROOT, "%.0f%%", 100 * share);
  }

  private static String times(Quantiles quantiles) {
    return Double.isNaN(quantiles.p50())
        ? UNKNOWN
        : time(quantiles.p50()) + "/" + time(quantiles.p95());
  }

  private static String time(double seconds) {
    if (seconds < 0.01) {
      return String.format(Locale.ROOT, "%.1fms", seconds * 1e3);
    }
    return seconds < 1
        ? String.format(Locale.ROOT, "%.0fms", seconds * 1e3)
        : String.format(Locale.ROOT, "%.1fs", seconds);
  }

  /** Held pages as #, those kept for prompts that begin alike as =, free ones as points. */
  private static String pages(ModelFigures figures) {
    if (!(figures.pages() > 0)) {
      return UNKNOWN;
    }
    int held = (int) Math.ceil(BAR * figures.held() / figures.pages());
    int cached = Math.min(BAR - held, (int) Math.ceil(BAR * figures.cached() / figures.pages()));
    return "[%s%s%s] %s/%s"
        .formatted(
            "#".repeat(held),
            "=".repeat(cached),
            ".".repeat(BAR - held - cached),
            count(figures.held() + figures.cached()),
            count(figures.pages()));
  }
}
