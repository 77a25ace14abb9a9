package dev.burhan.graph;

import java.util.Optional;

/**
 * The core operations. Coarse, and about mathematics only: which form of MLA, which type of cache,
 * which window, which adapter are not said here. All activations are F32 unless a value says
 * otherwise; a row is one token's.
 *
 * <p>A backend switches over these with a default branch that answers "unsupported": ops are added
 * in minor versions, and a {@link CustomOp} that it doesn't know is expanded before it gets to see
 * the graph.
 */
public sealed interface Op
    permits Op.Embed,
        Op.RmsNorm,
        Op.Linear,
        Op.Rope,
        Op.Attention,
        Op.LatentAttention,
        Op.SwiGlu,
        Op.Route,
        Op.Experts,
        Op.Add,
        Op.Slice,
        Op.Concat,
        Op.Logits,
        CustomOp {

  /**
   * in: nothing but the batch's token ids; out: (width): rows of {@code table} (vocabulary, width).
   */
  record Embed(Weight table) implements Op {}

  /**
   * in: x (width); out: (width). {@code y = x / sqrt(mean(x^2) + epsilon) * gain} over each group
   * of {@code gain}'s length (Zhang and Sennrich 2019): the whole row, or each head where width is
   * a multiple of it.
   */
  record RmsNorm(Weight gain, float epsilon) implements Op {}

  /** in: x (cols); out: (rows). {@code y = W x + b}, W (rows, cols), b (rows). */
  record Linear(Weight weight, Optional<Weight> bias) implements Op {}

  /**
   * in: x (heads * headDim); out: the same width. In each head rotates {@code 2 *
   * frequencies.size()} dimensions from {@code offset} on and copies the rest (Su et al. 2021).
   * Pair j is (x[2j], x[2j+1]) if interleaved, else (x[j], x[j+n/2]).
   *
   * @param scale factor on sine and cosine (YaRN's attention factor), 1 in most models
   */
  record Rope(
      int heads,
      int headDim,
      int offset,
      boolean interleaved,
      InverseFrequencies frequencies,
      float scale)
      implements Op {}

  /**
   * in: query (heads * headDim), key (kvHeads * headDim), value (kvHeads * headDim); out: (heads *
   * headDim). Appends key and value to the cache's planes 0 and 1, then causal softmax attention
   * over the sequence's cached tokens (Ainslie et al. 2023, grouped queries: query head h reads kv
   * head {@code h / (heads / kvHeads)}).
   */
  record Attention(CacheSpec cache, int heads, int kvHeads, int headDim, float scale)
      implements Op {}

  /**
   * in: query (heads * (nope + rope)), latent (rank), key rope part (rope); out: (heads *
   * valueDim). Multi-head latent attention (DeepSeek-V2, section 2.1): appends latent and rope part
   * to planes 0 and 1. Key head h of a cached token is {@code keyUp[h] latent} followed by the rope
   * part, its value {@code valueUp[h] latent}. The expanded and the absorbed form are equal but for
   * rounding; a backend takes the first for prompt columns and the second for generated ones.
   *
   * @param keyUp (heads, nope, rank)
   * @param valueUp (heads, valueDim, rank)
   */
  record LatentAttention(
      CacheSpec cache,
      int heads,
      int nope,
      int rope,
      int valueDim,
      Weight keyUp,
      Weight valueUp,
      float scale)
      implements Op {}

  /** in: gate (width), up (width); out: (width). {@code silu(gate) * up} (Shazeer 2020). */
  record SwiGlu() implements Op {}

  /**
   * in: x (cols); out: expert numbers (top, I32), weights (top). Scores are {@code gate x} through
   * {@code score}; {@code bias} is added for choosing only. If {@code groups > 1}, groups of
   * neighbouring experts are ranked by {@code ranking} of their biased scores and only the {@code
   * groupsKept} best keep their experts. The {@code top} best experts are returned best first
   * (ties: lower number first), their weights being the unbiased scores, divided by their sum plus
   * 1e-20 if {@code normalise}, times {@code scale}.
   */
  record Route(
      Weight gate,
      Optional<Weight> bias,
      int groups,
      int groupsKept,
      int top,
      Score score,
      boolean normalise,
      float scale,
      GroupRanking ranking)
      implements Op {

    /** Groups are ranked by {@link GroupRanking#TWO_BEST}. */
    public Route(
        Weight gate,
        Optional<Weight> bias,
        int groups,
        int groupsKept,
        int top,
        Score score,
        boolean normalise,
        float scale) {
      this(gate, bias, groups, groupsKept, top, score, normalise, scale, GroupRanking.TWO_BEST);
    }

    /** How logits become scores. */
    public enum Score {
      SIGMOID,
      SOFTMAX
    }

    /** What a group of experts counts. */
    public enum GroupRanking {
      /** The sum of its two best scores (DeepSeek-V3, section 2.1.2). */
      TWO_BEST,
      /** Its best score (DeepSeek-V2, section 2.2.2, where groups are devices). */
      BEST
    }
  }

  /**
   * in: x (cols), expert numbers (top, I32), weights (top); out: (cols). Sum over the chosen
   * experts, in order of rank, of weight * down(silu(gate x) * up x).
   *
   * @param gate (experts, inner, cols)
   * @param up (experts, inner, cols)
   * @param down (experts, cols, inner)
   */
  record Experts(Weight gate, Weight up, Weight down) implements Op {}

  /** in: a (width), b (width); out: (width). */
  record Add() implements Op {}

  /** in: x; out: the numbers {@code [from, from + width of the output)} of each row. */
  record Slice(int from) implements Op {}

  /** in: two or more values; out: their rows one after another. */
  record Concat() implements Op {}

  /**
   * in: x (cols) of all columns; out: (vocabulary) for the rows of which logits are wanted. {@code
   * y = W x}.
   */
  record Logits(Weight head) implements Op {}
}
