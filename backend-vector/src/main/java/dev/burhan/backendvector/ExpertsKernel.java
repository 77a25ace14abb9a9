package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Limits;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The chosen experts of each column, {@code sum of weight * down(silu(gate x) * up x)}. A part is
 * one expert with some of the columns that chose it; outputs are kept apart, by column and rank,
 * and summed in order of rank by whoever is done last. A column's bits thus depend on its own
 * choice and phase alone.
 */
final class ExpertsKernel implements Kernel {
  private final PanelProduct gate;
  private final PanelProduct up;
  private final Panels downPanels;
  private final ExpertTiles tiles;
  private final int cols;
  private final int inner;
  private final int top;
  private final MemorySegment weights;
  private final MemorySegment out;
  private final Lanes lanes;
  private final Q8Encoding encoding; // null if the inner activations are F32 always
  private final Limits limits;
  private final Supplier<Work> works;
  private final Supplier<MemorySegment> gates;
  private final Supplier<MemorySegment> ups;
  private final Supplier<MemorySegment> encoded;
  private final Supplier<MemorySegment> outputs;
  private final AtomicInteger done = new AtomicInteger();
  private volatile boolean failed;

  // Made in the first step, when the memory is there.
  private PanelProduct down;
  private RowKernels.SwiGlu swiGlu;

  /**
   * @param down (experts, cols, inner)
   * @param weights F32 (columns, top)
   * @param out F32 (columns, cols)
   * @param encoding of the inner activations of generated columns, or null
   */
  ExpertsKernel(
      PanelProduct gate,
      PanelProduct up,
      Panels down,
      ExpertTiles tiles,
      int top,
      MemorySegment weights,
      MemorySegment out,
      Lanes lanes,
      Q8Encoding encoding,
      Bindings bindings,
      Supplier<Work> works) {
    this.gate = gate;
    this.up = up;
    this.downPanels = down;
    this.tiles = tiles;
    this.cols = gate.panels.cols;
    this.inner = down.cols;
    this.top = top;
    this.weights = weights;
    this.out = out;
    this.lanes = lanes;
    this.encoding = encoding;
    this.limits = bindings.limits();
    this.works = works;
    long rows = (long) limits.threads() * ExpertTiles.PAIRS;
    this.gates = bindings.common(4 * rows * inner);
    this.ups = bindings.common(4 * rows * inner);
    this.encoded = bindings.common(encoding == null ? 0 : rows * encoding.bytesPerRow(inner));
    this.outputs = bindings.common(4L * limits.columns() * top * cols);
  }

  @Override
  public void inputsReady(Batch batch) {
    int count = tiles.group(batch);
    for (int tile = 0; tile < count; tile++) {
      gate.panels.prefetch(tiles.expert(tile));
      up.panels.prefetch(tiles.expert(tile));
      downPanels.prefetch(tiles.expert(tile));
    }
  }

  @Override
  public int parts(Batch batch) {
    if (down == null) {
      prepare();
    }
    if (failed) {
      failed = false;
      done.set(0);
    }
    return tiles.group(batch);
  }

  @Override
  public long work(Batch batch) {
    return 3L * batch.columns() * top * inner * cols;
  }

  private void prepare() {
    MemorySegment hidden = gates.get(); // SwiGLU's result takes the place of the gate
    down =
        new PanelProduct(
            downPanels,
            new FloatProduct(downPanels, hidden),
            encoding == null
                ? null
                : new IntegerProduct(downPanels, encoded.get(), encoding.bytesPerRow(inner)));
    swiGlu = new RowKernels.SwiGlu(lanes, hidden, ups.get(), hidden, inner, works);
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    try {
      expert(batch, part, worker);
    } catch (RuntimeException | Error e) {
      failed = true;
      throw e;
    }
    if (done.incrementAndGet() == tiles.count()) {
      done.set(0);
      sum(batch);
    }
  }

  private void expert(Batch batch, int tile, int worker) {
    Work work = works.get();
    int expert = tiles.expert(tile);
    int columns = tiles.size(tile);
    boolean generated = tiles.generated(tile);
    int firstRow = worker * ExpertTiles.PAIRS;
    for (int i = 0; i < columns; i++) {
      work.inputs[i] = tiles.pair(tile, i) / top;
      work.outputs[i] = firstRow + i;
    }
    run(gate, expert, columns, generated, work, worker, gates.get());
    run(up, expert, columns, generated, work, worker, ups.get());
    for (int i = 0; i < columns; i++) {
      swiGlu.column(batch, firstRow + i, worker);
      if (generated && encoding != null) {
        long from = 4L * (firstRow + i) * inner;
        long to = (firstRow + i) * encoding.bytesPerRow(inner);
        encoding.encode(gates.get(), from, inner, encoded.get(), to);
      }
      work.inputs[i] = firstRow + i;
      work.outputs[i] = tiles.pair(tile, i);
    }
    run(down, expert, columns, generated, work, worker, outputs.get());
  }

  private static void run(
      PanelProduct product,
      int expert,
      int columns,
      boolean eightBits,
      Work work,
      int worker,
      MemorySegment to) {
    int panels = product.panels.perMatrix();
    int first = expert * panels;
    product.panels.enter(expert, worker);
    try {
      product.run(first, first + panels, columns, eightBits, work, worker, null, to);
    } finally {
      product.panels.leave(expert, worker);
    }
  }

  private void sum(Batch batch) {
    MixtureWork work = works.get().mixture;
    work.sum(cols);
    for (int column = 0; column < batch.columns(); column++) {
      Arrays.fill(work.total, 0, cols, 0);
      for (int rank = 0; rank < top; rank++) {
        long pair = (long) column * top + rank;
        MemorySegment.copy(outputs.get(), Memory.FLOAT, 4 * pair * cols, work.output, 0, cols);
        add(weights.get(Memory.FLOAT, 4 * pair), work.output, work.total, cols);
      }
      MemorySegment.copy(work.total, 0, out, Memory.FLOAT, 4L * column * cols, cols);
    }
  }

  private static void add(float weight, float[] from, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = Math.fma(weight, from[i], to[i]);
    }
  }
}
