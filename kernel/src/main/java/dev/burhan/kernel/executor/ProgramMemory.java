package dev.burhan.kernel.executor;

import dev.burhan.backend.Bindings;
import dev.burhan.backend.Encoding;
import dev.burhan.backend.ExpertSlots;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.KvPlane;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Resident;
import dev.burhan.backend.Scratch;
import dev.burhan.backend.WeightStore;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.weights.WeightKey;
import dev.burhan.provider.HostMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Everything a program's kernels are bound to: values in one block (those that don't live at the
 * same time share bytes), their encoded forms, scratch for each worker, weights held, KV planes.
 */
final class ProgramMemory implements AutoCloseable {
  private static final long CACHE_LINE = 64;

  private final HostMemory memory;
  private final Limits limits;
  private final WeightStore weights;
  private final KvMemory kv;
  private final MemorySegment valueBlock;
  private final Map<Integer, MemorySegment> values = new HashMap<>();
  private final Map<EncodedKey, Encoded> encoded = new HashMap<>();
  private final List<MemorySegment> blocks = new ArrayList<>();
  private final Queue<Resident> held = new ConcurrentLinkedQueue<>();
  private final List<EncodedBuffer> encodedBuffers = new ArrayList<>();
  private final NodeGroups groups;
  private final MemorySegment[] scratch; // by worker
  private long scratchBytes;
  private final List<Common> commons = new ArrayList<>();
  private long commonBytes; // of the group whose kernels are being bound

  private record EncodedKey(int value, String encoding) {}

  /** A buffer for encoded values, free again for values born after group {@code busyUntil}. */
  private static final class EncodedBuffer {
    private final MemorySegment segment;
    private int busyUntil;

    EncodedBuffer(MemorySegment segment) {
      this.segment = segment;
    }
  }

  /** A value's other form, and where it is kept. */
  record Encoded(Value value, Encoding encoding, MemorySegment segment) {}

  ProgramMemory(
      Graph graph,
      NodeGroups groups,
      Limits limits,
      WeightStore weights,
      KvMemory kv,
      HostMemory memory) {
    this.memory = memory;
    this.limits = limits;
    this.weights = weights;
    this.kv = kv;
    this.groups = groups;
    this.scratch = new MemorySegment[limits.threads()];
    Arrangement.Result arrangement = arrange(graph, groups, limits);
    valueBlock = map(Math.max(1, arrangement.bytes()));
    for (Value value : valuesOf(graph)) {
      values.put(
          value.id(),
          valueBlock.asSlice(arrangement.offsets().get(value.id()), bytes(value, limits)));
    }
  }

  /** Where each value lies in the block of values. */
  static Arrangement.Result arrange(Graph graph, NodeGroups groups, Limits limits) {
    Arrangement arrangement = new Arrangement();
    for (Value value : valuesOf(graph)) {
      arrangement.add(
          value.id(),
          bytes(value, limits),
          groups.born().get(value.id()),
          groups.dies().getOrDefault(value.id(), groups.born().get(value.id())));
    }
    return arrangement.place();
  }

  private static List<Value> valuesOf(Graph graph) {
    List<Value> values = new ArrayList<>(graph.inputs());
    for (Node node : graph.nodes()) {
      values.addAll(node.out());
    }
    return values;
  }

  /** Most rows that a value can have. */
  static int rows(Value value, Limits limits) {
    return value.rows() == Value.Rows.LOGIT ? limits.logitRows() : limits.columns();
  }

  private static long bytes(Value value, Limits limits) {
    return Math.multiplyExact((long) rows(value, limits), value.type().bytes(value.width()));
  }

  private MemorySegment map(long bytes) {
    MemorySegment block = memory.map(bytes);
    blocks.add(block);
    return block;
  }

  MemorySegment value(Value value) {
    return values.get(value.id());
  }

  /** The encoded forms that kernels asked for, of one value. */
  List<Encoded> encodedForms(Value value) {
    return encoded.values().stream().filter(form -> form.value().id() == value.id()).toList();
  }

  /** Memory that the workers share; kernels that never run at once have the same. */
  private static final class Common implements Supplier<MemorySegment> {
    private final long from;
    private final long bytes;
    private MemorySegment segment;

    Common(long from, long bytes) {
      this.from = from;
      this.bytes = bytes;
    }

    @Override
    public MemorySegment get() {
      return segment;
    }
  }

  /** The kernels bound from here on run after those bound before. */
  void nextGroup() {
    commonBytes = 0;
  }

  /** Takes scratch memory once it is known how much the kernels want. */
  void finish() {
    long bytes = commons.stream().mapToLong(common -> common.from + common.bytes).max().orElse(0);
    MemorySegment shared = bytes > 0 ? map(bytes) : MemorySegment.NULL;
    commons.forEach(common -> common.segment = shared.asSlice(common.from, common.bytes));
    for (int worker = 0; scratchBytes > 0 && worker < scratch.length; worker++) {
      scratch[worker] = map(scratchBytes);
    }
  }

  /**
   * Kernels are bound in the order in which they run, so a buffer whose value is dead by then can
   * serve again.
   */
  private Encoded encode(Value value, Encoding encoding) {
    int born = groups.born().get(value.id());
    long bytes =
        Math.multiplyExact(encoding.bytesPerRow(value.width()), (long) rows(value, limits));
    EncodedBuffer buffer =
        encodedBuffers.stream()
            .filter(free -> free.busyUntil < born && free.segment.byteSize() == bytes)
            .findFirst()
            .orElseGet(
                () -> {
                  EncodedBuffer fresh = new EncodedBuffer(map(bytes));
                  encodedBuffers.add(fresh);
                  return fresh;
                });
    buffer.busyUntil = groups.dies().get(value.id());
    return new Encoded(value, encoding, buffer.segment);
  }

  /** A weight that a node's kernel will ask for, and the library that it is of. */
  record Wanted(Weight weight, HostKernels library) {}

  /**
   * Makes weights several at a time. Made one by one as kernels ask for them, each would end with
   * idle threads. A copy that serves several nodes is asked for once: a thread that waits for
   * another's is lost for that time.
   */
  void fetch(List<Wanted> all) {
    Map<WeightKey, Wanted> wanted = new LinkedHashMap<>();
    for (Wanted one : all) {
      if (slots(one.weight(), one.library()).isPresent()) {
        continue; // read when they are chosen
      }
      wanted.putIfAbsent(WeightKey.of(one.weight(), layout(one.weight(), one.library())), one);
    }
    AtomicReference<RuntimeException> failure = new AtomicReference<>();
    AtomicReference<Error> error = new AtomicReference<>();
    List.copyOf(wanted.values()).parallelStream()
        .forEach( // which must not throw: it would return while others still fill memory
            one -> {
              try {
                if (failure.get() == null && error.get() == null) {
                  acquire(one.weight(), one.library());
                }
              } catch (RuntimeException e) {
                failure.compareAndSet(null, e);
              } catch (Error e) {
                error.compareAndSet(null, e);
              }
            });
    if (error.get() != null) {
      throw error.get();
    }
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  /** What {@link Bindings#weight} promises. */
  static Layout layout(Weight weight, HostKernels library) {
    return weight.use() == Weight.Use.VECTOR ? Layout.F32 : library.layouts(weight).getFirst();
  }

  private Optional<ExpertSlots> slots(Weight weight, HostKernels library) {
    Layout layout = layout(weight, library);
    return weights.slots(
        weight,
        layout,
        layout.equals(Layout.FILE) || layout.equals(Layout.F32)
            ? Optional.empty()
            : Optional.of(library.packer(layout)));
  }

  private Resident acquire(Weight weight, HostKernels library) {
    Layout layout = layout(weight, library);
    Resident resident =
        layout.equals(Layout.FILE) || layout.equals(Layout.F32)
            ? weights.acquire(weight, layout)
            : weights.acquire(weight, layout, library.packer(layout));
    held.add(resident);
    return resident;
  }

  Bindings bindings(HostKernels library) {
    return new LibraryBindings(library);
  }

  @Override
  public void close() {
    held.forEach(Resident::close);
    held.clear();
    blocks.forEach(memory::unmap);
    blocks.clear();
  }

  private final class LibraryBindings implements Bindings {
    private final HostKernels library;

    LibraryBindings(HostKernels library) {
      this.library = library;
    }

    @Override
    public Limits limits() {
      return limits;
    }

    @Override
    public MemorySegment value(Value value) {
      return ProgramMemory.this.value(value);
    }

    @Override
    public MemorySegment encoded(Value value, Encoding encoding) {
      return encoded
          .computeIfAbsent(
              new EncodedKey(value.id(), encoding.name()), _ -> encode(value, encoding))
          .segment();
    }

    @Override
    public Resident weight(Weight weight) {
      return acquire(weight, library);
    }

    @Override
    public Optional<ExpertSlots> slots(Weight weight) {
      return ProgramMemory.this.slots(weight, library);
    }

    @Override
    public KvPlane plane(CacheSpec cache, int plane) {
      return kv.plane(cache.id(), plane);
    }

    @Override
    public Scratch scratch(long bytes) {
      long rounded = Math.ceilDiv(Math.max(bytes, 1), CACHE_LINE) * CACHE_LINE;
      scratchBytes = Math.max(scratchBytes, rounded);
      return worker -> scratch[worker];
    }

    @Override
    public Supplier<MemorySegment> common(long bytes) {
      Common common = new Common(commonBytes, bytes);
      commonBytes += Math.ceilDiv(bytes, CACHE_LINE) * CACHE_LINE;
      commons.add(common);
      return common;
    }
  }
}
