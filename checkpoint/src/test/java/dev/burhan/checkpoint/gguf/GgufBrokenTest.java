package dev.burhan.checkpoint.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.gguf.GgufWriter.Typed;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way of being wrong ends in one line that names the file and what is wrong in it. */
class GgufBrokenTest {
  @TempDir Path folder;

  private static GgufWriter model() {
    return new GgufWriter()
        .put("general.architecture", "llama")
        .put("llama.block_count", 2L)
        .put("tokenizer.ggml.tokens", new String[] {"a", "bc"})
        .tensor("blk.0.attn_q.weight", DataType.F32, Shape.of(2, 8), new byte[64])
        .tensor("blk.1.attn_q.weight", DataType.Q8_0, Shape.of(2, 32), new byte[68]);
  }

  private void refused(byte[] file, String... parts) throws Exception {
    Path path = folder.resolve("model.gguf");
    Files.write(path, file);
    refused(path, parts);
  }

  private static void refused(Path path, String... parts) {
    var e = assertThrows(CheckpointException.class, () -> new GgufFormat().open(path).close());
    for (String part : parts) {
      assertTrue(
          e.getMessage().contains(part), () -> "'" + part + "' is not in: " + e.getMessage());
    }
    assertTrue(e.getMessage().contains(path.getFileName().toString()), e::getMessage);
    assertEquals(1, e.getMessage().lines().count(), e::getMessage);
  }

  /** The bytes of {@link #model()} with the field behind the n-th mark of that name overwritten. */
  private byte[] with(String mark, int nth, int width, long value) {
    byte[] bytes = model().bytes();
    int[] seen = {0};
    int[] at = {-1};
    model()
        .header(
            (what, offset) -> {
              if (what.equals(mark) && seen[0]++ == nth) {
                at[0] = offset;
              }
            });
    assertTrue(at[0] >= 0, "no mark " + mark);
    var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (width) {
      case 1 -> buffer.put(at[0], (byte) value);
      case 4 -> buffer.putInt(at[0], (int) value);
      default -> buffer.putLong(at[0], value);
    }
    return bytes;
  }

  @Test
  void filesOfOtherKindsAreNamed() throws Exception {
    refused(new byte[0], "not a GGUF file", "empty");
    refused(
        "hello there\n".getBytes(StandardCharsets.UTF_8),
        "not a GGUF file",
        "found text: 'hello there");
    refused(
        "version https://git-lfs.github.com/spec/v1\noid".getBytes(StandardCharsets.UTF_8),
        "git lfs pull");
    refused("<!DOCTYPE html><html>".getBytes(StandardCharsets.UTF_8), "web page");
    refused("tjgg....".getBytes(StandardCharsets.UTF_8), "before GGUF");
    refused("GGUF".getBytes(StandardCharsets.UTF_8), "cut off at byte 4");
    refused(folder.resolve("absent.gguf"), "no such file");
    refused(folder, "found a folder");
  }

  @Test
  void aLinkThatLeadsNowhereIsNamed() throws Exception {
    Path link = folder.resolve("link.gguf");
    Files.createSymbolicLink(link, folder.resolve("gone"));
    refused(link, "the symbolic link leads nowhere");
  }

  @Test
  void aFileWithoutPermissionIsNamed() throws Exception {
    Path path = folder.resolve("secret.gguf");
    model().write(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
    Assumptions.assumeFalse(
        Files.isReadable(path), "skipped: this user may read everything (root)");
    refused(path, "no permission");
  }

  @Test
  void aDeviceIsNotReadForEver() {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/zero")), "skipped: no /dev/zero here");
    var e =
        assertThrows(CheckpointException.class, () -> new GgufFormat().open(Path.of("/dev/zero")));
    assertTrue(e.getMessage().contains("regular file"), e::getMessage);
  }

  @Test
  void versionsAreToldApart() throws Exception {
    refused(with("version", 0, 4, 1), "version 1");
    refused(with("version", 0, 4, 0x03000000), "big-endian GGUF file of version 3");
    refused(with("version", 0, 4, 77), "should be 2 or 3, found 77");
  }

  @Test
  void lyingCountsAreRefusedBeforeTheyAreBelieved() throws Exception {
    refused(
        with("tensor count", 0, 8, Long.MAX_VALUE), "tensors", "9223372036854775807", "at byte 8");
    refused(with("key count", 0, 8, -1), "keys", "18446744073709551615");
    refused(
        with("array count", 0, 8, 1L << 40),
        "key 'tokenizer.ggml.tokens'",
        "1099511627776",
        "room for");
    refused(with("string length", 0, 8, 1L << 33), "key 1 of 3", "8589934592");
    refused(with("string length", 1, 8, -7), "key 'general.architecture'");
    refused(with("rank", 0, 4, 5), "tensor 'blk.0.attn_q.weight'", "at most 4 dimensions, found 5");
    refused(with("dimension", 0, 8, -1), "tensor 'blk.0.attn_q.weight'", "too large");
    refused(with("dimension", 0, 8, 1L << 62), "tensor 'blk.0.attn_q.weight'", "too large");
    refused(
        with("dimension", 2, 8, 33),
        "tensor 'blk.1.attn_q.weight'",
        "not a whole number of Q8_0 blocks");
    refused(with("dimension", 1, 8, 200), "cut off or damaged", "'blk.0.attn_q.weight'");
  }

  @Test
  void unknownTypesAreNamedByNumber() throws Exception {
    refused(with("tensor type", 0, 4, 99), "tensor 'blk.0.attn_q.weight'", "type 99 is unknown");
    refused(with("tensor type", 0, 4, -1), "type 4294967295 is unknown");
    refused(with("tensor type", 0, 4, 4), "Q4_2", "withdrawn");
    refused(with("value type", 1, 4, 13), "key 'llama.block_count'", "value type 13 is unknown");
    refused(with("element type", 0, 4, 200), "key 'tokenizer.ggml.tokens'", "value type 200");
  }

  @Test
  void offsetsMustBeAlignedInsideAndApart() throws Exception {
    refused(
        with("offset", 1, 8, 33), "tensor 'blk.1.attn_q.weight'", "multiple of the alignment, 32");
    refused(
        with("offset", 1, 8, 32),
        "tensor 'blk.1.attn_q.weight'",
        "overlaps tensor 'blk.0.attn_q.weight'");
    refused(with("offset", 1, 8, 1L << 40), "tensor 'blk.1.attn_q.weight'", "cut off or damaged");
    refused(with("offset", 1, 8, -32), "tensor 'blk.1.attn_q.weight'");
  }

  @Test
  void namesAreUniqueAndUtf8() throws Exception {
    byte[] twice = model().bytes();
    String text = new String(twice, StandardCharsets.ISO_8859_1);
    twice[text.indexOf("blk.1") + 4] = '0';
    refused(twice, "'blk.0.attn_q.weight'", "is there already");
    refused(with("string", 0, 1, 0xff), "not UTF-8", "key 1 of 3");
  }

  @Test
  void keysAreUnique() throws Exception {
    byte[] bytes = new GgufWriter().put("key.a", 1L).put("key.b", 2L).bytes();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[text.indexOf("key.b") + 4] = 'a';
    refused(bytes, "key 'key.a'", "there twice");
  }

  @Test
  void valuesOutOfRangeAreRefused() throws Exception {
    refused(
        new GgufWriter().put("big", new Typed(GgufValues.UINT64, -1L)).bytes(),
        "key 'big'",
        "18446744073709551615",
        "too large");
    byte[] flag = new GgufWriter().put("flag", new Typed(GgufValues.UINT8, 2L)).bytes();
    flag[new String(flag, StandardCharsets.ISO_8859_1).indexOf("flag") + 4] = GgufValues.BOOL;
    refused(flag, "key 'flag'", "should be 0 or 1, found 2");
    refused(
        new GgufWriter().put("general.alignment", 24L).bytes(),
        "general.alignment",
        "power of two",
        "'24'");
    refused(new GgufWriter().put("general.alignment", "wide").bytes(), "power of two");
  }

  @Test
  void moreArrayElementsThanAnyModelNeedsAreRefused() throws Exception {
    int count = GgufValues.MOST_ELEMENTS + 1;
    byte[] header = new GgufWriter().put("many", new boolean[0]).bytes();
    byte[] bytes = java.util.Arrays.copyOf(header, header.length + count);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length - 8, count);
    refused(bytes, "key 'many'", "16777217", "the limit is 16777216");
  }

  @Test
  void deepNestingIsRefused() throws Exception {
    Object deep = new int[] {1};
    for (int i = 0; i < 10; i++) {
      deep = new Object[] {deep};
    }
    refused(new GgufWriter().put("deep", deep).bytes(), "key 'deep'", "nested more than 8 deep");
  }

  @Test
  void everyTruncationOfTheHeaderIsOneClearLine() throws Exception {
    byte[] whole = model().bytes();
    for (int length = 4; length < whole.length; length++) {
      refused(java.util.Arrays.copyOf(whole, length));
    }
  }

  @Test
  void controlCharactersOfNamesDoNotReachTheTerminal() throws Exception {
    refused(
        new GgufWriter().put("a\n\u001b[31m\u202e", new Typed(GgufValues.UINT64, -1L)).bytes(),
        "'a\\u000a\\u001b[31m\\u202e'");
  }

  @Test
  void anAbsentTensorIsAnsweredByItsNeighbours() {
    Path path = folder.resolve("model.gguf");
    model().write(path);
    try (Checkpoint checkpoint = new GgufFormat().open(path)) {
      var e =
          assertThrows(CheckpointException.class, () -> checkpoint.tensor("blk.0.attn_k.weight"));
      assertTrue(
          e.getMessage().contains("did you mean 'blk.0.attn_q.weight', 'blk.1.attn_q.weight'?"),
          e::getMessage);
      assertThrows(CheckpointException.class, () -> checkpoint.data("nothing like it"));
    }
  }

  @Test
  void readsOutsideOfATensorAreRefused() {
    Path path = folder.resolve("model.gguf");
    model().write(path);
    try (Checkpoint checkpoint = new GgufFormat().open(path)) {
      String name = "blk.0.attn_q.weight";
      var to = MemorySegment.ofArray(new byte[8]);
      assertThrows(CheckpointException.class, () -> checkpoint.read(name, 57, to));
      assertThrows(CheckpointException.class, () -> checkpoint.read(name, -1, to));
      assertThrows(CheckpointException.class, () -> checkpoint.read(name, Long.MAX_VALUE, to));
      assertThrows(IllegalArgumentException.class, () -> checkpoint.read(name, 0, to.asReadOnly()));
      checkpoint.read(name, 56, to);
    }
  }

  @Test
  void aFileThatShrinksIsAnErrorOfTheReadThatNoticesIt() throws Exception {
    Path path = folder.resolve("model.gguf");
    model().write(path);
    try (Checkpoint checkpoint = new GgufFormat().open(path)) {
      try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        channel.truncate(checkpoint.tensor("blk.0.attn_q.weight").offset() + 10);
      }
      var to = MemorySegment.ofArray(new byte[64]);
      var e =
          assertThrows(
              CheckpointException.class, () -> checkpoint.read("blk.0.attn_q.weight", 0, to));
      assertTrue(
          e.getMessage().contains("tensor 'blk.0.attn_q.weight'")
              && e.getMessage().contains("the file ended"),
          e::getMessage);
      assertThrows(CheckpointException.class, () -> checkpoint.data("blk.0.attn_q.weight"));
    }
  }

  @Test
  void useAfterCloseIsAnErrorAndNoCrash() {
    Path path = folder.resolve("model.gguf");
    model().write(path);
    Checkpoint checkpoint = new GgufFormat().open(path);
    MemorySegment data = checkpoint.data("blk.0.attn_q.weight");
    checkpoint.close();
    checkpoint.close();
    assertThrows(IllegalStateException.class, () -> data.get(ValueLayout.JAVA_BYTE, 0));
    var e = assertThrows(IllegalStateException.class, () -> checkpoint.data("blk.0.attn_q.weight"));
    assertTrue(e.getMessage().contains("is closed"), e::getMessage);
    assertThrows(
        IllegalStateException.class,
        () -> checkpoint.read("blk.0.attn_q.weight", 0, MemorySegment.ofArray(new byte[4])));
    assertEquals("llama", checkpoint.metadata().string("general.architecture"));
  }

  @Test
  void anInterruptedThreadStillReadsAndStaysInterrupted() {
    Path path = folder.resolve("model.gguf");
    byte[] data = "sixteen bytes!!!".getBytes(StandardCharsets.UTF_8);
    new GgufWriter().tensor("w", DataType.I8, Shape.of(16), data).write(path);
    try (Checkpoint checkpoint = new GgufFormat().open(path)) {
      var to = new byte[16];
      Thread.currentThread().interrupt();
      checkpoint.read("w", 0, MemorySegment.ofArray(to));
      assertTrue(Thread.interrupted());
      assertArrayEquals(data, to);
      checkpoint.read("w", 0, MemorySegment.ofArray(to));
    }
  }
}
