package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.ColumnKernel;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Limits;
import dev.burhan.graph.Op;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Multi-head latent attention (DeepSeek-V2, section 2.1) in its two forms. Expanded makes each
 * cached token's key and value out of its latent, a head at a time, for all columns of a tile:
 * attention with a key head for each query head. Absorbed moves the queries into the latent space
 * and the results out of it: attention with one key head, of which latents are the values.
 *
 * <p>Runs, spans and their order are those of {@link AttentionKernel}, and so is what a column's
 * bits depend on: its position, its phase and the cache.
 */
final class LatentKernel implements Kernel {
  private static final int RUN = AttentionKernel.RUN;
  private static final int SPAN = AttentionKernel.SPAN;

  private final Op.LatentAttention op;
  private final LatentForm form;
  private final Lanes lanes;
  private final int rank;
  private final LatentProjection keyUp;
  private final LatentProjection valueUp;
  private final MemorySegment query;
  private final KvRows latents;
  private final KvRows ropes;
  private final MemorySegment out;
  private final LatentTiles tiles;
  private final Supplier<Work> works;
  private final int latentStride;
  private final int ropeStride;
  private final Shape expanded;
  private final Shape absorbed;
  private final int widest;

  /** Strides of keys and values in one form, and the steps and sums made for them. */
  private record Shape(int keys, int values, AttentionStep[] steps, AttentionSpans spans) {}

  /**
   * @param keyUp (heads, nope, rank)
   * @param valueUp (heads, valueDim, rank)
   * @param query F32 (columns, heads, nope + rope)
   * @param out F32 (columns, heads, valueDim)
   */
  LatentKernel(
      Op.LatentAttention op,
      LatentForm form,
      Lanes lanes,
      Panels keyUp,
      Panels valueUp,
      MemorySegment query,
      KvRows latents,
      KvRows ropes,
      MemorySegment out,
      Limits limits,
      Supplier<Work> works) {
    this.op = op;
    this.form = form;
    this.lanes = lanes;
    this.rank = keyUp.cols;
    this.keyUp = new LatentProjection(keyUp, lanes);
    this.valueUp = new LatentProjection(valueUp, lanes);
    this.query = query;
    this.latents = latents;
    this.ropes = ropes;
    this.out = out;
    this.tiles = new LatentTiles(form, op.heads(), numbers(), limits);
    this.works = works;
    this.latentStride = AttentionWork.stride(rank, lanes);
    this.ropeStride = AttentionWork.stride(op.rope(), lanes);
    int keys = AttentionWork.stride(op.nope() + op.rope(), lanes);
    int values = AttentionWork.stride(op.valueDim(), lanes);
    this.expanded = shape(keys, op.valueDim(), new AttentionValues(lanes, values));
    int absorbedKeys = AttentionWork.stride(rank + op.rope(), lanes);
    this.absorbed =
        shape(absorbedKeys, rank, AttentionValues.inKeys(lanes, latentStride, absorbedKeys));
    this.widest = Math.max(absorbed.keys, Math.max(expanded.keys, expanded.values));
  }

  private Shape shape(int keys, int valueDim, AttentionValues sums) {
    int values = AttentionWork.stride(valueDim, lanes);
    AttentionStep[] steps = {
      new AttentionScores(lanes, keys),
      new AttentionMaxima(lanes, op.scale()),
      new AttentionWeights(lanes),
      sums
    };
    return new Shape(keys, values, steps, new AttentionSpans(1, valueDim, values, 0, () -> null));
  }

  @Override
  public Optional<ColumnKernel> prologue() {
    return Optional.of(
        (batch, column, _) -> {
          latents.append(batch, column);
          ropes.append(batch, column);
        });
  }

  @Override
  public int parts(Batch batch) {
    return tiles.cut(batch);
  }

  @Override
  public long work(Batch batch) {
    long tokens = 0;
    for (int column = 0; column < batch.columns(); column++) {
      if (form.expanded(batch.phase(column))) {
        return Long.MAX_VALUE;
      }
      tokens += batch.position(column) + 1;
    }
    return op.heads() * (tokens * numbers() + (long) batch.columns() * rank * projected());
  }

  /** Multiply-adds of an absorbed query with a token's key and value. */
  private int numbers() {
    return 2 * rank + op.rope();
  }

  /** Rows of a head's projections, into the latent space and out of it. */
  private int projected() {
    return op.nope() + op.valueDim();
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    Work work = works.get();
    work.latent.room(
        latentStride, ropeStride, expanded.keys, expanded.values, rank * lanes.floats().length());
    int most = Math.max(LatentTiles.COLUMNS, LatentTiles.QUERIES);
    AttentionWork memory = work.attention(most, widest);
    int tile = tiles.tile(part);
    if (form.expanded(batch.phase(tiles.first(tile)))) {
      expanded(batch, tile, tiles.head(tile, part), memory, work, worker);
    } else {
      int first = tiles.firstHead(tile, part);
      absorbed(batch, tile, first, tiles.endHead(tile, part), memory, work, worker);
    }
  }

  private void expanded(
      Batch batch, int tile, int head, AttentionWork memory, Work work, int worker) {
    int first = tiles.first(tile);
    int queries = tiles.end(tile) - first;
    int dim = op.nope() + op.rope();
    for (int q = 0; q < queries; q++) {
      long from = queryOffset(first + q, head);
      MemorySegment.copy(query, Memory.FLOAT, from, memory.query, q * expanded.keys, dim);
      Arrays.fill(memory.query, q * expanded.keys + dim, (q + 1) * expanded.keys, 0);
    }
    memory.queries = queries;
    expanded.spans.start(queries, memory.total);
    int last = batch.position(first + queries - 1);
    for (int span = oldest(batch.position(first)) / SPAN; span <= last / SPAN; span++) {
      int from = Math.max(oldest(batch.position(first)) / RUN * RUN, span * SPAN);
      int until = Math.min(last + 1, (span + 1) * SPAN);
      expand(batch, tiles.sequence(tile), head, from, until - from, work, worker);
      start(memory, expanded.values);
      for (int run = from; run < until; run += RUN) {
        int tokens = Math.min(RUN, until - run);
        int keys = expanded.keys;
        int values = expanded.values;
        System.arraycopy(work.latent.keys, (run - from) * keys, memory.keys, 0, tokens * keys);
        System.arraycopy(
            work.latent.values, (run - from) * values, memory.values, 0, tokens * values);
        attend(batch, first, 1, run, tokens, span, expanded, memory);
      }
      merge(expanded, memory);
    }
    for (int q = 0; q < queries; q++) {
      expanded.spans.finish(q, memory.total, out, outOffset(first + q, head));
    }
  }

  /** Makes one head's keys and values of some tokens. */
  private void expand(
      Batch batch, int sequence, int head, int from, int tokens, Work work, int worker) {
    LatentWork l = work.latent;
    latents.read(batch, sequence, 0, from, tokens, l.latents);
    ropes.read(batch, sequence, 0, from, tokens, l.ropes);
    keyUp.many(head, tokens, l.latents, latentStride, l.keys, expanded.keys, work, worker);
    valueUp.many(head, tokens, l.latents, latentStride, l.values, expanded.values, work, worker);
    for (int t = 0; t < tokens; t++) {
      int key = t * expanded.keys;
      System.arraycopy(l.ropes, t * ropeStride, l.keys, key + op.nope(), op.rope());
      Arrays.fill(l.keys, key + op.nope() + op.rope(), key + expanded.keys, 0);
      int value = t * expanded.values;
      Arrays.fill(l.values, value + op.valueDim(), value + expanded.values, 0);
    }
  }

  private void absorbed(
      Batch batch,
      int tile,
      int firstHead,
      int endHead,
      AttentionWork memory,
      Work work,
      int worker) {
    int first = tiles.first(tile);
    int group = endHead - firstHead;
    int queries = (tiles.end(tile) - first) * group;
    for (int q = 0; q < queries; q++) {
      absorb(first + q / group, firstHead + q % group, q * absorbed.keys, memory, work, worker);
    }
    memory.queries = queries;
    absorbed.spans.start(queries, memory.total);
    int last = batch.position(tiles.end(tile) - 1);
    int oldest = oldest(batch.position(first)) / RUN * RUN;
    for (int span = oldest / SPAN; span <= last / SPAN; span++) {
      start(memory, absorbed.values);
      int until = Math.min(last + 1, (span + 1) * SPAN);
      for (int run = Math.max(oldest, span * SPAN); run < until; run += RUN) {
        int tokens = Math.min(RUN, until - run);
        read(batch, tiles.sequence(tile), run, tokens, memory);
        attend(batch, first, group, run, tokens, span, absorbed, memory);
      }
      merge(absorbed, memory);
    }
    work.row(rank);
    for (int q = 0; q < queries; q++) {
      float total = memory.total.weight[q];
      for (int r = 0; r < rank; r++) {
        work.x[r] = memory.total.output[q * absorbed.values + r] / total;
      }
      int head = firstHead + q % group;
      valueUp.one(head, out, outOffset(first + q / group, head), work, worker);
    }
  }

  /** Moves a query into the latent space: its rope part follows as it is. */
  private void absorb(int column, int head, int to, AttentionWork memory, Work work, int worker) {
    long from = queryOffset(column, head);
    keyUp.transposed(head, query, from, memory.query, to, work, worker);
    long rope = from + 4L * op.nope();
    MemorySegment.copy(query, Memory.FLOAT, rope, memory.query, to + rank, op.rope());
    Arrays.fill(memory.query, to + rank + op.rope(), to + absorbed.keys, 0);
  }

  /** Keys are latents, which are the values, followed by the rope part. */
  private void read(Batch batch, int sequence, int run, int tokens, AttentionWork memory) {
    int keys = absorbed.keys;
    latents.read(batch, sequence, 0, run, tokens, memory.keys, 0, keys, rank);
    ropes.read(batch, sequence, 0, run, tokens, memory.keys, rank, keys, keys - rank);
  }

  private void start(AttentionWork memory, int stride) {
    Arrays.fill(memory.span.greatest, 0, memory.queries, Float.NEGATIVE_INFINITY);
    Arrays.fill(memory.weights, 0, memory.queries * Work.LANES, 0);
    Arrays.fill(memory.span.output, 0, memory.queries * stride, 0);
  }

  /** Adds a run of tokens, whose keys and values are there, to the sums of its span. */
  private void attend(
      Batch batch,
      int first,
      int group,
      int run,
      int tokens,
      int span,
      Shape shape,
      AttentionWork memory) {
    for (int q = 0; q < memory.queries; q++) {
      int position = batch.position(first + q / group);
      memory.from[q] = Math.max(Math.max(oldest(position), span * SPAN) - run, 0);
      memory.until[q] = Math.min(position + 1 - run, tokens);
      memory.factor[q] = 1; // where it sees nothing of this run
    }
    for (AttentionStep step : shape.steps) {
      step.run(memory);
    }
  }

  private void merge(Shape shape, AttentionWork memory) {
    for (int q = 0; q < memory.queries; q++) {
      memory.span.weight[q] = lanes.sum(memory.weights, q * Work.LANES);
      shape.spans.add(q, memory.span, memory.total);
    }
  }

  /** The first position that a token sees. */
  private int oldest(int position) {
    int window = op.cache().window();
    return window == 0 ? 0 : Math.max(0, position - window + 1);
  }

  private long queryOffset(int column, int head) {
    return 4L * ((long) column * op.heads() + head) * (op.nope() + op.rope());
  }

  private long outOffset(int column, int head) {
    return 4L * ((long) column * op.heads() + head) * op.valueDim();
  }
}
