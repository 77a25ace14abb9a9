package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Evaluations in the distribution. */
class EvalTest {

  private static Shell.Result run(Object... args) throws Exception {
    var command = new ArrayList<Object>();
    command.add(Places.distribution().resolve("bin/burhan"));
    command.addAll(List.of(args));
    return new Shell().run(command.toArray());
  }

  @Test
  void aBackendAgreesWithItself() throws Exception {
    var result =
        run("--osgi", "compare", "--backends", "vector,vector", "--digits", "2", "--limit", "8")
            .exitsWith(0);
    List<String> lines = result.out().lines().toList();
    assertEquals(4, lines.size(), result.out());
    for (String line : lines.subList(2, 4)) {
      String[] cells = line.split(" *\\| *");
      assertEquals("vector", cells[1]);
      assertEquals(cells[2], cells[7], "same text in " + line);
    }
  }

  @Test
  void wrongWishesAreOneLine() throws Exception {
    run("eval", "--model", "any", "sums").exitsWith(2).saysOneLine().says("arithmetic");
  }
}
