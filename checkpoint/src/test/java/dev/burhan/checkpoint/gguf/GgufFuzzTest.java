package dev.burhan.checkpoint.gguf;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.file.Hardened;
import dev.burhan.checkpoint.file.Mutations;
import dev.burhan.checkpoint.gguf.GgufWriter.Typed;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code -Dburhan.fuzz=N} tries N damaged files instead. */
class GgufFuzzTest {
  private static final int INPUTS = Integer.getInteger("burhan.fuzz", 12_000);

  @TempDir Path folder;

  private static GgufWriter model(Random random) {
    var tokens = new String[40];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = "tok\u0120é".repeat(random.nextInt(4)) + i;
    }
    var writer =
        new GgufWriter()
            .put("general.architecture", "qwen2")
            .put("qwen2.block_count", 2L)
            .put("qwen2.rope.freq_base", 1e6f)
            .put("small", new Typed(GgufValues.UINT8, 7L))
            .put("huge", new Typed(GgufValues.UINT64, 1L << 40))
            .put("tokenizer.ggml.add_bos_token", false)
            .put("tokenizer.ggml.tokens", tokens)
            .put("tokenizer.ggml.token_type", new int[40])
            .put("tokenizer.ggml.scores", new float[40])
            .put("nested", new Object[] {new Object[] {new int[] {1, 2}}, new boolean[] {true}});
    DataType[] types = {DataType.F32, DataType.F16, DataType.Q4_0, DataType.Q6_K, DataType.Q8_0};
    for (int i = 0; i < 6; i++) {
      DataType type = types[random.nextInt(types.length)];
      var shape = Shape.of(2, 256);
      writer.tensor("blk." + i + ".w", type, shape, new byte[(int) type.bytes(512)]);
    }
    return writer;
  }

  @Test
  void damagedFilesEndInOneClearLine() throws Exception {
    Path path = folder.resolve("damaged.gguf");
    var hardened = new Hardened(new GgufFormat(), path);
    for (int i = 0; i < INPUTS; i++) {
      var random = new Random(i);
      GgufWriter writer = model(random);
      List<Integer> offsets = new ArrayList<>();
      byte[] header = writer.header((what, offset) -> offsets.add(offset));
      int[] interesting =
          offsets.stream().filter(offset -> offset + 8 < header.length).mapToInt(o -> o).toArray();
      hardened.check(
          path, Mutations.mutate(writer.bytes(), header.length, interesting, random), "seed " + i);
    }
    System.out.println("gguf: " + INPUTS + " damaged files: " + hardened.outcomes());
    int early = hardened.outcomes().getOrDefault("refused at the first bytes", 0);
    assertTrue(
        early < INPUTS / 2,
        () -> "most inputs should get past the first bytes: " + hardened.outcomes());
  }

  @Test
  void everyTruncationAndEveryLyingFieldEndsInOneClearLine() throws Exception {
    Path path = folder.resolve("lying.gguf");
    var hardened = new Hardened(new GgufFormat(), path);
    GgufWriter writer = model(new Random(1));
    byte[] whole = writer.bytes();
    for (int length = 0; length < writer.header((what, offset) -> {}).length; length++) {
      hardened.check(path, Arrays.copyOf(whole, length), "cut to " + length);
    }
    for (int bit = 0; bit < 8 * 24; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      hardened.check(path, flipped, "bit " + bit);
    }
    List<Integer> offsets = new ArrayList<>();
    writer.header((what, offset) -> offsets.add(offset));
    for (int offset : offsets) {
      for (int width = 1; width <= 8; width *= 2) {
        byte[] lying = whole.clone();
        Arrays.fill(lying, offset, Math.min(offset + width, lying.length), (byte) 0xff);
        hardened.check(path, lying, "0xff at " + offset + " x " + width);
        lying[Math.min(offset + width, lying.length) - 1] = 0x7f;
        hardened.check(path, lying, "0x7f at " + offset + " x " + width);
      }
    }
    System.out.println("gguf: cut and lying files: " + hardened.outcomes());
  }
}
