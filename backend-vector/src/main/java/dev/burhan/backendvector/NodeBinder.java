package dev.burhan.backendvector;

import dev.burhan.backend.Bindings;
import dev.burhan.backend.ExpertSlots;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.KvPlane;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Resident;
import dev.burhan.backend.Scratch;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.provider.BurhanException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes the kernel of one node, and checks all lengths that the kernel will stay within. */
final class NodeBinder {
  private final Lanes lanes;
  private final boolean eightBits;
  private final LatentForm latentForm;
  private final Q8Encoding encoding;
  private final Supplier<Work> works;
  private final Node node;
  private final Bindings bindings;

  NodeBinder(
      Lanes lanes,
      boolean eightBits,
      LatentForm latentForm,
      Q8Encoding encoding,
      Supplier<Work> works,
      Node node,
      Bindings bindings) {
    this.lanes = lanes;
    this.eightBits = eightBits;
    this.latentForm = latentForm;
    this.encoding = encoding;
    this.works = works;
    this.node = node;
    this.bindings = bindings;
  }

  Kernel kernel() {
    return switch (node.op()) {
      case Op.Embed embed -> embed(embed);
      case Op.RmsNorm norm -> rmsNorm(norm);
      case Op.Linear linear -> linear(linear, EnumSet.allOf(Phase.class));
      case Op.Logits logits ->
          linear(logits.head(), Optional.empty(), true, EnumSet.allOf(Phase.class));
      case Op.Rope rope -> rope(rope);
      case Op.Attention attention -> attention(attention);
      case Op.LatentAttention attention -> latentAttention(attention);
      case Op.Route route -> route(route);
      case Op.Experts experts -> experts(experts);
      case Op.SwiGlu _ -> swiGlu();
      case Op.Add _ -> add();
      case Op.Slice slice -> copy(new int[] {slice.from()}, new int[] {out().width()});
      case Op.Concat _ ->
          copy(new int[node.in().size()], node.in().stream().mapToInt(Value::width).toArray());
      default -> throw new IllegalArgumentException("not supported: " + node.op());
    };
  }

  private Kernel embed(Op.Embed op) {
    Panels table = panels(op.table());
    expect(out(), table.cols);
    return new EmbedKernel(table, segment(out()), works);
  }

  private Kernel rmsNorm(Op.RmsNorm op) {
    int width = out().width();
    int group = Math.toIntExact(op.gain().shape().elements());
    if (group == 0 || width % group != 0) {
      throw mismatch(out(), "a multiple of " + group);
    }
    expect(in(0), width);
    MemorySegment gain = bindings.weight(op.gain()).segment();
    checkBytes("weight " + op.gain().name(), gain, 4L * group);
    return new RowKernels.RmsNorm(
        lanes, segment(in(0)), gain, segment(out()), width, group, op.epsilon(), works);
  }

  /** A product for the columns of some phases only. */
  Kernel linear(Op.Linear op, EnumSet<Phase> phases) {
    return linear(op.weight(), op.bias(), false, phases);
  }

  private Kernel linear(
      Weight weight, Optional<Weight> biasWeight, boolean logits, EnumSet<Phase> phases) {
    Panels panels = panels(weight);
    expect(in(0), panels.cols);
    expect(out(), panels.rows);
    // Logits decide between near ties: an activation's rounding to 8 bits moves SmolLM2's by
    // 0.25.
    boolean integers = eightBits && !logits && panels.type.integers().isPresent();
    return new LinearKernel(
        new PanelProduct(
            panels, new FloatProduct(panels, segment(in(0))), integers ? integers(panels) : null),
        logits,
        phases,
        biasWeight.map(bias -> bias(bias, panels.rows)).orElse(null),
        segment(out()),
        bindings.limits().threads(),
        works);
  }

  private IntegerProduct integers(Panels panels) {
    MemorySegment encoded = bindings.encoded(in(0), encoding);
    long rowBytes = encoding.bytesPerRow(panels.cols);
    checkBytes("encoded " + in(0).name(), encoded, bindings.limits().columns() * rowBytes);
    return new IntegerProduct(panels, encoded, rowBytes);
  }

  private float[] bias(Weight weight, int rows) {
    MemorySegment bias = bindings.weight(weight).segment();
    checkBytes("weight " + weight.name(), bias, 4L * rows);
    float[] numbers = new float[rows];
    MemorySegment.copy(bias, Memory.FLOAT, 0, numbers, 0, rows);
    return numbers;
  }

  private Kernel rope(Op.Rope op) {
    expect(in(0), op.heads() * op.headDim());
    expect(out(), op.heads() * op.headDim());
    if (op.offset() < 0 || op.offset() + 2 * op.frequencies().size() > op.headDim()) {
      throw mismatch(in(0), "room for the rotated dimensions in each head");
    }
    return new RowKernels.Rope(lanes, op, segment(in(0)), segment(out()), works);
  }

  private Kernel attention(Op.Attention op) {
    if (op.kvHeads() < 1 || op.heads() % op.kvHeads() != 0) {
      throw mismatch(in(0), "a whole number of query heads for each key head");
    }
    expect(in(0), op.heads() * op.headDim());
    expect(in(1), op.kvHeads() * op.headDim());
    expect(in(2), op.kvHeads() * op.headDim());
    expect(out(), op.heads() * op.headDim());
    KvRows keys = rows(op.cache(), 0, in(1), op.headDim());
    KvRows values = rows(op.cache(), 1, in(2), op.headDim());
    return new AttentionKernel(
        lanes, op, segment(in(0)), keys, values, segment(out()), bindings, works);
  }

  private Kernel latentAttention(Op.LatentAttention op) {
    Panels keyUp = panels(op.keyUp());
    Panels valueUp = panels(op.valueUp());
    expect(in(0), op.heads() * (op.nope() + op.rope()));
    expect(in(1), keyUp.cols);
    expect(in(2), op.rope());
    expect(out(), op.heads() * op.valueDim());
    if (keyUp.matrices != op.heads()
        || keyUp.rows != op.nope()
        || valueUp.matrices != op.heads()
        || valueUp.rows != op.valueDim()
        || valueUp.cols != keyUp.cols) {
      throw mismatch(in(1), "projections of each head out of one latent");
    }
    return new LatentKernel(
        op,
        latentForm,
        lanes,
        keyUp,
        valueUp,
        segment(in(0)),
        rows(op.cache(), 0, in(1), keyUp.cols),
        rows(op.cache(), 1, in(2), op.rope()),
        segment(out()),
        bindings.limits(),
        works);
  }

  private KvRows rows(CacheSpec cache, int number, Value source, int headDim) {
    KvPlane plane = bindings.plane(cache, number);
    String name = "plane " + cache.planes().get(number).name() + " of layer " + cache.layer();
    if (!KvFormat.supports(plane.type())) {
      throw new BurhanException(
          name
              + " is stored as "
              + plane.type()
              + ", which the vector kernels don't read: choose F32, F16, BF16 or Q8_0");
    }
    if (headDim % plane.type().blockElements() != 0) {
      throw new BurhanException(
          name
              + " is stored as "
              + plane.type()
              + " in blocks of "
              + plane.type().blockElements()
              + ", which heads of "
              + headDim
              + " numbers are not: choose F32, F16 or BF16");
    }
    if (plane.numbers() != source.width()) {
      throw mismatch(source, plane.numbers() + " numbers, as " + name + " has");
    }
    checkBytes(name, plane.segment(), plane.offset(bindings.limits().pages(), 0));
    return new KvRows(plane, segment(source), headDim, lanes);
  }

  private Kernel route(Op.Route op) {
    Panels gate = panels(op.gate());
    expect(in(0), gate.cols);
    expect(node.out().get(0), op.top());
    expect(node.out().get(1), op.top());
    return new RouteKernel(
        gate,
        new FloatProduct(gate, segment(in(0))),
        new ExpertChoice(op, gate.rows, op.bias().map(bias -> bias(bias, gate.rows)).orElse(null)),
        op.top(),
        segment(node.out().get(0)),
        segment(node.out().get(1)),
        works);
  }

  private Kernel experts(Op.Experts op) {
    Panels gate = panels(op.gate());
    Panels up = panels(op.up());
    Panels down = panels(op.down());
    expect(in(0), gate.cols);
    expect(out(), gate.cols);
    if (up.cols != gate.cols || up.rows != gate.rows || up.matrices != gate.matrices) {
      throw mismatch(out(), "experts whose gates and ups are alike");
    }
    if (down.cols != gate.rows || down.rows != gate.cols || down.matrices != gate.matrices) {
      throw mismatch(out(), "experts whose downs lead back");
    }
    int top = in(1).width();
    expect(in(2), top);
    boolean inner = eightBits && down.type.integers().isPresent();
    return new ExpertsKernel(
        expertProduct(gate),
        expertProduct(up),
        down,
        new ExpertTiles(gate.matrices, top, segment(in(1)), bindings.limits()),
        top,
        segment(in(2)),
        segment(out()),
        lanes,
        inner ? encoding : null,
        bindings,
        works);
  }

  private PanelProduct expertProduct(Panels panels) {
    boolean integers = eightBits && panels.type.integers().isPresent();
    return new PanelProduct(
        panels, new FloatProduct(panels, segment(in(0))), integers ? integers(panels) : null);
  }

  private Kernel swiGlu() {
    int width = out().width();
    expect(in(0), width);
    expect(in(1), width);
    return new RowKernels.SwiGlu(
        lanes, segment(in(0)), segment(in(1)), segment(out()), width, works);
  }

  private Kernel add() {
    int width = out().width();
    expect(in(0), width);
    expect(in(1), width);
    return new RowKernels.Add(lanes, segment(in(0)), segment(in(1)), segment(out()), width);
  }

  /** Copies {@code count[p]} numbers of each input from {@code first[p]} on. */
  private Kernel copy(int[] first, int[] count) {
    int parts = node.in().size();
    MemorySegment[] from = new MemorySegment[parts];
    int[] widths = new int[parts];
    int total = 0;
    for (int part = 0; part < parts; part++) {
      from[part] = segment(in(part));
      widths[part] = in(part).width();
      if (first[part] < 0 || first[part] + count[part] > widths[part]) {
        throw mismatch(in(part), first[part] + count[part] + " numbers or more");
      }
      total += count[part];
    }
    expect(out(), total);
    return new RowKernels.Copy(from, widths, first, count, segment(out()), total);
  }

  private Panels panels(Weight weight) {
    Optional<ScaledWeight> scaled = ScaledWeight.of(weight);
    Weight stored = scaled.map(ScaledWeight::values).orElse(weight);
    BlockScales scales =
        scaled
            .map(apart -> new BlockScales(apart, bindings.weight(apart.scales()).segment()))
            .orElse(null);
    Optional<ExpertSlots> slots =
        weight.use() == Weight.Use.EXPERTS ? bindings.slots(stored) : Optional.empty();
    if (slots.isPresent()) {
      Scratch scratch = scratch(stored, slots.get().layout());
      int workers = bindings.limits().threads();
      return Panels.of(stored, slots.get(), scratch, lanes, scales, workers);
    }
    Resident resident = bindings.weight(stored);
    return Panels.of(resident, scratch(stored, resident.layout()), lanes, scales);
  }

  /** A panel's memory for each worker, where panels are made from the file's layout. */
  private Scratch scratch(Weight weight, Layout layout) {
    return layout.equals(Layout.FILE) ? bindings.scratch(Panels.panelBytes(weight, lanes)) : null;
  }

  private Value in(int index) {
    return node.in().get(index);
  }

  private Value out() {
    return node.out().getFirst();
  }

  /** A value's memory, which must have all rows that the limits allow. */
  private MemorySegment segment(Value value) {
    int rows =
        value.rows() == Value.Rows.LOGIT
            ? bindings.limits().logitRows()
            : bindings.limits().columns();
    MemorySegment segment = bindings.value(value);
    checkBytes("value " + value.name(), segment, 4L * rows * value.width());
    return segment;
  }

  private void expect(Value value, int width) {
    if (value.width() != width) {
      throw mismatch(value, String.valueOf(width));
    }
  }

  private IllegalArgumentException mismatch(Value value, String expected) {
    return new IllegalArgumentException(
        "value "
            + value.name()
            + " of layer "
            + node.layer()
            + " is "
            + value.width()
            + " wide, expected "
            + expected);
  }

  private static void checkBytes(String what, MemorySegment segment, long bytes) {
    if (segment.byteSize() < bytes) {
      throw new IllegalArgumentException(
          what + " needs " + bytes + " bytes, its segment has " + segment.byteSize());
    }
  }
}
