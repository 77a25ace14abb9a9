package dev.burhan.backendtck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Numerics;
import dev.burhan.backendtck.CheckResult.Status;
import dev.burhan.backendtck.OpRow.Support;
import dev.burhan.graph.Node;
import dev.burhan.graph.Weights;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.tensor.DataType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WhatIsNotJudgedTest {
  @TempDir Path scratch;

  private static TckReport check(WrongKernels kernels, Category... categories) {
    TckOptions options =
        TckOptions.standard()
            .withCategories(EnumSet.copyOf(List.of(categories)))
            .withOps(Set.of("Linear"));
    return Tck.of(kernels, options).run();
  }

  @Test
  void aTypeThatTheBackendDeclaresUnsupportedIsListed() {
    TckReport report =
        check(
            new WrongKernels(WrongKernels::right) {
              @Override
              boolean supports(Node node, HostKernels oracle) {
                return Weights.of(node.op()).stream()
                    .noneMatch(weight -> weight.type().equals(DataType.Q5_0));
              }
            },
            Category.OPS);
    assertTrue(report.passed(), report.text());
    assertEquals(1, report.count(Status.SKIPPED), report.text());
    assertTrue(
        report.text().contains("ops, Linear Q5_0: unsupported: backend 'wrong' has no kernel"),
        report.text());
    assertTrue(
        report.ops().stream()
            .allMatch(row -> (row.support() == Support.NO) == row.type().equals("Q5_0")),
        report.text());
  }

  @Test
  void bitsThatNobodyPromisedAreNotAskedFor() {
    TckReport report =
        check(
            new WrongKernels(WrongKernels::right) {
              @Override
              Numerics numerics() {
                return new Numerics("wrong/1", false);
              }
            },
            Category.INVARIANCE);
    assertTrue(report.passed(), report.text());
    assertEquals(report.results().size(), report.count(Status.SKIPPED), report.text());
    assertTrue(report.text().contains("batchInvariant = false"), report.text());
  }

  @Test
  void withoutReferenceOutputsGoldensAreSkippedAndFailInCi() {
    TckOptions options =
        TckOptions.standard()
            .withCategories(EnumSet.of(Category.GOLDENS))
            .withGoldens(scratch.resolve("none"));
    CheckResult result = Tck.of(new OracleProvider(), options).run().results().getFirst();
    assertEquals(
        "true".equals(System.getenv("CI")) ? Status.FAILED : Status.SKIPPED, result.status());
    assertTrue(result.detail().contains("none is missing"), result.detail());
  }

  @Test
  void theCommandLineWritesTheReport() throws Exception {
    assertEquals(0, TckMain.run(List.of("oracle", scratch.toString(), "concurrency")));
    assertTrue(Files.readString(scratch.resolve("oracle.md")).startsWith("# oracle: conforms"));
    assertTrue(Files.readString(scratch.resolve("oracle.json")).contains("\"passed\":true"));
    assertEquals(2, TckMain.run(List.of("abacus")));
    assertEquals(2, TckMain.run(List.of()));
  }
}
