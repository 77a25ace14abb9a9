package dev.burhan.eval;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** A table that documents take as it is and a terminal shows in columns. */
final class MarkdownTable {
  private final List<List<String>> rows = new ArrayList<>();

  MarkdownTable(String... head) {
    rows.add(List.of(head));
  }

  MarkdownTable row(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(cell.toString().replace("|", "\\|"));
    }
    rows.add(row);
    return this;
  }

  void print(PrintStream out) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(Math.max(3, widths[i]), row.get(i).length());
      }
    }
    for (int r = 0; r < rows.size(); r++) {
      StringBuilder line = new StringBuilder("|");
      StringBuilder rule = new StringBuilder("|");
      for (int i = 0; i < columns; i++) {
        String cell = rows.get(r).get(i);
        String space = " ".repeat(widths[i] - cell.length());
        line.append(' ').append(i == 0 ? cell + space : space + cell).append(" |");
        rule.append(' ').append("-".repeat(widths[i] - 1)).append(i == 0 ? "- |" : ": |");
      }
      out.println(line);
      if (r == 0) {
        out.println(rule);
      }
    }
  }
}
