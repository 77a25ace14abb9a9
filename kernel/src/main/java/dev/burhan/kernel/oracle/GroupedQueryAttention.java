package dev.burhan.kernel.oracle;

import static dev.burhan.kernel.oracle.Arrays32.get;
import static dev.burhan.kernel.oracle.Arrays32.get64;
import static dev.burhan.kernel.oracle.Arrays32.set;
import static dev.burhan.kernel.oracle.Arrays32.set64;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Scratch;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import java.lang.foreign.MemorySegment;

/** Causal softmax attention (Ainslie et al. 2023). A part is one kv head of one column. */
final class GroupedQueryAttention implements Kernel {
  private final Op.Attention op;
  private final MemorySegment query; // (columns, heads, headDim)
  private final MemorySegment out; // (columns, heads, headDim)
  private final CachedRows keys; // (tokens, kvHeads, headDim)
  private final CachedRows values; // (tokens, kvHeads, headDim)
  private final Scratch scratch; // (context) doubles

  GroupedQueryAttention(Op.Attention op, Node node, Bindings bindings) {
    this.op = op;
    this.query = bindings.value(node.in().get(0));
    this.out = bindings.value(node.out().getFirst());
    this.keys = new CachedRows(bindings.plane(op.cache(), 0), bindings.value(node.in().get(1)));
    this.values = new CachedRows(bindings.plane(op.cache(), 1), bindings.value(node.in().get(2)));
    this.scratch = bindings.scratch(8L * bindings.limits().context());
  }

  @Override
  public int parts(Batch batch) {
    return batch.columns() * op.kvHeads();
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int column = part / op.kvHeads();
    int kvHead = part % op.kvHeads();
    keys.append(batch, column, kvHead * op.headDim(), op.headDim());
    values.append(batch, column, kvHead * op.headDim(), op.headDim());
    int group = op.heads() / op.kvHeads();
    for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
      attend(batch, column, head, kvHead, scratch.of(worker));
    }
  }

  private void attend(Batch batch, int column, int head, int kvHead, MemorySegment scores) {
    int sequence = batch.sequence(column);
    int last = batch.position(column);
    int window = op.cache().window();
    int first = window == 0 ? 0 : Math.max(0, last - window + 1);
    long at = ((long) column * op.heads() + head) * op.headDim();
    int kv = kvHead * op.headDim();
    for (int position = first; position <= last; position++) {
      double score = 0;
      for (int i = 0; i < op.headDim(); i++) {
        score += (double) get(query, at + i) * keys.get(batch, sequence, position, kv + i);
      }
      set64(scores, position - first, score * op.scale());
    }
    Arrays32.softmax(scores, last - first + 1);
    for (int i = 0; i < op.headDim(); i++) {
      double sum = 0;
      for (int position = first; position <= last; position++) {
        sum += get64(scores, position - first) * values.get(batch, sequence, position, kv + i);
      }
      set(out, at + i, sum);
    }
  }
}
