package dev.burhan.backendtck;

import dev.burhan.backendtck.CheckResult.Status;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.provider.Provider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the suite found.
 *
 * @param backend the provider's name
 * @param detail what its probe found
 * @param modes in which it was checked
 * @param companions libraries that were joined to it
 * @param numerics what it promises about bits, in words
 * @param machine where it ran
 * @param results of each check, in the order in which they ran
 * @param ops the table of ops and types
 */
public record TckReport(
    String backend,
    String detail,
    List<String> modes,
    List<String> companions,
    String numerics,
    String machine,
    List<CheckResult> results,
    List<OpRow> ops) {

  public TckReport {
    modes = List.copyOf(modes);
    companions = List.copyOf(companions);
    results = List.copyOf(results);
    ops = List.copyOf(ops);
  }

  static TckReport of(Session session, List<CheckResult> results) {
    Provider provider = session.provider();
    boolean usable = provider.probe().usable();
    return new TckReport(
        provider.name(),
        provider.probe().detail(),
        usable ? session.modes().stream().map(Subject::mode).toList() : List.of(),
        session.companions().stream().map(Provider::name).toList(),
        usable ? numerics(session) : "",
        "%s %s, %d processors, Java %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                Runtime.version()),
        results,
        session.rows());
  }

  private static String numerics(Session session) {
    Set<String> promises = new TreeSet<>();
    for (Subject mode : session.modes()) {
      try (Stage stage = new Stage(mode)) {
        for (Trial trial : ModelTrials.all()) {
          var plan = stage.plan(trial);
          if (plan.possible()) {
            promises.add(
                plan.numerics().id()
                    + (plan.numerics().batchInvariant() ? "" : " (not batch-invariant)"));
          }
        }
      }
    }
    return String.join(", ", promises);
  }

  public boolean passed() {
    return results.stream().noneMatch(CheckResult::failed);
  }

  /** The categories of which a check failed. */
  public Set<Category> failed() {
    return results.stream()
        .filter(CheckResult::failed)
        .map(CheckResult::category)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  public long count(Status status) {
    return results.stream().filter(result -> result.status() == status).count();
  }

  /** For people: Markdown, which reads well as it is. */
  public String text() {
    return new ReportText(this).toString();
  }

  /** For programs. */
  public String json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("backend", backend);
    all.put("detail", detail);
    all.put("modes", modes);
    all.put("companions", companions);
    all.put("numerics", numerics);
    all.put("machine", machine);
    all.put("passed", passed());
    all.put("checks", results.stream().map(TckReport::json).toList());
    all.put("ops", ops.stream().map(TckReport::json).toList());
    return JsonText.of(all);
  }

  private static Map<String, Object> json(CheckResult result) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("category", result.category().name().toLowerCase());
    all.put("name", result.name());
    all.put("status", result.status().name().toLowerCase());
    all.put("detail", result.detail());
    return all;
  }

  private static Map<String, Object> json(OpRow row) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("op", row.op());
    all.put("type", row.type());
    all.put("mode", row.mode());
    all.put("support", row.support().name().toLowerCase());
    all.put("note", row.note());
    all.put("largestError", row.largest());
    all.put("tolerance", row.tolerance());
    row.speed()
        .ifPresent(
            speed -> {
              all.put("promptGmacs", speed.prompt());
              all.put("generatedGBs", speed.generated());
              all.put("promptOfOracle", speed.promptOfOracle());
              all.put("generatedOfOracle", speed.generatedOfOracle());
            });
    return all;
  }

  /**
   * Writes NAME.md and NAME.json.
   *
   * @param folder made if it is not there
   */
  public void write(Path folder, String name) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(name + ".md"), text());
      Files.writeString(folder.resolve(name + ".json"), json() + System.lineSeparator());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
