package dev.burhan.kernel.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  @Test
  void jsonHoldsWhatReportsAreMadeOf() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("text", "a \"b\"");
    map.put("path", Path.of("folder", "file"));
    map.put("numbers", new double[] {1.5, Double.NaN});
    map.put("list", Arrays.asList(1, 2L, null, true));
    assertEquals(
        "{\"text\":\"a \\\"b\\\"\",\"path\":\""
            + Path.of("folder", "file")
            + "\",\"numbers\":[1.5,null],\"list\":[1,2,null,true]}",
        JsonText.of(map));
  }

  @Test
  void amountsAreShort() {
    assertEquals("0 B", Amount.bytes(0));
    assertEquals("999 B", Amount.bytes(999));
    assertEquals("1.0 kB", Amount.bytes(999.96));
    assertEquals("96.6 MB", Amount.bytes(96_600_000));
    assertEquals("1.0 G", Amount.scaled(999_990_000, ""));
    assertEquals("134,515,008", Amount.whole(134_515_008));
  }
}
