package dev.burhan.kernel.inspect;

import dev.burhan.backend.Plan;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.kernel.inspect.Inspection.BackendPlan;
import dev.burhan.kernel.inspect.Inspection.TypeShare;
import dev.burhan.kernel.report.Amount;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An inspection for people. */
final class InspectionText {
  private static final String FACT = "  %-18s %s%n";
  private static final String TENSORS = "  %-10s %8s %16s %12s%n";

  private final Inspection inspection;
  private final PrintStream out;

  InspectionText(Inspection inspection, PrintStream out) {
    this.inspection = inspection;
    this.out = out;
  }

  void print() {
    TypeShare total = inspection.total();
    out.printf(
        "%s: %s, %s of tensors in %s%n",
        inspection.model(), inspection.checkpoint().format(), Amount.bytes(total.bytes()), files());
    inspection.graph().ifPresent(graph -> facts(ArchitectureFacts.of(graph)));
    tensors(total);
    inspection.plan().ifPresent(this::plan);
    inspection.missing().forEach(reason -> out.printf("%nnot shown: %s%n", reason));
    metadata(inspection.checkpoint().metadata());
  }

  private String files() {
    List<Path> files = inspection.checkpoint().files();
    return files.isEmpty()
        ? inspection.checkpoint().path().toString()
        : files.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  private void facts(Map<String, Object> facts) {
    out.printf("%narchitecture%n");
    facts.forEach(
        (key, value) ->
            out.printf(
                FACT,
                key.replace('_', ' '),
                value instanceof Number number ? Amount.whole(number.longValue()) : value));
  }

  private void tensors(TypeShare total) {
    out.printf("%ntensors%n");
    out.printf(TENSORS, "type", "tensors", "parameters", "bytes");
    inspection.tensors().forEach(share -> tensorLine(share.type().name(), share));
    tensorLine("all", total);
  }

  private void tensorLine(String name, TypeShare share) {
    out.printf(
        TENSORS,
        name,
        Amount.whole(share.tensors()),
        Amount.whole(share.parameters()),
        Amount.bytes(share.bytes()));
  }

  private void plan(BackendPlan chosen) {
    Plan plan = chosen.plan();
    out.printf(
        "%nplan on backend %s: context %s, %d threads%n",
        chosen.backend(), Amount.whole(plan.limits().context()), plan.limits().threads());
    out.printf(FACT, "weights", Amount.bytes(plan.weightBytes()));
    out.printf(
        FACT,
        "KV cache",
        Amount.bytes(chosen.cacheBytes())
            + " ("
            + Amount.bytes(chosen.cacheBytesPerToken())
            + " a token)");
    out.printf(FACT, "scratch", Amount.bytes(plan.scratchBytes()));
    out.printf(FACT, "memory in all", Amount.bytes(chosen.totalBytes()));
    out.printf(
        FACT,
        "a token costs",
        Amount.bytes(plan.bytesPerToken())
            + " of weights read, "
            + Amount.scaled(plan.flopsPerToken(), "FLOP")
            + " without attention");
    out.printf(FACT, "nodes run by", placement(chosen));
    out.printf(
        FACT,
        "numerics",
        plan.numerics().id() + (plan.numerics().batchInvariant() ? "" : ", not batch-invariant"));
    plan.refusals().forEach(refusal -> out.printf(FACT, "can't run", refusal));
  }

  private static String placement(BackendPlan chosen) {
    return chosen.placement().entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  private void metadata(Metadata metadata) {
    out.printf("%nmetadata%n");
    int width = metadata.keys().stream().mapToInt(String::length).max().orElse(1);
    for (String key : metadata.keys()) {
      out.printf(
          "  %-" + width + "s  %s%n",
          key,
          metadata.value(key).map(MetadataText::line).orElse("null"));
    }
  }
}
