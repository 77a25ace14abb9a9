package dev.burhan.kernel.oracle;

import static dev.burhan.kernel.oracle.Arrays32.get64;
import static dev.burhan.kernel.oracle.Arrays32.set;
import static dev.burhan.kernel.oracle.Arrays32.set64;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.ColumnKernel;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Scratch;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Causal softmax attention (Ainslie et al. 2023). A part is one kv head of one column. */
final class GroupedQueryAttention implements Kernel {
  private final Op.Attention op;
  private final MemorySegment query; // (columns, heads, headDim)
  private final MemorySegment out; // (columns, heads, headDim)
  private final CachedRows keys; // (tokens, kvHeads, headDim)
  private final CachedRows values; // (tokens, kvHeads, headDim)
  private final Scratch scores; // (context) doubles
  private final Scratch row; // (headDim): a key or a value
  private final Scratch sums; // (headDim) doubles

  GroupedQueryAttention(Op.Attention op, Node node, Bindings bindings) {
    this.op = op;
    this.query = bindings.value(node.in().get(0));
    this.out = bindings.value(node.out().getFirst());
    this.keys = new CachedRows(bindings.plane(op.cache(), 0), bindings.value(node.in().get(1)));
    this.values = new CachedRows(bindings.plane(op.cache(), 1), bindings.value(node.in().get(2)));
    ScratchArrays arrays = new ScratchArrays();
    this.scores = arrays.doubles(bindings.limits().context());
    this.row = arrays.floats(op.headDim());
    this.sums = arrays.doubles(op.headDim());
    arrays.bind(bindings);
  }

  @Override
  public Optional<ColumnKernel> prologue() {
    return Optional.of(new Append(keys, values));
  }

  @Override
  public int parts(Batch batch) {
    return batch.columns() * op.kvHeads();
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int column = part / op.kvHeads();
    int kvHead = part % op.kvHeads();
    int group = op.heads() / op.kvHeads();
    for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
      attend(batch, column, head, kvHead, worker);
    }
  }

  private void attend(Batch batch, int column, int head, int kvHead, int worker) {
    MemorySegment score = scores.of(worker);
    MemorySegment kept = row.of(worker);
    MemorySegment sum = sums.of(worker);
    int sequence = batch.sequence(column);
    int last = batch.position(column);
    int window = op.cache().window();
    int first = window == 0 ? 0 : Math.max(0, last - window + 1);
    long at = ((long) column * op.heads() + head) * op.headDim();
    int kv = kvHead * op.headDim();
    for (int position = first; position <= last; position++) {
      keys.read(batch, sequence, position, kv, op.headDim(), kept);
      double product = Arrays32.dot(query, at, kept, 0, op.headDim());
      set64(score, position - first, product * op.scale());
    }
    Arrays32.softmax(score, last - first + 1);
    Arrays32.clear64(sum, op.headDim());
    for (int position = first; position <= last; position++) {
      values.read(batch, sequence, position, kv, op.headDim(), kept);
      Arrays32.addScaled(sum, get64(score, position - first), kept, op.headDim());
    }
    for (int i = 0; i < op.headDim(); i++) {
      set(out, at + i, get64(sum, i));
    }
  }
}
