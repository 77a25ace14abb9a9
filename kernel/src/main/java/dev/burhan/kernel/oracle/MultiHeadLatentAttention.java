package dev.burhan.kernel.oracle;

import static dev.burhan.kernel.oracle.Arrays32.get;
import static dev.burhan.kernel.oracle.Arrays32.get64;
import static dev.burhan.kernel.oracle.Arrays32.set;
import static dev.burhan.kernel.oracle.Arrays32.set64;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Scratch;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.kernel.oracle.OracleProvider.LatentForm;
import java.lang.foreign.MemorySegment;

/**
 * Multi-head latent attention (DeepSeek-V2, section 2.1) in its two forms, which are equal but for
 * rounding: expanded makes each cached token's key and value out of its latent; absorbed moves the
 * query into the latent space and the result out of it. A part is one head of one column.
 */
final class MultiHeadLatentAttention implements Kernel {
  private final Op.LatentAttention op;
  private final LatentForm form;
  private final int rank;
  private final MemorySegment query; // (columns, heads, nope + rope)
  private final MemorySegment out; // (columns, heads, valueDim)
  private final CachedRows latents; // (tokens, rank)
  private final CachedRows ropes; // (tokens, rope)
  private final WeightRows keyUp; // (heads * nope, rank)
  private final WeightRows valueUp; // (heads * valueDim, rank)
  private final Scratch weights; // (max(nope, valueDim), rank): one head of keyUp or of valueUp
  private final Scratch scores; // (context) doubles
  private final Scratch inner; // (rank) doubles

  MultiHeadLatentAttention(Op.LatentAttention op, Node node, Bindings bindings, LatentForm form) {
    this.op = op;
    this.form = form;
    this.keyUp = WeightRows.of(op.keyUp(), bindings);
    this.valueUp = WeightRows.of(op.valueUp(), bindings);
    this.rank = keyUp.cols();
    this.query = bindings.value(node.in().get(0));
    this.out = bindings.value(node.out().getFirst());
    this.latents = new CachedRows(bindings.plane(op.cache(), 0), bindings.value(node.in().get(1)));
    this.ropes = new CachedRows(bindings.plane(op.cache(), 1), bindings.value(node.in().get(2)));
    ScratchArrays arrays = new ScratchArrays();
    this.weights = arrays.floats(rank * Math.max(op.nope(), op.valueDim()));
    this.scores = arrays.doubles(bindings.limits().context());
    this.inner = arrays.doubles(rank);
    arrays.bind(bindings);
  }

  @Override
  public int parts(Batch batch) {
    return batch.columns() * op.heads();
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int column = part / op.heads();
    int head = part % op.heads();
    if (head == 0) { // the cache is one for all heads
      latents.append(batch, column, 0, rank);
      ropes.append(batch, column, 0, op.rope());
    }
    boolean expanded =
        switch (form) {
          case AUTO -> batch.phase(column) == Phase.PROMPT;
          case EXPANDED -> true;
          case ABSORBED -> false;
        };
    if (expanded) {
      expanded(batch, column, head, worker);
    } else {
      absorbed(batch, column, head, worker);
    }
  }

  /** Position of the first token that the window leaves. */
  private int first(int last) {
    return op.cache().window() == 0 ? 0 : Math.max(0, last - op.cache().window() + 1);
  }

  private MemorySegment head(WeightRows up, int head, int rows, int worker) {
    MemorySegment w = weights.of(worker); // (rows, rank)
    for (int row = 0; row < rows; row++) {
      up.read((long) head * rows + row, w, row * up.f32Bytes());
    }
    return w;
  }

  /** key = [keyUp latent; rope], value = valueUp latent, then attention as ever. */
  private void expanded(Batch batch, int column, int head, int worker) {
    int sequence = batch.sequence(column);
    int last = batch.position(column);
    int first = first(last);
    long q = ((long) column * op.heads() + head) * (op.nope() + op.rope());
    MemorySegment s = scores.of(worker); // (tokens) doubles

    MemorySegment up = head(keyUp, head, op.nope(), worker);
    for (int position = first; position <= last; position++) {
      double score = ropeScore(batch, sequence, position, q + op.nope());
      for (int i = 0; i < op.nope(); i++) {
        double key = 0;
        for (int r = 0; r < rank; r++) {
          key += (double) get(up, (long) i * rank + r) * latents.get(batch, sequence, position, r);
        }
        score += get(query, q + i) * key;
      }
      set64(s, position - first, score * op.scale());
    }
    Arrays32.softmax(s, last - first + 1);

    up = head(valueUp, head, op.valueDim(), worker);
    for (int i = 0; i < op.valueDim(); i++) {
      double sum = 0;
      for (int position = first; position <= last; position++) {
        double value = 0;
        for (int r = 0; r < rank; r++) {
          value +=
              (double) get(up, (long) i * rank + r) * latents.get(batch, sequence, position, r);
        }
        sum += get64(s, position - first) * value;
      }
      set(out, ((long) column * op.heads() + head) * op.valueDim() + i, sum);
    }
  }

  /** query' = keyUp^T query, attention among latents, out = valueUp (sum of latents). */
  private void absorbed(Batch batch, int column, int head, int worker) {
    int sequence = batch.sequence(column);
    int last = batch.position(column);
    int first = first(last);
    long q = ((long) column * op.heads() + head) * (op.nope() + op.rope());
    MemorySegment s = scores.of(worker); // (tokens) doubles
    MemorySegment latent = inner.of(worker); // (rank) doubles: first the query, then the sum

    MemorySegment up = head(keyUp, head, op.nope(), worker);
    for (int r = 0; r < rank; r++) {
      double sum = 0;
      for (int i = 0; i < op.nope(); i++) {
        sum += (double) get(query, q + i) * get(up, (long) i * rank + r);
      }
      set64(latent, r, sum);
    }
    for (int position = first; position <= last; position++) {
      double score = ropeScore(batch, sequence, position, q + op.nope());
      for (int r = 0; r < rank; r++) {
        score += get64(latent, r) * latents.get(batch, sequence, position, r);
      }
      set64(s, position - first, score * op.scale());
    }
    Arrays32.softmax(s, last - first + 1);

    for (int r = 0; r < rank; r++) {
      double sum = 0;
      for (int position = first; position <= last; position++) {
        sum += get64(s, position - first) * latents.get(batch, sequence, position, r);
      }
      set64(latent, r, sum);
    }
    up = head(valueUp, head, op.valueDim(), worker);
    for (int i = 0; i < op.valueDim(); i++) {
      double sum = 0;
      for (int r = 0; r < rank; r++) {
        sum += get(up, (long) i * rank + r) * get64(latent, r);
      }
      set(out, ((long) column * op.heads() + head) * op.valueDim() + i, sum);
    }
  }

  private double ropeScore(Batch batch, int sequence, int position, long q) {
    double score = 0;
    for (int i = 0; i < op.rope(); i++) {
      score += (double) get(query, q + i) * ropes.get(batch, sequence, position, i);
    }
    return score;
  }
}
