package dev.burhan.backendtck;

import dev.burhan.provider.Provider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The conformance suite as JUnit tests, one a check: extend it and name the provider. The report
 * goes to {@code target/tck}.
 */
public abstract class BackendConformance {
  private final List<CheckResult> results = new ArrayList<>();
  private Tck tck;

  /** The backend that is checked. */
  protected abstract Provider provider();

  protected TckOptions options() {
    return TckOptions.standard();
  }

  @TestFactory
  Stream<DynamicNode> conforms() {
    Assertions.assertTrue(provider().probe().usable(), provider().probe().detail());
    tck = Tck.of(provider(), options());
    Map<Category, List<DynamicNode>> tests = new EnumMap<>(Category.class);
    for (Check check : tck.checks()) {
      tests
          .computeIfAbsent(check.category(), _ -> new ArrayList<>())
          .add(DynamicTest.dynamicTest(check.name(), () -> run(check)));
    }
    return tests.entrySet().stream()
        .map(entry -> DynamicContainer.dynamicContainer(entry.getKey().name(), entry.getValue()));
  }

  private void run(Check check) {
    CheckResult result = check.run();
    results.add(result);
    switch (result.status()) {
      case PASSED -> {}
      case SKIPPED -> {
        if (result.category() == Category.GOLDENS) {
          System.out.println(provider().name() + ", " + result.name() + ": " + result.detail());
        }
        Assumptions.abort(result.detail());
      }
      case FAILED -> Assertions.fail(result.detail());
    }
  }

  @AfterEach
  void report() {
    if (tck != null) {
      tck.report(results).write(Path.of("target", "tck"), getClass().getSimpleName());
    }
  }
}
