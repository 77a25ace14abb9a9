package dev.burhan.checkpoint.file;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The names that someone may have meant by a name that is not there. */
final class NearestNames {
  private static final int LONGEST = 256;

  private NearestNames() {}

  /**
   * At most {@code limit} names, nearest first; none that differ in more than half of their
   * characters.
   */
  static List<String> of(String wanted, Collection<String> names, int limit) {
    if (wanted.length() > LONGEST) {
      return List.of();
    }
    record Near(String name, int distance) {}
    int most = Math.max(2, wanted.length() / 2);
    return names.stream()
        .filter(name -> Math.abs(name.length() - wanted.length()) <= most)
        .map(name -> new Near(name, distance(wanted, name, most)))
        .filter(near -> near.distance <= most)
        .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::name))
        .limit(limit)
        .map(Near::name)
        .toList();
  }

  /**
   * Levenshtein distance without regard to case, or {@code most + 1} once it is sure to be larger.
   */
  private static int distance(String left, String right, int most) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      int best = row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
        best = Math.min(best, row[j]);
      }
      if (best > most) {
        return most + 1;
      }
    }
    return row[b.length()];
  }
}
