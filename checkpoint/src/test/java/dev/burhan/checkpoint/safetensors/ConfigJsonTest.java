package dev.burhan.checkpoint.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigJsonTest {

  private static Map<String, Object> flatten(String json) {
    return ConfigJson.flatten("config.json", json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void nestedKeysAreJoinedByDots() {
    Map<String, Object> values =
        flatten(
            "{\"a\":1,\"rope_scaling\":{\"type\":\"yarn\",\"factor\":40.0,\"deep\":{\"x\":true}},\"none\":null,\"e\":{}}");
    assertEquals(
        List.of("a", "rope_scaling.type", "rope_scaling.factor", "rope_scaling.deep.x"),
        List.copyOf(values.keySet()));
    assertEquals(1L, values.get("a"));
    assertEquals(40.0, values.get("rope_scaling.factor"));
    assertEquals(true, values.get("rope_scaling.deep.x"));
  }

  @Test
  void listsBecomeArrays() {
    Map<String, Object> values =
        flatten(
            "{\"i\":[1,2],\"r\":[1,2.5],\"s\":[\"x\"],\"b\":[true,false],\"m\":[1,\"x\"],\"n\":[[1],[2,3]],\"none\":[]}");
    assertArrayEquals(new long[] {1, 2}, (long[]) values.get("i"));
    assertArrayEquals(new double[] {1, 2.5}, (double[]) values.get("r"));
    assertArrayEquals(new String[] {"x"}, (String[]) values.get("s"));
    assertArrayEquals(new boolean[] {true, false}, (boolean[]) values.get("b"));
    assertArrayEquals(new Object[] {1L, "x"}, (Object[]) values.get("m"));
    assertArrayEquals(new long[] {2, 3}, (long[]) ((Object[]) values.get("n"))[1]);
    assertEquals(0, ((Object[]) values.get("none")).length);
  }

  @Test
  void anEmptyListIsAnEmptyArrayOfAnyType() {
    var metadata = new Metadata("config.json", flatten("{\"none\":[],\"text\":\"two\\nlines\"}"));
    assertEquals(0, metadata.integers("none").length);
    assertEquals(0, metadata.reals("none").length);
    assertEquals(0, metadata.strings("none").length);
    var e = assertThrows(CheckpointException.class, () -> metadata.integers("text"));
    assertEquals(
        "config.json: key 'text' should be an array of integers, found String two lines",
        e.getMessage());
  }

  @Test
  void listsOfObjectsAreTakenApart() {
    Map<String, Object> values = flatten("{\"l\":[{\"a\":1,\"z\":null},{\"a\":[{\"b\":2}]}]}");
    assertEquals(Map.of("l.0.a", 1L, "l.1.a.0.b", 2L), values);
  }

  @Test
  void numbersAreLongOrDouble() {
    Map<String, Object> values =
        flatten(
            "{\"l\":9223372036854775807,\"big\":9223372036854775808,\"e\":1e-06,\"inf\":Infinity,\"neg\":-3}");
    assertEquals(Long.MAX_VALUE, values.get("l"));
    assertEquals(0x1p63, values.get("big"));
    assertEquals(1e-6, values.get("e"));
    assertEquals(Double.POSITIVE_INFINITY, values.get("inf"));
    assertEquals(-3L, values.get("neg"));
  }

  @Test
  void whatCanNotBeAConfigurationIsRefused() {
    var wrong =
        List.of(
            "[]",
            "",
            "{",
            "{\"a\":1,\"a\":2}",
            "{\"a.b\":1,\"a\":{\"b\":2}}",
            "{\"a\":[{\"b\":1,\"b\":1}]}",
            "{\"a\":" + "{\"a\":".repeat(2_000),
            "{\"" + "k".repeat(2_000) + "\":1}",
            "{\"a\":1}}",
            "nul");
    for (String json : wrong) {
      var e = assertThrows(CheckpointException.class, () -> flatten(json), json);
      assertTrue(e.getMessage().startsWith("config.json"), e::getMessage);
      assertFalse(e.getMessage().contains("\n"), e::getMessage);
    }
  }

  /**
   * Each member repeats the names above it, so a small file could ask for a hundred times itself.
   */
  @Test
  void namesRepeatedManyTimesDoNotGrowBeyondTheFile() {
    var json = new StringBuilder("{\"" + "k".repeat(1_000) + "\":{\"0\":0");
    for (int i = 1; i < 60_000; i++) {
      json.append(",\"").append(i).append("\":0");
    }
    var e = assertThrows(CheckpointException.class, () -> flatten(json.append("}}").toString()));
    assertTrue(e.getMessage().contains("larger than the whole file"), e::getMessage);
  }
}
