package dev.burhan.checkpoint.gguf;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.checkpoint.fuzz.Corpus;
import dev.burhan.checkpoint.fuzz.DamagedFile;
import dev.burhan.checkpoint.fuzz.Fuzz;
import dev.burhan.checkpoint.fuzz.Fuzz.Depth;
import dev.burhan.checkpoint.fuzz.Fuzz.Input;
import dev.burhan.checkpoint.fuzz.Hardened;
import dev.burhan.checkpoint.fuzz.Mutations;
import dev.burhan.checkpoint.gguf.GgufWriter.Typed;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged GGUF files; see {@link Fuzz}. */
class GgufFuzzTest {
  private static final List<String> STAGES =
      List.of("magic", "header", "metadata", "tensor table", "layout", "opened", "read");
  private static final List<String> REAL =
      List.of(
          "models/smollm2/SmolLM2-135M-Instruct-Q4_1.gguf",
          "models/qwen2.5-coder-0.5b/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf");

  private static final Set<String> TABLE = Set.of("rank", "dimension", "tensor type", "offset");

  @TempDir Path folder;

  private static String stage(String message) {
    if (message.contains("not a GGUF file")) {
      return "magic";
    }
    if (message.contains(": the version") || message.contains(": the number of ")) {
      return "header";
    }
    if (message.contains(": tensor ") || message.contains(": this ")) {
      boolean table = !message.contains(", described at byte") && !message.contains("overlaps");
      return table && message.contains(": tensor ") ? "tensor table" : "layout";
    }
    return message.contains(": key ") ? "metadata" : "header";
  }

  private static Fuzz fuzz(String what, int inputs) {
    return new Fuzz("gguf " + what, inputs, STAGES, "metadata", GgufFuzzTest::stage);
  }

  /** What a file is written from, and the bytes of its tensors. */
  private record Model(Map<String, Object> values, List<TensorInfo> tensors) {

    GgufWriter writer() {
      var writer = new GgufWriter();
      values.forEach(writer::put);
      tensors.forEach(t -> writer.described(t.name(), t.type(), t.shape()));
      return writer;
    }

    long dataBytes() {
      return tensors.stream().mapToLong(t -> (t.bytes() + 31) & -32).sum();
    }
  }

  private static TensorInfo tensor(String name, DataType type, Shape shape) {
    return new TensorInfo(name, type, shape, Path.of(""), 0, type.bytes(shape.elements()));
  }

  private static Model small(Random random) {
    var tokens = new String[40];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = "tok\u0120é".repeat(random.nextInt(4)) + i;
    }
    var values = new LinkedHashMap<String, Object>();
    values.put("general.architecture", "qwen2");
    values.put("qwen2.block_count", 2L);
    values.put("qwen2.rope.freq_base", 1e6f);
    values.put("small", new Typed(GgufValues.UINT8, 7L));
    values.put("huge", new Typed(GgufValues.UINT64, 1L << 40));
    values.put("tokenizer.ggml.add_bos_token", false);
    values.put("tokenizer.ggml.tokens", tokens);
    values.put("tokenizer.ggml.token_type", new int[40]);
    values.put("tokenizer.ggml.scores", new float[40]);
    values.put("nested", new Object[] {new Object[] {new int[] {1, 2}}, new boolean[] {true}});
    DataType[] types = {DataType.F32, DataType.F16, DataType.Q4_0, DataType.Q6_K, DataType.Q8_0};
    var tensors = new ArrayList<TensorInfo>();
    for (int i = 0; i < 6; i++) {
      tensors.add(tensor("blk." + i + ".w", types[random.nextInt(types.length)], Shape.of(2, 256)));
    }
    return new Model(values, tensors);
  }

  /** A published file's keys and tensors; of its arrays the first elements only. */
  private static Model real(Path path) {
    int kept = 48;
    try (Checkpoint checkpoint = new GgufFormat().open(path)) {
      var values = new LinkedHashMap<String, Object>();
      for (String key : checkpoint.metadata().keys()) {
        values.put(
            key,
            switch (checkpoint.metadata().value(key).orElseThrow()) {
              case String[] array -> Arrays.copyOf(array, Math.min(kept, array.length));
              case long[] array -> Arrays.copyOf(array, Math.min(kept, array.length));
              case double[] array -> Arrays.copyOf(array, Math.min(kept, array.length));
              case Object other -> other;
            });
      }
      return new Model(values, List.copyOf(checkpoint.tensors().values()));
    }
  }

  /** Damages that leave a file with a valid structure and untrue contents. */
  private static void restructure(GgufWriter writer, Model model, Random random) {
    var keys = List.copyOf(model.values.keySet());
    String key = keys.get(random.nextInt(keys.size()));
    String other = keys.get(random.nextInt(keys.size()));
    switch (random.nextInt(7)) {
      case 0 -> writer.put(key, model.values.get(other));
      case 1 -> {
        Object[] alignments = {0L, 1L, 3L, 8L, 64L, 1L << 20, 1L << 31, -32L, "32", 32.0};
        writer.put(GgufHeader.ALIGNMENT, alignments[random.nextInt(alignments.length)]);
      }
      case 2 -> {
        Object deep = new int[] {1};
        for (int depth = random.nextInt(5, 12); depth > 0; depth--) {
          deep = new Object[] {deep};
        }
        writer.put(key, deep);
      }
      case 3 -> {
        writer.put("split.count", (long) random.nextInt(-1, 4));
        writer.put("split.no", (long) random.nextInt(-1, 4));
      }
      case 4 -> writer.put(key, new boolean[random.nextInt(20_000)]);
      case 5 -> writer.put(key, "x".repeat(1 << random.nextInt(18)));
      default -> {
        TensorInfo tensor = model.tensors.get(random.nextInt(model.tensors.size()));
        DataType[] types = {DataType.F32, DataType.Q4_0, DataType.Q6_K, DataType.I64};
        long[][] dims = {
          {0}, {256}, {1, 1, 1, 256}, {2, 1, 2, 2, 256}, {1L << 40, 0}, {0, 1L << 40}
        };
        writer.described(
            tensor.name(),
            types[random.nextInt(types.length)],
            Shape.of(dims[random.nextInt(dims.length)]));
      }
    }
  }

  private static Input damaged(Model model, Path path, Random random) throws IOException {
    GgufWriter writer = model.writer();
    boolean blind = random.nextInt(4) > 0;
    if (!blind || random.nextBoolean()) {
      restructure(writer, model, random);
    }
    List<Integer> all = new ArrayList<>();
    List<Integer> table = new ArrayList<>();
    byte[] header =
        writer.header((what, offset) -> (TABLE.contains(what) ? table : all).add(offset));
    List<Integer> offsets = random.nextBoolean() ? table : all;
    long size = ((header.length + 31L) & -32) + model.dataBytes();
    if (random.nextInt(8) == 0) {
      size = random.nextLong(size + 1);
    }
    byte[] head = header;
    if (blind) {
      int[] aims = offsets.stream().filter(o -> o + 8 < header.length).mapToInt(o -> o).toArray();
      head = Mutations.mutate(header, header.length, aims, random);
    }
    DamagedFile.write(path, head, size);
    boolean shrinks = random.nextInt(16) == 0;
    long bytes = head.length + size / 8; // a byte of an array may become a long
    return new Input(bytes, path.getFileName().toString(), depth -> open(path, shrinks, depth));
  }

  private static void open(Path path, boolean shrinks, Depth depth) throws IOException {
    if (!shrinks) {
      Hardened.read(new GgufFormat(), path, depth);
      return;
    }
    try (Checkpoint checkpoint = new GgufFormat().open(path)) {
      depth.at("opened");
      DamagedFile.cut(path, 100);
      for (TensorInfo tensor : checkpoint.tensors().values()) {
        if (tensor.bytes() > 0) {
          var last = MemorySegment.ofArray(new byte[1]);
          assertThrows(
              CheckpointException.class,
              () -> checkpoint.read(tensor.name(), tensor.bytes() - 1, last));
          assertThrows(CheckpointException.class, () -> checkpoint.data(tensor.name()));
        }
      }
    }
  }

  @Test
  void damagedFilesEndInOneClearLine() throws Exception {
    Path path = folder.resolve("damaged.gguf");
    fuzz("small", 3_000).run(random -> damaged(small(random), path, random));
  }

  @Test
  void damagedHeadersOfRealModelsEndInOneClearLine() throws Exception {
    Path path = folder.resolve("damaged.gguf");
    List<Model> models = REAL.stream().map(Corpus::cached).map(GgufFuzzTest::real).toList();
    fuzz("real", 2_500)
        .run(random -> damaged(models.get(random.nextInt(models.size())), path, random));
  }

  /** With the real files' whole vocabularies: bytes changed in one place, or the file cut. */
  @Test
  void damagedWholeHeadersEndInOneClearLine() throws Exception {
    Path path = folder.resolve("whole.gguf");
    Path real = Corpus.cached(REAL.getFirst());
    byte[] header;
    try (var file = new RandomAccessFile(real.toFile(), "r");
        Checkpoint checkpoint = new GgufFormat().open(real)) {
      long data =
          checkpoint.tensors().values().stream().mapToLong(TensorInfo::offset).min().orElseThrow();
      header = new byte[(int) data];
      file.readFully(header);
    }
    long size = real.toFile().length();
    fuzz("whole", 100)
        .run(
            random -> {
              int[] aims = random.ints(8, 0, header.length).toArray();
              byte[] head = Mutations.mutate(header, header.length, aims, random);
              long cut = random.nextInt(6) == 0 ? random.nextLong(size) : size;
              DamagedFile.write(path, head, cut);
              return new Input(
                  head.length + size / 8,
                  "whole.gguf",
                  depth -> Hardened.read(new GgufFormat(), path, depth));
            });
  }

  @Test
  void everyTruncationAndEveryLyingFieldEndsInOneClearLine() throws Exception {
    Path path = folder.resolve("lying.gguf");
    Model model = small(new Random(1));
    List<Integer> offsets = new ArrayList<>();
    byte[] header = model.writer().header((what, offset) -> offsets.add(offset));
    List<byte[]> heads = new ArrayList<>();
    for (int length = 0; length < header.length; length++) {
      heads.add(Arrays.copyOf(header, length));
    }
    for (int bit = 0; bit < 8 * 24; bit++) {
      byte[] flipped = header.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      heads.add(flipped);
    }
    for (int offset : offsets) {
      for (int width = 1; width <= 8; width *= 2) {
        int end = Math.min(offset + width, header.length);
        byte[] lying = header.clone();
        Arrays.fill(lying, offset, end, (byte) 0xff);
        heads.add(lying.clone());
        lying[end - 1] = 0x7f;
        heads.add(lying);
      }
    }
    long data = model.dataBytes();
    int[] next = {0};
    new Fuzz("gguf cut and lying", heads.size(), STAGES, "metadata", GgufFuzzTest::stage)
        .run(
            random -> {
              byte[] head = heads.get(next[0]++ % heads.size());
              boolean cut = head.length < header.length;
              long size = cut ? head.length : ((header.length + 31L) & -32) + data;
              DamagedFile.write(path, head, size);
              return new Input(
                  size, "lying.gguf", depth -> Hardened.read(new GgufFormat(), path, depth));
            });
  }
}
