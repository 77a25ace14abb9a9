package dev.burhan.backendtck;

import dev.burhan.provider.Probe;
import dev.burhan.provider.Provider;
import java.util.ArrayList;
import java.util.List;

/**
 * The conformance suite for backends: of host kernels and of those that run whole graphs. Needs no
 * test framework; {@link BackendConformance} runs the same by JUnit, {@link TckMain} from the
 * command line. One caller at a time.
 */
public final class Tck {
  private final Session session;
  private final List<Check> checks = new ArrayList<>();

  private Tck(Session session) {
    this.session = session;
    TckOptions options = session.options();
    add(options, Category.OPS, new OpChecks(session).checks());
    // determinism first: what presumes it asks what was found
    add(options, Category.DETERMINISM, new BitChecks(session).determinism());
    add(options, Category.INVARIANCE, new BitChecks(session).invariance());
    add(options, Category.CONCURRENCY, new ConcurrencyChecks(session).checks());
    add(options, Category.LIFECYCLE, new LifecycleChecks(session).checks());
    add(options, Category.GOLDENS, new GoldenChecks(session).checks());
  }

  private void add(TckOptions options, Category category, List<Check> some) {
    if (options.categories().contains(category)) {
      checks.addAll(some);
    }
  }

  /** The suite for one backend's provider: a BackendProvider or a HostKernelsProvider. */
  public static Tck of(Provider provider, TckOptions options) {
    return new Tck(new Session(provider, options));
  }

  /** Runs all checks with the standard options. */
  public static TckReport run(Provider provider) {
    return of(provider, TckOptions.standard()).run();
  }

  /**
   * The checks, to be run one by one in this order: later ones are judged by what earlier ones
   * found.
   */
  public List<Check> checks() {
    return List.copyOf(checks);
  }

  /** Runs all checks. */
  public TckReport run() {
    List<CheckResult> results = new ArrayList<>();
    Probe probe = session.provider().probe();
    if (!probe.usable()) {
      results.add(
          new CheckResult(
              Category.OPS,
              "the backend can be used here",
              CheckResult.Status.FAILED,
              probe.detail()));
      return report(results);
    }
    for (Check check : checks) {
      results.add(check.run());
    }
    return report(results);
  }

  /** What was found, from the results of checks that were run. */
  public TckReport report(List<CheckResult> results) {
    return TckReport.of(session, results);
  }
}
