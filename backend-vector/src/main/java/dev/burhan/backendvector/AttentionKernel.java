package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Scratch;
import dev.burhan.graph.Op;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

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
  private final Scratch scratch;
  private final AttentionWork layout;
  private final DenseTile tile;
  private final AttentionSoftmax softmax;

  AttentionKernel(
      Lanes lanes,
      Op.Attention op,
      AttentionWork layout,
      MemorySegment query,
      KvRows keys,
      KvRows values,
      MemorySegment out,
      Scratch scratch) {
    this.lanes = lanes;
    this.op = op;
    this.group = op.heads() / op.kvHeads();
    this.columnsPerPart = columnsPerPart(op);
    this.query = query;
    this.keys = keys;
    this.values = values;
    this.out = out;
    this.layout = layout;
    this.scratch = scratch;
    this.tile = new DenseTile(lanes);
    this.softmax = new AttentionSoftmax(lanes, layout, op.headDim(), op.scale());
  }

  /** Scratch for the op's largest part. */
  static AttentionWork work(Lanes lanes, Op.Attention op) {
    int queries = columnsPerPart(op) * (op.heads() / op.kvHeads());
    return new AttentionWork(lanes, queries, op.headDim());
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
    attend(batch, sequence, head, first, end, scratch.of(worker));
  }

  private void attend(Batch batch, int sequence, int head, int first, int end, MemorySegment work) {
    int queries = (end - first) * group;
    softmax.start(queries, work);
    int last = batch.position(end - 1);
    int oldest = oldest(batch.position(first));
    for (int run = oldest / RUN * RUN; run <= last; run += RUN) {
      int tokens = Math.min(RUN, last + 1 - run);
      keys.locate(batch, sequence, head, run, tokens, work, layout.keyRows());
      values.locate(batch, sequence, head, run, tokens, work, layout.valueRows());
      scores(first, queries, head, tokens, work);
      for (int q = 0; q < queries; q++) {
        int position = batch.position(first + q / group);
        int from = Math.max(oldest(position) - run, 0);
        int until = Math.min(position + 1 - run, tokens);
        if (from < until) {
          softmax.add(q, from, until, values.segment(work), work);
        }
      }
    }
    for (int q = 0; q < queries; q++) {
      softmax.finish(q, out, queryOffset(first, q, head), work);
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

  /** Scores of all queries with the tokens of a run, before scaling: (queries, RUN). */
  private void scores(int first, int queries, int head, int tokens, MemorySegment work) {
    for (int token = 0; token < tokens; token += Work.TILE) {
      for (int q = 0; q < queries; q += Work.TILE) {
        int count = Math.min(Work.TILE, queries - q);
        products(first, q, count, head, token, tokens, work);
        for (int i = 0; i < count; i++) {
          for (int t = 0; t < Work.TILE; t++) {
            float score =
                lanes.sum(work, layout.sums() + ((long) i * Work.TILE + t) * lanes.bytes());
            work.set(Memory.FLOAT, layout.scores() + ((long) (q + i) * RUN + token + t) * 4, score);
          }
        }
      }
    }
  }

  /** Four tokens (the last repeated where there are fewer) times up to four queries. */
  private void products(
      int first, int q, int count, int head, int token, int tokens, MemorySegment work) {
    MemorySegment k = keys.segment(work);
    long k0 = row(work, token);
    long k1 = row(work, Math.min(token + 1, tokens - 1));
    long k2 = row(work, Math.min(token + 2, tokens - 1));
    long k3 = row(work, Math.min(token + 3, tokens - 1));
    long sums = layout.sums();
    clear(work, sums);
    int dim = op.headDim();
    if (count == Work.TILE) {
      long q0 = queryOffset(first, q, head);
      long q1 = queryOffset(first, q + 1, head);
      long q2 = queryOffset(first, q + 2, head);
      long q3 = queryOffset(first, q + 3, head);
      tile.tile4x4(k, k0, k1, k2, k3, query, q0, q1, q2, q3, dim, work, sums);
    } else {
      for (int i = 0; i < count; i++) {
        long at = sums + (long) i * Work.TILE * lanes.bytes();
        tile.tile4x1(k, k0, k1, k2, k3, query, queryOffset(first, q + i, head), dim, work, at);
      }
    }
    if (dim % lanes.floats().length() != 0) {
      for (int i = 0; i < count; i++) {
        long x = queryOffset(first, q + i, head);
        long at = sums + (long) i * Work.TILE * lanes.bytes();
        tile.tail(k, k0, query, x, dim, work, at);
        tile.tail(k, k1, query, x, dim, work, at + lanes.bytes());
        tile.tail(k, k2, query, x, dim, work, at + 2L * lanes.bytes());
        tile.tail(k, k3, query, x, dim, work, at + 3L * lanes.bytes());
      }
    }
  }

  private long row(MemorySegment work, int token) {
    return work.get(Memory.LONG, layout.keyRows() + token * 8L);
  }

  private void clear(MemorySegment work, long sums) {
    FloatVector zero = FloatVector.zero(lanes.floats());
    for (int i = 0; i < Work.TILE * Work.TILE; i++) {
      zero.intoMemorySegment(work, sums + (long) i * lanes.bytes(), LE);
    }
  }
}
