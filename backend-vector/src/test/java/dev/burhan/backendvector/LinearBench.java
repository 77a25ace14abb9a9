package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Resident;
import dev.burhan.backend.Rows;
import dev.burhan.backendvector.machinecode.MachineCode;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.RandomWeights;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import jdk.incubator.vector.FloatVector;

/**
 * Speed of one thread by weight type, beside a plain loop that reads F32 in the same run. Not a
 * test: run its main method. Arguments: types (all), {@code bits=256} for narrower vectors, and
 * {@code machine-code=off}.
 *
 * <p>Decode multiplies one generated column, prefill 128 prompt columns; both read the same
 * matrices, 48 MB together, one after another. {@code -Dgenerated=true} measures generated columns
 * alone, {@code -Ddecode=true} single ones.
 */
final class LinearBench {
  private static final int ROWS = 4864;
  private static final int COLS = 1024;
  private static final long BYTES = 48 << 20;
  private static final int PROMPT = 128;
  private static final int BATCH = 16;
  private static final int ROUNDS = Integer.getInteger("rounds", 12);

  /** Numbers of generated columns, of sequences of their own. */
  private static final int[] GENERATED =
      Arrays.stream(System.getProperty("columns", "2,3,4,8,16").split(","))
          .mapToInt(Integer::parseInt)
          .toArray();

  private static final boolean DECODE_ONLY = Boolean.getBoolean("decode");
  private static final boolean GENERATED_ONLY = Boolean.getBoolean("generated");

  /** Matrices that several columns are multiplied with. */
  private static final int SEVERAL = 4;

  /** The thread's own time: others on the machine then disturb less. */
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private LinearBench() {}

  public static void main(String[] args) throws IOException {
    int bits = 512;
    List<String> types = Arrays.stream(args).filter(arg -> !arg.contains("=")).toList();
    for (String arg : args) {
      bits = arg.startsWith("bits=") ? Integer.parseInt(arg.substring(5)) : bits;
    }
    boolean assembled = !List.of(args).contains("machine-code=off");
    Optional<MachineCode> code = assembled ? MachineCode.find(bits) : Optional.empty();
    Lanes lanes = code.isPresent() ? Lanes.of(code.get()) : Lanes.of(bits);
    System.out.println(
        "%s; %d-bit vectors, machine code %s"
            .formatted(cpu(), lanes.bits(), code.isPresent() ? "used" : "not used"));
    System.out.println(
        "type     decode GB/s  of F32 loop  G/s   f32 mode GB/s  prefill G/s  packing GB/s; generated"
            + " columns G/s: "
            + Arrays.toString(GENERATED));
    for (DataType type : LinearTest.TYPES) {
      if (types.isEmpty() || types.contains(type.name())) {
        try (Arena arena = Arena.ofShared()) {
          measure(type, lanes, arena);
        }
      }
    }
  }

  private static String cpu() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.exists(info)) {
      return System.getProperty("os.arch");
    }
    String flags =
        Files.readAllLines(info).stream().filter(l -> l.startsWith("flags")).findFirst().orElse("");
    return Arrays.stream(flags.split(" "))
        .filter(f -> f.matches("avx.*|fma|f16c"))
        .collect(java.util.stream.Collectors.joining(" "));
  }

  private static void measure(DataType type, Lanes lanes, Arena arena) {
    long bytes = ROWS * type.bytes(COLS); // rows fill whole panels
    int count = (int) Math.max(1, BYTES / bytes);
    MemorySegment all = arena.allocate(bytes * count, 64);
    MemorySegment one = arena.allocate(bytes, 64);
    Weight weight =
        new Weight("w", type, Shape.of(ROWS, COLS), new Source.Stored("w"), Weight.Use.MATRIX);
    pack(weight, RandomWeights.stored(type, (long) ROWS * COLS, new Random(1)), lanes, one);
    MemorySegment floats = arena.allocate(4L * PROMPT * COLS, 64);
    Random random = new Random(2);
    for (int i = 0; i < PROMPT * COLS; i++) {
      floats.set(Memory.FLOAT, i * 4L, (float) random.nextGaussian());
    }
    Work work = new Work();
    Q8Encoding encoding = new Q8Encoding(lanes, () -> work);
    long rowBytes = encoding.bytesPerRow(COLS);
    MemorySegment encoded = arena.allocate(rowBytes * BATCH, 64);
    for (int i = 0; i < BATCH; i++) {
      encoding.encode(floats, 4L * i * COLS, COLS, encoded, i * rowBytes);
    }
    MemorySegment out = arena.allocate(4L * PROMPT * ROWS, 64);
    LinearKernel[] q8 = new LinearKernel[count];
    LinearKernel[] f32 = new LinearKernel[count];
    for (int i = 0; i < count; i++) {
      MemorySegment segment = all.asSlice(i * bytes, bytes);
      segment.copyFrom(one);
      Panels panels = Panels.of(resident(weight, segment, lanes), null, lanes);
      FloatProduct dense = new FloatProduct(panels, floats);
      IntegerProduct quant =
          panels
              .type
              .integers()
              .map(t -> new IntegerProduct(panels, encoded, rowBytes))
              .orElse(null);
      q8[i] =
          new LinearKernel(
              new PanelProduct(panels, dense, quant),
              false,
              EnumSet.allOf(Phase.class),
              null,
              out,
              1,
              () -> work);
      f32[i] =
          new LinearKernel(
              new PanelProduct(panels, dense, null),
              false,
              EnumSet.allOf(Phase.class),
              null,
              out,
              1,
              () -> work);
    }
    Batch generated = new TestBatch(64).add(0, Phase.GENERATED, new int[] {0}, 0);
    Batch[] batches =
        Arrays.stream(GENERATED).mapToObj(LinearBench::generated).toArray(Batch[]::new);
    Batch prompt = TestBatch.prompt(PROMPT, 64);
    double loop = Double.MAX_VALUE;
    double decode = Double.MAX_VALUE;
    double[] several = new double[GENERATED.length];
    Arrays.fill(several, Double.MAX_VALUE);
    double plain = Double.MAX_VALUE;
    double prefill = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      loop = Math.min(loop, seconds(() -> read(all)));
      decode = Math.min(decode, seconds(() -> run(q8, count, generated)));
      if (DECODE_ONLY) {
        continue;
      }
      for (int i = 0; i < several.length; i++) {
        Batch batch = batches[i];
        several[i] = Math.min(several[i], seconds(() -> run(q8, SEVERAL, batch)));
      }
      if (GENERATED_ONLY) {
        continue;
      }
      plain = Math.min(plain, seconds(() -> run(f32, count, generated)));
      prefill = Math.min(prefill, seconds(() -> run(q8, 1, prompt)));
    }
    double total = (double) bytes * count;
    double weights = (double) ROWS * COLS;
    System.out.printf(
        "%-8s %11.1f  %11.2f  %5.1f %13.1f %13.1f %12.2f;",
        type,
        total / decode / 1e9,
        loop / decode,
        weights * count / decode / 1e9,
        total / plain / 1e9,
        weights * PROMPT / prefill / 1e9,
        packed);
    for (int i = 0; i < several.length; i++) {
      System.out.printf(" %5.1f", weights * SEVERAL * GENERATED[i] / several[i] / 1e9);
    }
    System.out.println();
  }

  private static Batch generated(int columns) {
    TestBatch batch = new TestBatch(64);
    for (int i = 0; i < columns; i++) {
      batch.add(0, Phase.GENERATED, new int[] {i}, 0);
    }
    return batch;
  }

  private static void pack(Weight weight, MemorySegment file, Lanes lanes, MemorySegment to) {
    long rowBytes = weight.type().bytes(COLS);
    Rows rows =
        new Rows() {
          @Override
          public long count() {
            return ROWS;
          }

          @Override
          public long cols() {
            return COLS;
          }

          @Override
          public void read(long first, long count, MemorySegment into) {
            MemorySegment.copy(file, first * rowBytes, into, 0, count * rowBytes);
          }
        };
    for (int round = 0; round < 3; round++) {
      long start = System.nanoTime();
      new PanelPacker(lanes).pack(weight, rows, 0, ROWS, to);
      packed = file.byteSize() / ((System.nanoTime() - start) / 1e9) / 1e9;
    }
  }

  private static double packed;

  private static void run(LinearKernel[] kernels, int count, Batch batch) {
    for (int i = 0; i < count; i++) {
      int parts = kernels[i].parts(batch);
      for (int part = 0; part < parts; part++) {
        kernels[i].run(batch, part, 0);
      }
    }
  }

  private static float sink;

  /** A dot product of the bytes as F32 with themselves, on four vectors of sums. */
  private static void read(MemorySegment all) {
    var species = FloatVector.SPECIES_PREFERRED;
    int step = species.vectorByteSize();
    FloatVector a = FloatVector.zero(species);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (long at = 0; at + 4L * step <= all.byteSize(); at += 4L * step) {
      a = next(all, at, a);
      b = next(all, at + step, b);
      c = next(all, at + 2 * step, c);
      d = next(all, at + 3 * step, d);
    }
    sink += a.add(b).add(c.add(d)).lane(0);
  }

  private static FloatVector next(MemorySegment all, long at, FloatVector sum) {
    FloatVector x = FloatVector.fromMemorySegment(FloatVector.SPECIES_PREFERRED, all, at, LE);
    return x.fma(x, sum);
  }

  private static double seconds(Runnable work) {
    long start = THREADS.getCurrentThreadCpuTime();
    work.run();
    return (THREADS.getCurrentThreadCpuTime() - start) / 1e9;
  }

  private static Resident resident(Weight weight, MemorySegment segment, Lanes lanes) {
    return new Resident() {
      @Override
      public Weight weight() {
        return weight;
      }

      @Override
      public Layout layout() {
        return PanelPacker.layout(lanes);
      }

      @Override
      public MemorySegment segment() {
        return segment;
      }

      @Override
      public void close() {
        // The arena's owner frees the memory.
      }
    };
  }
}
