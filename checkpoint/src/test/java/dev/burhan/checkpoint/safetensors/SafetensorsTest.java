package dev.burhan.checkpoint.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path folder;

  private void write(String name, String text) throws Exception {
    Files.writeString(folder.resolve(name), text);
  }

  private static void refused(Path path, String... parts) {
    var e =
        assertThrows(CheckpointException.class, () -> new SafetensorsFormat().open(path).close());
    for (String part : parts) {
      assertTrue(
          e.getMessage().contains(part), () -> "'" + part + "' is not in: " + e.getMessage());
    }
    assertEquals(1, e.getMessage().lines().count(), e::getMessage);
  }

  private void refusedHeader(String header, int dataBytes, String... parts) throws Exception {
    Path path = folder.resolve("t.safetensors");
    Files.write(path, SafetensorsWriter.file(header, dataBytes));
    refused(path, parts);
  }

  @Test
  void generationConfigHasKeysOfItsOwn() throws Exception {
    write("config.json", "{\"eos_token_id\":1}");
    write("tokenizer.json", "{}");
    write("generation_config.json", "{\"temperature\":0.6,\"eos_token_id\":[1,2]}");
    try (Checkpoint checkpoint = new SafetensorsFormat().open(folder)) {
      assertEquals(0.6, checkpoint.metadata().real("generation_config.temperature"));
      assertEquals(1, checkpoint.metadata().integer("eos_token_id", 0, 9));
      assertEquals(2, checkpoint.metadata().integers("generation_config.eos_token_id").length);
    }
    write("generation_config.json", "{\"temperature\":");
    refused(folder, "generation_config.json");
  }

  @Test
  void aFolderGivesTensorsConfigAndDocuments() throws Exception {
    write("config.json", "{\"model_type\":\"qwen2\",\"hidden_size\":8}");
    write("tokenizer.json", "{}");
    new SafetensorsWriter()
        .metadata("{\"format\":\"pt\"}")
        .tensor("a", DataType.BF16, Shape.of(2, 2), new byte[] {1, 2, 3, 4, 5, 6, 7, 8})
        .tensor("empty", DataType.F32, Shape.of(0, 4), new byte[0])
        .tensor("b", DataType.F8_E4M3, Shape.of(3), new byte[] {9, 10, 11})
        .tensor("scalar", DataType.I64, Shape.of(), new byte[8])
        .write(folder.resolve("model.safetensors"));
    var format = new SafetensorsFormat();
    assertTrue(format.recognises(folder));
    try (Checkpoint checkpoint = format.open(folder)) {
      assertEquals("safetensors", checkpoint.format());
      assertEquals("qwen2", checkpoint.metadata().string("model_type"));
      assertEquals(Shape.of(2, 2), checkpoint.tensor("a").shape());
      assertArrayEquals(
          new byte[] {9, 10, 11}, checkpoint.data("b").toArray(ValueLayout.JAVA_BYTE));
      assertEquals(0, checkpoint.data("empty").byteSize());
      assertArrayEquals(
          "{}".getBytes(StandardCharsets.UTF_8),
          checkpoint.document("tokenizer.json").orElseThrow());
      assertTrue(checkpoint.document("chat_template.jinja").isEmpty());
    }
  }

  @Test
  void aFolderWithTokenizerFilesOnlyHasNoTensors() throws Exception {
    write("tokenizer.json", "{}");
    try (Checkpoint checkpoint = new SafetensorsFormat().open(folder)) {
      assertTrue(checkpoint.tensors().isEmpty());
      assertTrue(checkpoint.metadata().keys().isEmpty());
      var e = assertThrows(CheckpointException.class, () -> checkpoint.tensor("w"));
      assertTrue(e.getMessage().contains("no tensors at all"), e::getMessage);
    }
  }

  @Test
  void documentsAreFoundByPlainNamesOnly() throws Exception {
    write("tokenizer.json", "{}");
    Path hub = Files.createDirectory(folder.resolve("blobs"));
    Files.writeString(hub.resolve("abc"), "linked");
    Files.createSymbolicLink(folder.resolve("chat_template.jinja"), Path.of("blobs", "abc"));
    try (Checkpoint checkpoint = new SafetensorsFormat().open(folder)) {
      assertEquals(
          "linked",
          new String(
              checkpoint.document("chat_template.jinja").orElseThrow(), StandardCharsets.UTF_8));
      for (String name :
          List.of(
              "../secret",
              "/etc/passwd",
              "a/b",
              "..",
              ".",
              "",
              "a\\b",
              "C:x",
              "a\0b",
              "x".repeat(300))) {
        assertThrows(CheckpointException.class, () -> checkpoint.document(name), name);
      }
      var e = assertThrows(CheckpointException.class, () -> checkpoint.document("blobs"));
      assertTrue(e.getMessage().contains("found a folder"), e::getMessage);
    }
  }

  @Test
  void shardsOpenThroughTheirIndex() throws Exception {
    write("config.json", "{}");
    shards();
    try (Checkpoint checkpoint = new SafetensorsFormat().open(folder)) {
      assertEquals(List.of("a", "b", "c"), List.copyOf(checkpoint.tensors().keySet()));
      assertEquals(2, checkpoint.files().size());
      assertArrayEquals(new byte[] {3}, checkpoint.data("c").toArray(ValueLayout.JAVA_BYTE));
    }
  }

  private void shards() throws Exception {
    new SafetensorsWriter()
        .tensor("a", DataType.I8, Shape.of(1), new byte[] {1})
        .tensor("b", DataType.I8, Shape.of(1), new byte[] {2})
        .write(folder.resolve("model-00001-of-00002.safetensors"));
    new SafetensorsWriter()
        .tensor("c", DataType.I8, Shape.of(1), new byte[] {3})
        .write(folder.resolve("model-00002-of-00002.safetensors"));
    index("model-00002-of-00002.safetensors");
  }

  private void index(String shardOfC) throws Exception {
    String first = "model-00001-of-00002.safetensors";
    write(
        "model.safetensors.index.json",
        """
        {"metadata":{"total_size":3},"weight_map":{"a":"%s","b":"%s","c":"%s"}}"""
            .formatted(first, first, shardOfC));
  }

  @Test
  void aWrongIndexIsNamed() throws Exception {
    write("config.json", "{}");
    shards();
    index("model-00001-of-00002.safetensors");
    refused(
        folder, "model-00001-of-00002.safetensors", "tensor 'c' is not in this file", "index.json");
    index("model-00003-of-00002.safetensors");
    refused(folder, "model-00003-of-00002.safetensors", "missing");
    index("../model.safetensors");
    refused(folder, "index.json", "plain name");
    write("model.safetensors.index.json", "{\"weight_map\":{\"a\":5}}");
    refused(folder, "index.json", "tensor 'a'", "found '5'");
    write("model.safetensors.index.json", "{\"weight_map\":{}}");
    refused(folder, "index.json", "weight_map");
  }

  @Test
  void foldersOfOtherKindsSayWhatTheyHold() throws Exception {
    refused(folder, "config.json", "the folder is empty");
    write("pytorch_model.bin", "");
    refused(folder, "PyTorch");
    write("x.gguf", "");
    refused(folder, "name one of them (x.gguf)");
    assertFalse(new SafetensorsFormat().recognises(folder));
    new SafetensorsWriter().write(folder.resolve("model.safetensors"));
    refused(folder, "there should be a file config.json");
  }

  @Test
  void lyingLengthsAreRefused() throws Exception {
    Path path = folder.resolve("t.safetensors");
    byte[] good =
        new SafetensorsWriter().tensor("w", DataType.F32, Shape.of(2), new byte[8]).bytes();
    for (int length = 0; length < good.length; length++) {
      Files.write(path, Arrays.copyOf(good, length));
      refused(path, "t.safetensors");
    }
    Files.write(path, new byte[0]);
    refused(path, "empty");
    Files.writeString(path, "hello, this is just a text file");
    refused(path, "not a safetensors file", "found text");
  }

  @Test
  void wrongDescriptionsAreNamed() throws Exception {
    refusedHeader(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
        4,
        "'w'",
        "needs 8 bytes",
        "give it 4");
    refusedHeader(
        "{\"w\":{\"dtype\":\"Q9\",\"shape\":[2],\"data_offsets\":[0,4]}}",
        4,
        "'w'",
        "dtype 'Q9' is unknown");
    refusedHeader(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        8,
        "end at byte",
        "damaged");
    refusedHeader(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4, "'w'", "cut off");
    refusedHeader(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "'w'", "[4, 0]");
    refusedHeader(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
        4,
        "'w'",
        "found '-1'");
    refusedHeader(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}",
        4,
        "'w'",
        "too large");
    refusedHeader(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}",
        4,
        "'w'");
    refusedHeader(
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}",
        4,
        "'w'",
        "found '1.5'");
    refusedHeader("{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "'w'", "data_offsets");
    refusedHeader("{\"w\":[]}", 4, "'w'", "found an array");
    String w = "{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[%s]}";
    refusedHeader(
        "{\"a\":" + w.formatted("0,2") + ",\"b\":" + w.formatted("1,3") + "}",
        3,
        "'b'",
        "overlaps tensor 'a'");
    refusedHeader(
        "{\"a\":" + w.formatted("0,2") + ",\"b\":" + w.formatted("3,5") + "}",
        5,
        "'b'",
        "belong to no tensor");
    refusedHeader(
        "{\"a\":" + w.formatted("0,2") + ",\"a\":" + w.formatted("2,4") + "}",
        4,
        "'a' is there twice");
  }

  @Test
  void wrongJsonIsNamed() throws Exception {
    refusedHeader("[1,2]", 0, "expected an object");
    refusedHeader("{\"w\":", 0, "not valid JSON");
    refusedHeader("{} {}", 0, "behind the end");
    refusedHeader("{\"w\":" + "[".repeat(5_000), 0, "t.safetensors");
    refusedHeader("{\"w\":{\"x\":" + "[".repeat(500) + "]".repeat(500) + "}}", 0, "nesting depth");
    refusedHeader("{\"__metadata__\":{\"a\":1}}", 0, "strings only");
    Path path = folder.resolve("t.safetensors");
    byte[] bytes = SafetensorsWriter.file("{\"x\":1}", 0);
    bytes[10] = (byte) 0xff;
    Files.write(path, bytes);
    refused(path, "not UTF-8");
  }
}
