package dev.burhan.kernel.plan;

import dev.burhan.kernel.plan.Answer.Suggestion;
import dev.burhan.kernel.plan.Demand.Way;
import dev.burhan.kernel.report.Amount;
import dev.burhan.model.ModelInfo;
import dev.burhan.tensor.DataType;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** An answer for people. */
final class AnswerText {
  private static final String FACT = "  %-14s %s%n";
  private static final int SHOWN = 3;

  private final Answer answer;
  private final Demand demand;
  private final Footprint footprint;
  private final Machine machine;
  private final PrintStream out;

  AnswerText(Answer answer, PrintStream out) {
    this.answer = answer;
    this.demand = answer.result().demand();
    this.footprint = demand.footprint();
    this.machine = answer.machine();
    this.out = out;
  }

  void print(String name) {
    ModelInfo info = answer.model().info();
    out.printf(
        "%s: %s, %d layers, %s parameters, %s of them for a token%n",
        name,
        info.architecture(),
        info.layers(),
        parameters(info.parameters()),
        parameters(footprint.active()));
    out.printf(
        "weights %s: %s%n", answer.result().choice().name(), answer.result().choice().assumption());
    needs();
    verdict();
    remarks();
  }

  private void needs() {
    out.printf("%nneeds, at a context of %s%n", Amount.whole(demand.context()));
    out.printf(FACT, "weights", size(footprint.bytes()) + parts());
    if (demand.heldShare() > 1.05) {
      out.printf(
          FACT,
          "",
          size(footprint.bytes() * demand.heldShare())
              + " as backend "
              + answer.result().remarks().backend()
              + " holds them, which is what counts");
    }
    out.printf(FACT, "KV cache", cache());
    out.printf(FACT, "scratch", size(demand.scratchBytes()));
    out.printf(FACT, "JVM", size(Demand.JVM) + " (assumed)");
    out.printf(FACT, "in all", size(demand.wholeBytes()));
    if (footprint.experts() > 0) {
      out.printf(FACT, "at least", size(demand.leastBytes()) + " with experts read from the disk");
    }
    if (answer.draftParameters() > 0) {
      out.printf(
          FACT,
          "not counted",
          "the head that drafts, " + parameters(answer.draftParameters()) + " parameters");
    }
  }

  private String parts() {
    if (footprint.experts() == 0) {
      return "";
    }
    return "%n%17s%s in %s experts (%d layers, %d chosen in each), %s all the rest"
        .formatted(
            "",
            size(footprint.expertBytes()),
            Amount.whole(footprint.experts()),
            footprint.mixtures(),
            footprint.chosen(),
            size(footprint.commonBytes()));
  }

  private String cache() {
    String text =
        size(demand.cacheBytes())
            + " as "
            + answer.cacheType()
            + ", "
            + Amount.bytes(demand.cacheBytesPerToken())
            + " a token";
    boolean kept =
        answer.model().graph().caches().stream()
            .flatMap(one -> one.planes().stream())
            .allMatch(plane -> plane.allowed().contains(answer.cacheType()));
    if (!kept) {
      return text + "; this version does not keep this model's cache so";
    }
    return answer.cacheType().equals(DataType.F32)
        ? text + "; " + size(demand.cacheBytes() / 2) + " in 16 bits"
        : text;
  }

  private void verdict() {
    out.printf("%nhas %s%n", size(machine.memory()));
    switch (answer.way()) {
      case MEMORY -> out.printf("yes: it fits in memory%n");
      case DISK ->
          out.printf(
              "no, not in memory; with experts read from the disk, yes: %s of %s experts stay"
                  + " resident%n",
              Amount.whole(demand.residentExperts(machine)), Amount.whole(footprint.experts()));
      case NONE ->
          out.printf(
              "no: it lacks %s%n",
              size(
                  (footprint.experts() > 0 ? demand.leastBytes() : demand.wholeBytes())
                      - machine.memory()));
    }
    if (answer.way() != Way.NONE) {
      out.printf(FACT, "at most", bound(demand));
      out.printf(FACT, "because", reads());
    }
    if (!answer.nearest().isEmpty()) {
      out.printf("%nwhat fits, nearest first%n");
      answer.nearest().forEach(this::suggestion);
    }
    answer
        .least()
        .ifPresent(
            one ->
                out.printf(
                    "nothing fits: the least is %s at a context of %s, which needs %s%n",
                    one.choice().name(),
                    Amount.whole(one.demand().context()),
                    size(
                        one.way() == Way.DISK
                            ? one.demand().leastBytes()
                            : one.demand().wholeBytes())));
  }

  private String bound(Demand one) {
    return String.format(
        Locale.ROOT,
        "%.3g tokens/s for one sequence (%.3g at the end of its context)",
        one.bound(machine, 0),
        one.bound(machine, one.context()));
  }

  private String reads() {
    String text =
        "a token reads %s of weights; memory gives %s/s (%s)"
            .formatted(
                Amount.bytes(footprint.read()),
                Amount.bytes(machine.bandwidth()),
                machine.measured() ? "measured" : "given");
    if (answer.way() != Way.DISK) {
      return text;
    }
    return text
        + ",%n%17s%s of them from the disk at %s/s (assumed), if all experts are used alike"
            .formatted(
                "",
                Amount.bytes(footprint.expertRead() * demand.missShare(machine)),
                Amount.bytes(machine.disk()));
  }

  private void suggestion(Suggestion one) {
    out.printf(
        FACT,
        one.choice().name(),
        "context %s, %s, at most %.3g tokens/s"
            .formatted(
                Amount.whole(one.demand().context()),
                one.way() == Way.MEMORY
                    ? size(one.demand().wholeBytes()) + " in memory"
                    : "experts read from the disk, %s of %s resident"
                        .formatted(
                            Amount.whole(one.demand().residentExperts(machine)),
                            Amount.whole(one.demand().footprint().experts())),
                one.demand().bound(machine, 0)));
  }

  private void remarks() {
    List<String> refusals = answer.result().remarks().refusals();
    if (!refusals.isEmpty()) {
      out.printf("%nthis version can't run it so:%n");
      refusals.stream().limit(SHOWN).forEach(refusal -> out.printf("  %s%n", refusal));
    }
  }

  private static String parameters(double count) {
    return count < 1e9
        ? String.format(Locale.ROOT, "%.1f million", count / 1e6)
        : String.format(Locale.ROOT, "%.1f billion", count / 1e9);
  }

  private static String size(double bytes) {
    return Amount.bytes(bytes) + " (" + Amounts.gib(bytes) + ")";
  }
}
