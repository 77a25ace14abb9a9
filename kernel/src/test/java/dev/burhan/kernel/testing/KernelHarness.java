package dev.burhan.kernel.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.Encoding;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.KvPlane;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Resident;
import dev.burhan.backend.Scratch;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.tensor.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * One node of a graph, bound to one library of kernels, with memory of its own: fill the inputs,
 * run a batch, read the outputs. Scratch and outputs are filled with NaN before each run, so that a
 * number that was never written shows; scratch is one piece a worker however often a kernel asks,
 * as in the host executor.
 */
public final class KernelHarness implements AutoCloseable {
  private final Node node;
  private final Limits limits;
  private final HostKernels kernels;
  private final CheckpointWeightStore store;
  private final Kernel kernel;
  private final Arena arena = Arena.ofShared();
  private final Map<Integer, MemorySegment> values = new HashMap<>();
  private final Map<String, Encoded> encoded = new LinkedHashMap<>();
  private final List<KvPlane> planes = new ArrayList<>();
  private final List<Resident> held = new ArrayList<>();
  private final MemorySegment[] scratch;
  private long scratchBytes = 1;

  private record Encoded(Value value, Encoding encoding, MemorySegment segment) {}

  /**
   * Binds a node.
   *
   * @param checkpoint has the node's weights; closed with the harness
   * @throws IllegalStateException if the library does not support the node
   */
  public KernelHarness(HostKernels kernels, Node node, Limits limits, Checkpoint checkpoint) {
    this.kernels = kernels;
    this.node = node;
    this.limits = limits;
    this.store = new CheckpointWeightStore(checkpoint, new NativeHostMemory());
    node.in().forEach(this::allocate);
    node.out().forEach(this::allocate);
    Graph.cacheOf(node.op()).ifPresent(this::allocate);
    if (!kernels.supports(node)) {
      throw new IllegalStateException("not supported: " + node);
    }
    this.kernel = kernels.bind(node, new NodeBindings()).orElseThrow();
    this.scratch = new MemorySegment[limits.threads()];
    for (int worker = 0; worker < scratch.length; worker++) {
      scratch[worker] = arena.allocate(scratchBytes, 64);
    }
  }

  /** Limits for one step of so many columns, with logits of each, and as much context. */
  public static Limits limits(int columns, int context, int tokensPerPage, int threads) {
    return new Limits(
        columns,
        columns,
        columns,
        context,
        columns * Math.ceilDiv(context, tokensPerPage),
        tokensPerPage,
        threads,
        Map.of());
  }

  private void allocate(Value value) {
    int rows = value.rows() == Value.Rows.LOGIT ? limits.logitRows() : limits.columns();
    values.put(value.id(), arena.allocate(value.type().bytes((long) rows * value.width()), 64));
  }

  private void allocate(CacheSpec cache) {
    for (var plane : cache.planes()) {
      DataType type = limits.typeOf(plane);
      long bytes = type.bytes(plane.numbers()) * limits.tokensPerPage() * limits.pages();
      planes.add(
          new KvPlane(arena.allocate(bytes, 64), type, plane.numbers(), limits.tokensPerPage()));
    }
  }

  /** A value's memory: (rows, width). */
  public MemorySegment value(Value value) {
    return values.get(value.id());
  }

  /** A plane of the node's cache. */
  public KvPlane plane(int plane) {
    return planes.get(plane);
  }

  /** Writes a value's first numbers. */
  public KernelHarness set(Value value, float... numbers) {
    MemorySegment.copy(numbers, 0, value(value), JAVA_FLOAT, 0, numbers.length);
    return this;
  }

  /** Writes an I32 value's first numbers. */
  public KernelHarness setInts(Value value, int... numbers) {
    MemorySegment.copy(numbers, 0, value(value), JAVA_INT, 0, numbers.length);
    return this;
  }

  /** Fills the F32 inputs with normal numbers, value after value. */
  public KernelHarness randomInputs(Random random) {
    for (Value value : node.in()) {
      MemorySegment segment = value(value);
      for (long i = 0; value.type().equals(DataType.F32) && i < segment.byteSize() / 4; i++) {
        segment.setAtIndex(JAVA_FLOAT, i, (float) random.nextGaussian());
      }
    }
    return this;
  }

  /** The numbers of a value's first rows. */
  public float[] floats(Value value, int rows) {
    return value(value).asSlice(0, 4L * rows * value.width()).toArray(JAVA_FLOAT);
  }

  public int[] ints(Value value, int rows) {
    return value(value).asSlice(0, 4L * rows * value.width()).toArray(JAVA_INT);
  }

  /** Runs all parts, first to last, on worker 0. */
  public KernelHarness run(Batch batch) {
    prepare(batch);
    for (int part = 0; part < kernel.parts(batch); part++) {
      kernel.run(batch, part, 0);
    }
    return this;
  }

  /** Runs all parts in an order of {@code random}'s, on workers of its choice. */
  public KernelHarness runShuffled(Batch batch, Random random) {
    prepare(batch);
    List<Integer> parts = new ArrayList<>();
    for (int part = 0; part < kernel.parts(batch); part++) {
      parts.add(part);
    }
    Collections.shuffle(parts, random);
    for (int part : parts) {
      kernel.run(batch, part, random.nextInt(limits.threads()));
    }
    return this;
  }

  private void prepare(Batch batch) {
    for (Value value : node.out()) {
      value(value).fill((byte) 0xff); // NaN
    }
    for (MemorySegment piece : scratch) {
      piece.fill((byte) 0xff);
    }
    for (Encoded form : encoded.values()) {
      Value value = form.value();
      int rows = value.rows() == Value.Rows.LOGIT ? batch.logitRows() : batch.columns();
      for (long row = 0; row < rows; row++) {
        form.encoding()
            .encode(
                value(value),
                row * 4 * value.width(),
                value.width(),
                form.segment(),
                row * form.encoding().bytesPerRow(value.width()));
      }
    }
    kernel
        .prologue()
        .ifPresent(
            before -> {
              for (int column = 0; column < batch.columns(); column++) {
                before.column(batch, column, 0);
              }
            });
  }

  @Override
  public void close() {
    held.forEach(Resident::close);
    store.close();
    kernels.close();
    arena.close();
  }

  private final class NodeBindings implements Bindings {
    @Override
    public Limits limits() {
      return limits;
    }

    @Override
    public MemorySegment value(Value value) {
      return values.get(value.id());
    }

    @Override
    public MemorySegment encoded(Value value, Encoding encoding) {
      return encoded
          .computeIfAbsent(
              value.id() + " " + encoding.name(),
              _ -> {
                int rows = value.rows() == Value.Rows.LOGIT ? limits.logitRows() : limits.columns();
                long bytes = rows * encoding.bytesPerRow(value.width());
                return new Encoded(value, encoding, arena.allocate(bytes, 64));
              })
          .segment();
    }

    @Override
    public Resident weight(Weight weight) {
      Layout layout =
          weight.use() == Weight.Use.VECTOR ? Layout.F32 : kernels.layouts(weight).getFirst();
      Resident resident =
          layout.equals(Layout.FILE) || layout.equals(Layout.F32)
              ? store.acquire(weight, layout)
              : store.acquire(weight, layout, kernels.packer(layout));
      held.add(resident);
      return resident;
    }

    @Override
    public KvPlane plane(CacheSpec cache, int plane) {
      return planes.get(plane);
    }

    @Override
    public Scratch scratch(long bytes) {
      scratchBytes = Math.max(scratchBytes, bytes);
      return worker -> scratch[worker];
    }

    @Override
    public Supplier<MemorySegment> common(long bytes) {
      MemorySegment shared = arena.allocate(Math.max(bytes, 1), 64);
      return () -> shared;
    }
  }

  /** Bytes of a plane, to compare caches. */
  public byte[] planeBytes(int plane) {
    return planes.get(plane).segment().toArray(JAVA_BYTE);
  }
}
