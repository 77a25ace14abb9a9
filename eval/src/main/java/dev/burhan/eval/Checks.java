package dev.burhan.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What thoughts' own checks were worth.
 *
 * @param checked thoughts that have a check
 * @param errors of those the work that was wrong
 * @param caught wrong work of which the check said no
 * @param corrected caught errors that ended in a right answer
 * @param falseAlarms right work of which the check said no
 * @param spoiled false alarms that ended in a wrong answer
 */
record Checks(int checked, int errors, int caught, int corrected, int falseAlarms, int spoiled) {

  static Checks of(List<Outcome> outcomes) {
    int[] n = new int[6];
    for (Outcome outcome : outcomes) {
      outcome
          .check()
          .ifPresent(
              check -> {
                n[0]++;
                n[1] += check.workRight() ? 0 : 1;
                n[2] += !check.workRight() && check.saidNo() ? 1 : 0;
                n[3] += !check.workRight() && check.saidNo() && outcome.right() ? 1 : 0;
                n[4] += check.workRight() && check.saidNo() ? 1 : 0;
                n[5] += check.workRight() && check.saidNo() && !outcome.right() ? 1 : 0;
              });
    }
    return new Checks(n[0], n[1], n[2], n[3], n[4], n[5]);
  }

  int saidNo() {
    return caught + falseAlarms;
  }

  /** Right answers more than there would be without the check. */
  int gain() {
    return corrected - spoiled;
  }

  String line() {
    return "%d thoughts checked themselves and said no %d times: %d of %d errors caught, %d corrected, %d false alarms; gain %+d"
        .formatted(checked, saidNo(), caught, errors, corrected, falseAlarms, gain());
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("checked", checked);
    json.put("said_no", saidNo());
    json.put("errors", errors);
    json.put("caught", caught);
    json.put("corrected", corrected);
    json.put("false_alarms", falseAlarms);
    json.put("spoiled", spoiled);
    json.put("gain", gain());
    return json;
  }
}
