package dev.burhan.checkpoint.safetensors;

import dev.burhan.checkpoint.file.Hardened;
import dev.burhan.checkpoint.file.Mutations;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code -Dburhan.fuzz=N} tries N damaged files of each kind instead. */
class SafetensorsFuzzTest {
  private static final int INPUTS = Integer.getInteger("burhan.fuzz", 6_000);
  private static final String[] PIECES = {
    "0",
    "-1",
    "1e999",
    "99999999999999999999",
    "null",
    "true",
    "[",
    "]",
    "{",
    "}",
    "\"",
    ",",
    ":",
    "\\u0000",
    "\\ud800",
    "NaN",
    "\"F32\"",
    "\"shape\"",
    "\"w0\"",
    "\u00e9",
    "4294967296",
    "[[[[[[[[[[",
    "/*",
    "\n"
  };

  @TempDir Path folder;

  private static byte[] model(Random random) {
    var writer = new SafetensorsWriter().metadata("{\"format\":\"pt\"}");
    DataType[] types = {DataType.F32, DataType.F16, DataType.BF16, DataType.F8_E4M3, DataType.I64};
    for (int i = 0; i < 5; i++) {
      DataType type = types[random.nextInt(types.length)];
      writer.tensor("w" + i, type, Shape.of(i, 3), new byte[(int) type.bytes(3L * i)]);
    }
    return writer.bytes();
  }

  private static byte[] withPiece(byte[] bytes, int from, int end, Random random) {
    String piece = PIECES[random.nextInt(PIECES.length)];
    int at = random.nextInt(from, end);
    int to = Math.min(end, at + random.nextInt(6));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    byte[] middle = piece.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(at + middle.length + bytes.length - to)
        .put(text.substring(0, at).getBytes(StandardCharsets.ISO_8859_1))
        .put(middle)
        .put(text.substring(to).getBytes(StandardCharsets.ISO_8859_1))
        .array();
  }

  @Test
  void damagedFilesEndInOneClearLine() throws Exception {
    Path path = folder.resolve("damaged.safetensors");
    var hardened = new Hardened(new SafetensorsFormat(), path);
    for (int i = 0; i < INPUTS; i++) {
      var random = new Random(i);
      byte[] whole = model(random);
      int end = 8 + (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
      byte[] damaged;
      if (random.nextInt(4) == 0) {
        damaged = Mutations.mutate(whole, end, new int[] {0}, random);
      } else {
        damaged =
            withPiece(whole, 8, end, random); // the length follows, so that the JSON is reached
        ByteBuffer.wrap(damaged)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(0, end - 8 + damaged.length - whole.length);
      }
      hardened.check(path, damaged, "seed " + i);
    }
    System.out.println("safetensors: " + INPUTS + " damaged files: " + hardened.outcomes());
  }

  @Test
  void damagedConfigurationsAndIndicesEndInOneClearLine() throws Exception {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.write(model.resolve("m1.safetensors"), model(new Random(1)));
    String config =
        "{\"model_type\":\"qwen2\",\"list\":[1,2.5,null],\"rope_scaling\":{\"type\":\"yarn\",\"factor\":4e1},\"l\":[{\"a\":[true]}]}";
    String index =
        "{\"metadata\":{\"total_size\":99},\"weight_map\":{\"w0\":\"m1.safetensors\",\"w1\":\"m1.safetensors\",\"w4\":\"m1.safetensors\"}}";
    damage(model, "config.json", config, "model.safetensors.index.json", index);
    damage(model, "model.safetensors.index.json", index, "config.json", config);
  }

  private static void damage(
      Path model, String damaged, String text, String whole, String wholeText) throws Exception {
    Files.writeString(model.resolve(whole), wholeText);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] anywhere = IntStream.range(0, bytes.length - 8).toArray();
    var hardened = new Hardened(new SafetensorsFormat(), model);
    for (int i = 0; i < INPUTS; i++) {
      var random = new Random(i);
      byte[] mutated =
          random.nextInt(3) == 0
              ? Mutations.mutate(bytes, bytes.length, anywhere, random)
              : withPiece(bytes, 0, bytes.length, random);
      hardened.check(model.resolve(damaged), mutated, damaged + ", seed " + i);
    }
    System.out.println(damaged + ": " + INPUTS + " damaged files: " + hardened.outcomes());
  }
}
