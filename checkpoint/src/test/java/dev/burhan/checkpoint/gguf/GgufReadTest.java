package dev.burhan.checkpoint.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.gguf.GgufWriter.Typed;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufReadTest {
  @TempDir Path folder;

  private static byte[] bytes(int count) {
    var bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (i * 7 + 1);
    }
    return bytes;
  }

  private Checkpoint open(GgufWriter writer) {
    Path path = folder.resolve("model.gguf");
    writer.write(path);
    return new GgufFormat().open(path);
  }

  @Test
  void everyScalarTypeComesBackAsItsJavaType() {
    var writer =
        new GgufWriter()
            .put("u8", new Typed(GgufValues.UINT8, 255L))
            .put("i8", new Typed(GgufValues.INT8, -128L))
            .put("u16", new Typed(GgufValues.UINT16, 65_535L))
            .put("i16", new Typed(GgufValues.INT16, -32_768L))
            .put("u32", 4_294_967_295L)
            .put("i32", -5)
            .put("u64", new Typed(GgufValues.UINT64, Long.MAX_VALUE))
            .put("i64", Long.MIN_VALUE)
            .put("f32", 0.1f)
            .put("f64", 0.1)
            .put("yes", true)
            .put("text", "برهان, proof, 证明");
    try (Checkpoint checkpoint = open(writer)) {
      var metadata = checkpoint.metadata();
      assertEquals(255L, metadata.value("u8").orElseThrow());
      assertEquals(-128L, metadata.value("i8").orElseThrow());
      assertEquals(65_535L, metadata.value("u16").orElseThrow());
      assertEquals(-32_768L, metadata.value("i16").orElseThrow());
      assertEquals(4_294_967_295L, metadata.value("u32").orElseThrow());
      assertEquals(-5L, metadata.value("i32").orElseThrow());
      assertEquals(Long.MAX_VALUE, metadata.value("u64").orElseThrow());
      assertEquals(Long.MIN_VALUE, metadata.value("i64").orElseThrow());
      assertEquals((double) 0.1f, metadata.value("f32").orElseThrow());
      assertEquals(0.1, metadata.value("f64").orElseThrow());
      assertEquals(true, metadata.value("yes").orElseThrow());
      assertEquals("برهان, proof, 证明", metadata.string("text"));
      assertEquals(writer.keys(), List.copyOf(metadata.keys()));
    }
  }

  @Test
  void arraysComeBackAsJavaArrays() {
    var writer =
        new GgufWriter()
            .put("texts", new String[] {"a", "", "ü"})
            .put("ints", new int[] {1, -2})
            .put("bytes", new Typed(GgufValues.UINT8, new long[] {0, 200, 255}))
            .put("reals", new float[] {1.5f, -2})
            .put("bools", new boolean[] {true, false})
            .put(
                "nested",
                new Object[] {new int[] {1}, new String[] {"x"}, new Object[] {new long[] {3, 4}}})
            .put("empty", new String[0]);
    try (Checkpoint checkpoint = open(writer)) {
      var metadata = checkpoint.metadata();
      assertArrayEquals(new String[] {"a", "", "ü"}, metadata.strings("texts"));
      assertArrayEquals(new long[] {1, -2}, metadata.integers("ints"));
      assertArrayEquals(new long[] {0, 200, 255}, metadata.integers("bytes"));
      assertArrayEquals(new double[] {1.5, -2}, metadata.reals("reals"));
      assertArrayEquals(
          new boolean[] {true, false}, (boolean[]) metadata.value("bools").orElseThrow());
      var nested = assertInstanceOf(Object[].class, metadata.value("nested").orElseThrow());
      assertArrayEquals(new long[] {3, 4}, (long[]) ((Object[]) nested[2])[0]);
      assertEquals(0, metadata.strings("empty").length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 32, 4096})
  void tensorsLieWhereTheAlignmentPutsThem(int alignment) {
    byte[] one = bytes(12);
    byte[] two = bytes(36);
    var writer =
        new GgufWriter()
            .alignment(alignment)
            .tensor("one", DataType.F32, Shape.of(3), one)
            .tensor("two", DataType.Q4_0, Shape.of(2, 32), two);
    try (Checkpoint checkpoint = open(writer)) {
      assertEquals(List.of("one", "two"), List.copyOf(checkpoint.tensors().keySet()));
      assertEquals(0, checkpoint.tensor("two").offset() % alignment);
      assertArrayEquals(one, checkpoint.data("one").toArray(ValueLayout.JAVA_BYTE));
      assertArrayEquals(two, checkpoint.data("two").toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void shapesAreOutermostFirst() {
    var writer =
        new GgufWriter()
            .tensor("experts", DataType.Q8_0, Shape.of(3, 2, 64), bytes(3 * 2 * 2 * 34))
            .tensor("scalar", DataType.F32, Shape.of(), bytes(4))
            .tensor("none", DataType.F32, Shape.of(0, 5), bytes(0));
    try (Checkpoint checkpoint = open(writer)) {
      assertEquals(Shape.of(3, 2, 64), checkpoint.tensor("experts").shape());
      assertEquals(Shape.of(), checkpoint.tensor("scalar").shape());
      assertEquals(0, checkpoint.data("none").byteSize());
    }
  }

  @Test
  void typesThatNoBackendMayKnowAreStillOpenedAndSized() {
    DataType iq4 = GgmlTypes.type(23).orElseThrow();
    try (Checkpoint checkpoint =
        open(new GgufWriter().tensor("w", iq4, Shape.of(2, 512), bytes(4 * 136)))) {
      assertEquals("IQ4_XS", checkpoint.tensor("w").type().name());
      assertEquals(4 * 136, checkpoint.data("w").byteSize());
    }
  }

  @Test
  void versionTwoIsRead() {
    try (Checkpoint checkpoint = open(new GgufWriter().version(2).put("k", "v"))) {
      assertEquals("v", checkpoint.metadata().string("k"));
      assertTrue(checkpoint.document("tokenizer.json").isEmpty());
    }
  }

  @Test
  void aStringLongerThanTheReadersWindowIsRead() {
    String text = "wide é".repeat(100_000);
    try (Checkpoint checkpoint =
        open(new GgufWriter().put("before", 1L).put("long", text).put("after", 2L))) {
      assertEquals(text, checkpoint.metadata().string("long"));
      assertEquals(2, checkpoint.metadata().integer("after", 0, 9));
    }
  }

  @Test
  void readIsByPositionIntoAnySegment() {
    byte[] data = bytes(4000);
    try (Checkpoint checkpoint =
        open(new GgufWriter().tensor("w", DataType.F32, Shape.of(1000), data))) {
      var part = new byte[100];
      checkpoint.read("w", 1234, MemorySegment.ofArray(part));
      assertArrayEquals(java.util.Arrays.copyOfRange(data, 1234, 1334), part);
      var floats = new float[1000];
      checkpoint.read("w", 0, MemorySegment.ofArray(floats));
      var expected = new float[1000];
      ByteBuffer.wrap(data).order(ByteOrder.nativeOrder()).asFloatBuffer().get(expected);
      assertArrayEquals(expected, floats);
    }
  }

  @Test
  void tensorsBeyondTwoGibibytesAreReached() throws Exception {
    long rows = 700_000_000;
    Path path = folder.resolve("large.gguf");
    byte[] bytes =
        new GgufWriter()
            .described("large", DataType.F32, Shape.of(rows))
            .described("last", DataType.F32, Shape.of(8))
            .header((what, offset) -> {});
    long start = (bytes.length + 31L) / 32 * 32;
    try (var out =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
      out.write(ByteBuffer.wrap(bytes), 0);
      out.write(ByteBuffer.wrap(bytes(32)), start + rows * 4);
    }
    try (Checkpoint checkpoint = new GgufFormat().open(path)) {
      assertEquals(rows * 4, checkpoint.data("large").byteSize());
      assertEquals(0, checkpoint.data("large").get(ValueLayout.JAVA_BYTE, rows * 4 - 1));
      assertArrayEquals(bytes(32), checkpoint.data("last").toArray(ValueLayout.JAVA_BYTE));
    } finally {
      Files.delete(path);
    }
  }

  @Test
  void recognisesByContentAndNotByName() throws Exception {
    Path named = folder.resolve("model.gguf");
    Files.writeString(named, "just text, and not little of it");
    Path unnamed = folder.resolve("blob");
    new GgufWriter().put("k", "v").write(unnamed);
    var format = new GgufFormat();
    assertFalse(format.recognises(named));
    assertTrue(format.recognises(unnamed));
    assertFalse(format.recognises(folder));
    assertFalse(format.recognises(folder.resolve("absent")));
  }
}
