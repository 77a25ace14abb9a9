package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Kernel;
import dev.burhan.graph.Op;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/**
 * Causal softmax attention over paged keys and values. A part is one key head of one sequence with
 * some of the step's columns.
 *
 * <p>Cached tokens are read in runs of {@link #RUN}, counted from position 0 whatever the size of a
 * page; runs are merged in ascending order with a running maximum (Milakov and Gimelshein 2018). A
 * column's bits thus depend on its position and the cache alone.
 *
 * <p>Each part first appends the keys and values of its head for all columns up to its own last
 * one, so that parts need not wait for each other; two parts may write the same bytes twice.
 */
final class AttentionKernel implements Kernel {
  /** Tokens whose scores are computed at once: a multiple of a tile and of every vector. */
  static final int RUN = 32;

  private static final int QUERIES_PER_PART = 128;

  private final Lanes lanes;
  private final Op.Attention op;
  private final int group;
  private final int columnsPerPart;
  private final MemorySegment query;
  private final KvRows keys;
  private final KvRows values;
  private final MemorySegment out;
  private final Supplier<Work> work;
  private final DenseTile tile;
  private final AttentionSoftmax softmax;

  AttentionKernel(
      Lanes lanes,
      Op.Attention op,
      MemorySegment query,
      KvRows keys,
      KvRows values,
      MemorySegment out,
      Supplier<Work> work) {
    this.lanes = lanes;
    this.op = op;
    this.group = op.heads() / op.kvHeads();
    this.columnsPerPart = columnsPerPart(op);
    this.query = query;
    this.keys = keys;
    this.values = values;
    this.out = out;
    this.work = work;
    this.tile = new DenseTile(lanes);
    this.softmax = new AttentionSoftmax(lanes, op.headDim(), op.scale());
  }

  private static int columnsPerPart(Op.Attention op) {
    return Math.clamp(QUERIES_PER_PART / (op.heads() / op.kvHeads()), 1, RUN);
  }

  @Override
  public int parts(Batch batch) {
    int parts = 0;
    for (int sequence = 0; sequence < batch.sequences(); sequence++) {
      parts += columnParts(batch, sequence) * op.kvHeads();
    }
    return parts;
  }

  private int columnParts(Batch batch, int sequence) {
    int columns = batch.firstColumn(sequence + 1) - batch.firstColumn(sequence);
    return (columns + columnsPerPart - 1) / columnsPerPart;
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int rest = part;
    int sequence = 0;
    while (rest >= columnParts(batch, sequence) * op.kvHeads()) {
      rest -= columnParts(batch, sequence) * op.kvHeads();
      sequence++;
    }
    int head = rest % op.kvHeads();
    int start = batch.firstColumn(sequence);
    int first = start + rest / op.kvHeads() * columnsPerPart;
    int end = Math.min(first + columnsPerPart, batch.firstColumn(sequence + 1));
    for (int column = start; column < end; column++) {
      keys.append(batch, sequence, column, head);
      values.append(batch, sequence, column, head);
    }
    AttentionWork memory = work.get().attention(columnsPerPart * group, op.headDim());
    attend(batch, sequence, head, first, end, memory);
  }

  private void attend(
      Batch batch, int sequence, int head, int first, int end, AttentionWork memory) {
    int queries = (end - first) * group;
    softmax.start(queries, memory);
    int last = batch.position(end - 1);
    int oldest = oldest(batch.position(first));
    for (int run = oldest / RUN * RUN; run <= last; run += RUN) {
      int tokens = Math.min(RUN, last + 1 - run);
      keys.read(batch, sequence, head, run, tokens, memory.keys);
      values.read(batch, sequence, head, run, tokens, memory.values);
      scores(first, queries, head, tokens, memory);
      for (int q = 0; q < queries; q++) {
        int position = batch.position(first + q / group);
        int from = Math.max(oldest(position) - run, 0);
        int until = Math.min(position + 1 - run, tokens);
        if (from < until) {
          softmax.add(q, from, until, memory);
        }
      }
    }
    for (int q = 0; q < queries; q++) {
      softmax.finish(q, out, queryOffset(first, q, head), memory);
    }
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

  /**
   * Scores of all queries with the tokens of a run, before scaling. The last tile's rows beyond the
   * tokens hold what an earlier run left; their scores are not used.
   */
  private void scores(int first, int queries, int head, int tokens, AttentionWork memory) {
    int lanesCount = lanes.floats().length();
    for (int token = 0; token < tokens; token += Work.TILE) {
      for (int q = 0; q < queries; q += Work.TILE) {
        int count = Math.min(Work.TILE, queries - q);
        products(first, q, count, head, token, memory);
        for (int i = 0; i < count * Work.TILE; i++) {
          int score = (q + i / Work.TILE) * RUN + token + i % Work.TILE;
          memory.scores[score] = lanes.sum(memory.vectors, i * lanesCount);
        }
      }
    }
  }

  /** Four tokens times up to four queries. */
  private void products(int first, int q, int count, int head, int token, AttentionWork memory) {
    int dim = op.headDim();
    int k = token * dim;
    long q0 = queryOffset(first, q, head);
    long q1 = queryOffset(first, q + Math.min(1, count - 1), head);
    long q2 = queryOffset(first, q + Math.min(2, count - 1), head);
    long q3 = queryOffset(first, q + Math.min(3, count - 1), head);
    if (count == 1) {
      tile.tile4x1(memory.keys, k, dim, query, q0, dim, memory.vectors);
    } else if (count == 2) {
      tile.tile4x2(memory.keys, k, dim, query, q0, q1, dim, memory.vectors);
    } else {
      tile.tile4x4(memory.keys, k, dim, query, q0, q1, q2, q3, dim, memory.vectors);
    }
    if (dim % lanes.floats().length() != 0) {
      for (int i = 0; i < count * Work.TILE; i++) {
        long x = queryOffset(first, q + i / Work.TILE, head);
        int row = k + i % Work.TILE * dim;
        int at = i * lanes.floats().length();
        tile.tail(memory.keys, row, query, x, dim, memory.vectors, at);
      }
    }
  }
}
