package dev.burhan.kernel.oracle;

import static dev.burhan.kernel.oracle.Arrays32.get;
import static dev.burhan.kernel.oracle.Arrays32.get64;
import static dev.burhan.kernel.oracle.Arrays32.set;
import static dev.burhan.kernel.oracle.Arrays32.set64;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.ColumnKernel;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Scratch;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.kernel.oracle.OracleProvider.LatentForm;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

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
  private final Scratch row; // (max(rank, rope)): a token's latent or rope part
  private final Scratch sums; // (valueDim) doubles

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
    this.row = arrays.floats(Math.max(rank, op.rope()));
    this.sums = arrays.doubles(op.valueDim());
    arrays.bind(bindings);
  }

  @Override
  public Optional<ColumnKernel> prologue() {
    return Optional.of(new Append(latents, ropes)); // one cache for all heads
  }

  @Override
  public int parts(Batch batch) {
    return batch.columns() * op.heads();
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int column = part / op.heads();
    int head = part % op.heads();
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

    MemorySegment latent = row.of(worker);
    MemorySegment up = head(keyUp, head, op.nope(), worker);
    for (int position = first; position <= last; position++) {
      double score = ropeScore(batch, sequence, position, q + op.nope(), latent);
      latents.read(batch, sequence, position, 0, rank, latent);
      for (int i = 0; i < op.nope(); i++) {
        score += get(query, q + i) * Arrays32.dot(up, (long) i * rank, latent, 0, rank);
      }
      set64(s, position - first, score * op.scale());
    }
    Arrays32.softmax(s, last - first + 1);

    MemorySegment sum = sums.of(worker);
    Arrays32.clear64(sum, op.valueDim());
    up = head(valueUp, head, op.valueDim(), worker);
    for (int position = first; position <= last; position++) {
      latents.read(batch, sequence, position, 0, rank, latent);
      for (int i = 0; i < op.valueDim(); i++) {
        double value = Arrays32.dot(up, (long) i * rank, latent, 0, rank);
        set64(sum, i, get64(sum, i) + get64(s, position - first) * value);
      }
    }
    for (int i = 0; i < op.valueDim(); i++) {
      set(out, ((long) column * op.heads() + head) * op.valueDim() + i, get64(sum, i));
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
    MemorySegment kept = row.of(worker);
    for (int position = first; position <= last; position++) {
      double score = ropeScore(batch, sequence, position, q + op.nope(), kept);
      latents.read(batch, sequence, position, 0, rank, kept);
      for (int r = 0; r < rank; r++) {
        score += get64(latent, r) * get(kept, r);
      }
      set64(s, position - first, score * op.scale());
    }
    Arrays32.softmax(s, last - first + 1);

    Arrays32.clear64(latent, rank);
    for (int position = first; position <= last; position++) {
      latents.read(batch, sequence, position, 0, rank, kept);
      Arrays32.addScaled(latent, get64(s, position - first), kept, rank);
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

  private double ropeScore(Batch batch, int sequence, int position, long q, MemorySegment kept) {
    ropes.read(batch, sequence, position, 0, op.rope(), kept);
    return Arrays32.dot(query, q, kept, 0, op.rope());
  }
}
