package dev.burhan.backendtck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Backend;
import dev.burhan.backend.BackendProvider;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.backend.Resident;
import dev.burhan.backend.WeightStore;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.executor.HostBackend;
import dev.burhan.kernel.executor.NamedKernels;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** Backends that are wrong in one way: the suite finds it, and in no other category. */
class WrongBackendsTest {

  /** Without whole models of others, and with the few ops that the wrong kernels meet. */
  private static TckReport check(Provider provider) {
    TckOptions options =
        TckOptions.standard()
            .withCategories(EnumSet.complementOf(EnumSet.of(Category.GOLDENS)))
            .withOps(Set.of("Linear", "Add"));
    return Tck.of(provider, options).run();
  }

  private static void assertFails(Provider provider, Category expected, String... words) {
    TckReport report = check(provider);
    assertEquals(Set.of(expected), report.failed(), report.text());
    String text = report.text();
    for (String word : words) {
      assertTrue(text.contains(word), text);
    }
  }

  @Test
  void withoutAMistakeTheSameKernelsConform() {
    TckReport report = check(new WrongKernels(WrongKernels::right));
    assertTrue(report.passed(), report.text());
    assertEquals(0, report.count(CheckResult.Status.SKIPPED), report.text());
    assertTrue(report.json().contains("\"passed\":true"), report.json());
  }

  /** A loop over whole vectors of 16, and one over what is left that begins one too late. */
  @Test
  void aTailLoopThatIsOffByOneFailsByOp() {
    assertFails(
        new WrongKernels(
            (w, x, _) -> {
              float sum = 0;
              int whole = w.length / 16 * 16;
              for (int i = 0; i < whole; i++) {
                sum = Math.fma(w[i], x[i], sum);
              }
              for (int i = whole + 1; i < w.length; i++) {
                sum = Math.fma(w[i], x[i], sum);
              }
              return sum;
            }),
        Category.OPS,
        "ops, Linear F32");
  }

  /** Four partial sums, added up in the order in which they were ready. */
  @Test
  void sumsInOrderOfArrivalDoNotRepeat() {
    assertFails(
        new WrongKernels(
            (w, x, _) -> {
              List<Float> sums = new ArrayList<>(List.of(0f, 0f, 0f, 0f));
              for (int i = 0; i < w.length; i++) {
                sums.set(i % 4, Math.fma(w[i], x[i], sums.get(i % 4)));
              }
              Collections.shuffle(sums, ThreadLocalRandom.current());
              return sums.get(0) + sums.get(1) + sums.get(2) + sums.get(3);
            }),
        Category.DETERMINISM,
        "dense model of F32",
        "bits differ over repeats");
  }

  /** One column has one sum, several have two for the sake of speed. */
  @Test
  void anotherOrderOfSumsForSeveralColumnsDependsOnTheCompany() {
    assertFails(
        new WrongKernels(
            (w, x, columns) -> {
              if (columns == 1) {
                return WrongKernels.right(w, x, columns);
              }
              float even = 0;
              float odd = 0;
              for (int i = 0; i < w.length; i += 2) {
                even = Math.fma(w[i], x[i], even);
                odd = i + 1 < w.length ? Math.fma(w[i + 1], x[i + 1], odd) : odd;
              }
              return even + odd;
            }),
        Category.INVARIANCE,
        "alone and among");
  }

  /** A copy of each weight in an arena that nobody closes. */
  @Test
  void anArenaThatIsNeverClosedIsLeft() {
    assertFails(
        new WrongKernels(WrongKernels::right) {
          @Override
          void bound(Resident weight) {
            Arena.ofShared().allocate(weight.segment().byteSize()).copyFrom(weight.segment());
          }
        },
        Category.LIFECYCLE,
        "more blocks of memory of arenas are held");
  }

  /** Threads that read ahead, which closing the library forgets. */
  @Test
  void threadsThatAreNeverEndedAreLeft() {
    assertFails(
        new WrongKernels(WrongKernels::right) {
          @Override
          public HostKernels open(Map<String, String> options) {
            ExecutorService ahead =
                Executors.newSingleThreadExecutor(
                    body -> Thread.ofPlatform().daemon().name("reads ahead").unstarted(body));
            ahead.execute(() -> {});
            return super.open(options);
          }
        },
        Category.LIFECYCLE,
        "[reads ahead]");
  }

  /** Runs whole graphs, and takes weights that it never gives back. */
  @Test
  void weightsThatAreNeverGivenBackAreLeft() {
    assertFails(new Hoarder(), Category.LIFECYCLE, "weights are held");
  }

  private static final class Hoarder implements BackendProvider {
    @Override
    public String name() {
      return "hoarder";
    }

    @Override
    public Backend open(Map<String, String> options, Host host) {
      Backend oracle =
          new HostBackend(
              List.of(new NamedKernels("hoarder", new OracleProvider().open(options))),
              host.memory());
      return new Backend() {
        @Override
        public Plan plan(Graph graph, Limits limits) {
          return oracle.plan(graph, limits);
        }

        @Override
        public Program compile(Plan plan, WeightStore weights) {
          Program program = oracle.compile(plan, weights);
          for (Weight weight : plan.graph().weights()) {
            weights.acquire(weight, Layout.FILE);
          }
          return program;
        }

        @Override
        public void close() {
          oracle.close();
        }
      };
    }
  }
}
