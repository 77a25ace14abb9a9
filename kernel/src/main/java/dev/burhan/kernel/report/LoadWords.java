package dev.burhan.kernel.report;

import dev.burhan.engine.LoadReport;
import java.util.ArrayList;
import java.util.List;

/** Where a model's weights came from, for people. */
public final class LoadWords {
  private LoadWords() {}

  /** Such as {@code 392.1 MB packed, 98.0 MB mapped}; without what there is nothing of. */
  public static String of(LoadReport report) {
    List<String> parts = new ArrayList<>();
    if (report.cachedBytes() > 0) {
      parts.add(Amount.bytes(report.cachedBytes()) + " from the packed cache");
    }
    if (report.packedBytes() > 0) {
      parts.add(Amount.bytes(report.packedBytes()) + " packed");
    }
    if (report.mappedBytes() > 0) {
      parts.add(Amount.bytes(report.mappedBytes()) + " mapped");
    }
    return String.join(", ", parts);
  }
}
