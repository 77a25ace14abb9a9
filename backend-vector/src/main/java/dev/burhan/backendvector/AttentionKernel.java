package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.ColumnKernel;
import dev.burhan.backend.Kernel;
import dev.burhan.graph.Op;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;

/**
 * Causal softmax attention over paged keys and values. A part is one key head of one sequence with
 * some of the step's columns and, where those are few, some of the spans of cached tokens.
 *
 * <p>Tokens are read in runs of {@link #RUN} and summed up in spans of {@link #SPAN}, both counted
 * from position 0 whatever the size of a page; runs and spans are merged in ascending order with a
 * running maximum (Milakov and Gimelshein 2018). A column's bits thus depend on its position and
 * the cache alone.
 *
 * <p>Keys and values are appended to the cache before any part runs.
 */
final class AttentionKernel implements Kernel {
  /** Tokens that are read at once: a multiple of every vector. */
  static final int RUN = 32;

  /** Tokens that are summed up by themselves, a multiple of a run. */
  static final int SPAN = 128;

  /** Queries that share what is read: few enough that their sums stay in the nearest cache. */
  private static final int QUERIES_PER_PART = 64;

  /** Most columns of a step whose spans are shared out. */
  private static final int SHARED_COLUMNS = 4;

  /** So that a worker that is held up delays the others by little. */
  private static final int PARTS_PER_THREAD = 4;

  private final Op.Attention op;
  private final int group;
  private final int columnsPerPart;
  private final int wantedParts;
  private final int stride;
  private final MemorySegment query;
  private final KvRows keys;
  private final KvRows values;
  private final MemorySegment out;
  private final Supplier<Work> work;
  private final Lanes lanes;
  private final AttentionStep[] steps;
  private final AttentionSpans spans;

  /** By sequence and key head: how many parts are done, where spans are shared out. */
  private final AtomicIntegerArray done;

  AttentionKernel(
      Lanes lanes,
      Op.Attention op,
      MemorySegment query,
      KvRows keys,
      KvRows values,
      MemorySegment out,
      Bindings bindings,
      Supplier<Work> work) {
    this.op = op;
    this.group = op.heads() / op.kvHeads();
    this.columnsPerPart = Math.max(1, QUERIES_PER_PART / group);
    this.wantedParts = PARTS_PER_THREAD * bindings.limits().threads();
    this.stride = AttentionWork.stride(op.headDim(), lanes);
    this.query = query;
    this.keys = keys;
    this.values = values;
    this.out = out;
    this.work = work;
    this.lanes = lanes;
    this.steps =
        new AttentionStep[] {
          new AttentionScores(lanes, stride),
          new AttentionMaxima(lanes, op.scale()),
          new AttentionWeights(lanes),
          new AttentionValues(lanes, stride)
        };
    int most = Math.ceilDiv(bindings.limits().context(), SPAN);
    long bytes = AttentionSpans.bytes(SHARED_COLUMNS, op.heads(), op.headDim(), most);
    this.spans = new AttentionSpans(op.heads(), op.headDim(), stride, most, bindings.common(bytes));
    this.done = new AtomicIntegerArray(SHARED_COLUMNS * op.kvHeads());
  }

  @Override
  public Optional<ColumnKernel> prologue() {
    return Optional.of(
        (batch, column, _) -> {
          keys.append(batch, column);
          values.append(batch, column);
        });
  }

  @Override
  public int parts(Batch batch) {
    int parts = 0;
    for (int sequence = 0; sequence < batch.sequences(); sequence++) {
      parts += tiles(batch, sequence) * op.kvHeads() * shares(batch, sequence);
    }
    return parts;
  }

  @Override
  public long work(Batch batch) {
    long tokens = 0;
    for (int column = 0; column < batch.columns(); column++) {
      int position = batch.position(column);
      tokens += position + 1 - oldest(position);
    }
    return 2 * tokens * op.heads() * op.headDim();
  }

  /** Into how many tiles the columns of a sequence are cut. */
  private int tiles(Batch batch, int sequence) {
    int columns = batch.firstColumn(sequence + 1) - batch.firstColumn(sequence);
    return Math.ceilDiv(columns, columnsPerPart);
  }

  /** Into how many parts the spans that a sequence's columns see are cut. */
  private int shares(Batch batch, int sequence) {
    int heads = batch.sequences() * op.kvHeads();
    if (batch.columns() > Math.min(SHARED_COLUMNS, columnsPerPart) || heads >= wantedParts) {
      return 1;
    }
    int seen = endSpan(batch, sequence) - firstSpan(batch, sequence);
    return Math.min(seen, Math.ceilDiv(wantedParts, heads));
  }

  private int firstSpan(Batch batch, int sequence) {
    return oldest(batch.position(batch.firstColumn(sequence))) / SPAN;
  }

  private int endSpan(Batch batch, int sequence) {
    return batch.position(batch.firstColumn(sequence + 1) - 1) / SPAN + 1;
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int rest = part;
    int sequence = 0;
    int shares = shares(batch, sequence);
    int parts = tiles(batch, sequence) * op.kvHeads() * shares;
    while (rest >= parts) {
      rest -= parts;
      sequence++;
      shares = shares(batch, sequence);
      parts = tiles(batch, sequence) * op.kvHeads() * shares;
    }
    int share = rest % shares;
    int head = rest / shares % op.kvHeads();
    int first = batch.firstColumn(sequence) + rest / shares / op.kvHeads() * columnsPerPart;
    int end = Math.min(first + columnsPerPart, batch.firstColumn(sequence + 1));
    AttentionWork memory = work.get().attention(columnsPerPart * group, stride);
    load(first, end, head, memory);
    if (shares == 1) {
      whole(batch, sequence, head, first, end, memory);
    } else {
      share(batch, sequence, head, first, end, share, shares, memory);
    }
  }

  private void load(int first, int end, int head, AttentionWork memory) {
    int queries = (end - first) * group;
    for (int q = 0; q < queries; q++) {
      long from = queryOffset(first, q, head);
      MemorySegment.copy(query, Memory.FLOAT, from, memory.query, q * stride, op.headDim());
      for (int i = op.headDim(); i < stride; i++) {
        memory.query[q * stride + i] = 0;
      }
    }
  }

  /** All spans that the columns see. */
  private void whole(
      Batch batch, int sequence, int head, int first, int end, AttentionWork memory) {
    int queries = (end - first) * group;
    int firstSpan = oldest(batch.position(first)) / SPAN;
    int lastSpan = batch.position(end - 1) / SPAN;
    spans.start(queries, memory.total);
    for (int span = firstSpan; span <= lastSpan; span++) {
      span(batch, sequence, head, first, end, span, memory);
      for (int q = 0; q < queries; q++) {
        spans.add(q, memory.span, memory.total);
      }
    }
    for (int q = 0; q < queries; q++) {
      spans.finish(q, memory.total, out, queryOffset(first, q, head));
    }
  }

  /** Some of the spans that the columns see; the last part that is done merges them all. */
  private void share(
      Batch batch,
      int sequence,
      int head,
      int first,
      int end,
      int share,
      int shares,
      AttentionWork memory) {
    int queries = (end - first) * group;
    int firstSpan = firstSpan(batch, sequence);
    int count = endSpan(batch, sequence) - firstSpan;
    int from = firstSpan + count * share / shares;
    int until = firstSpan + count * (share + 1) / shares;
    for (int span = from; span < until; span++) {
      span(batch, sequence, head, first, end, span, memory);
      for (int q = 0; q < queries; q++) {
        spans.keep(first + q / group, head * group + q % group, span, q, memory.span);
      }
    }
    int item = sequence * op.kvHeads() + head;
    if (done.incrementAndGet(item) < shares) {
      return;
    }
    done.set(item, 0);
    spans.start(queries, memory.total);
    for (int q = 0; q < queries; q++) {
      for (int span = firstSpan; span < firstSpan + count; span++) {
        spans.load(first + q / group, head * group + q % group, span, q, memory.span);
        spans.add(q, memory.span, memory.total);
      }
      spans.finish(q, memory.total, out, queryOffset(first, q, head));
    }
  }

  /** The sums of one span. */
  private void span(
      Batch batch, int sequence, int head, int first, int end, int span, AttentionWork memory) {
    start((end - first) * group, memory);
    int last = Math.min(batch.position(end - 1), (span + 1) * SPAN - 1);
    int oldest = Math.max(oldest(batch.position(first)), span * SPAN);
    for (int run = oldest / RUN * RUN; run <= last; run += RUN) {
      int tokens = Math.min(RUN, last + 1 - run);
      keys.read(batch, sequence, head, run, tokens, memory.keys);
      values.read(batch, sequence, head, run, tokens, memory.values);
      for (int q = 0; q < memory.queries; q++) {
        int position = batch.position(first + q / group);
        memory.from[q] = Math.max(oldest(position) - run, 0);
        memory.until[q] = Math.min(position + 1 - run, tokens);
        memory.factor[q] = 1; // where it sees nothing of this run
      }
      for (AttentionStep step : steps) {
        step.run(memory);
      }
    }
    for (int q = 0; q < memory.queries; q++) {
      memory.span.weight[q] = lanes.sum(memory.weights, q * Work.LANES);
    }
  }

  private void start(int queries, AttentionWork memory) {
    memory.queries = queries;
    Arrays.fill(memory.span.greatest, 0, queries, Float.NEGATIVE_INFINITY);
    Arrays.fill(memory.weights, 0, queries * Work.LANES, 0);
    Arrays.fill(memory.span.output, 0, queries * stride, 0);
  }

  /** The first position that a token sees. */
  private int oldest(int position) {
    int window = op.cache().window();
    return window == 0 ? 0 : Math.max(0, position - window + 1);
  }

  private long queryOffset(int first, int q, int head) {
    long column = first + q / group;
    return 4 * (column * op.heads() + (long) head * group + q % group) * op.headDim();
  }
}
