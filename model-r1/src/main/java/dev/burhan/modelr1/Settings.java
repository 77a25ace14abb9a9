package dev.burhan.modelr1;

import dev.burhan.graph.InverseFrequencies;
import dev.burhan.graph.Op.Route.GroupRanking;
import dev.burhan.graph.Op.Route.Score;
import java.util.Optional;

/**
 * What a checkpoint's metadata says, whatever its format. Where a name differs from DeepSeek's own,
 * theirs stands behind it.
 *
 * @param architecture the family's name in the checkpoint
 * @param title the model's own name
 * @param layers number of layers, without the ones that draft
 * @param draftLayers layers behind them that draft (num_nextn_predict_layers)
 * @param hidden width of the residual stream
 * @param inner width within the SwiGLU network of layers without experts
 * @param vocabulary rows of the embedding
 * @param context most tokens
 * @param epsilon of the norms in the residual stream
 * @param latent attention
 * @param rotary how positions rotate query and key
 * @param mixture the experts; empty if all layers are dense
 * @param head whether the logits have a matrix of their own
 * @param scaleBlock rows and columns that share a scale in FP8 tensors
 */
record Settings(
    String architecture,
    Optional<String> title,
    int layers,
    int draftLayers,
    int hidden,
    int inner,
    int vocabulary,
    int context,
    float epsilon,
    Latent latent,
    Rotary rotary,
    Optional<Mixture> mixture,
    Head head,
    ScaleBlock scaleBlock) {

  /** Of the norms within attention: DeepSeek's code gives them this, whatever rms_norm_eps says. */
  static final float LATENT_EPSILON = 1e-6f;

  /** Whether a layer has experts. */
  boolean hasExperts(int layer) {
    return mixture.filter(m -> layer >= m.firstLayer() && layer % m.everyLayers() == 0).isPresent();
  }

  /**
   * Multi-head latent attention.
   *
   * @param heads query heads
   * @param queryRank width of the query's own latent (q_lora_rank); 0 without one
   * @param rank width of key and value's latent (kv_lora_rank)
   * @param nope width of a head's part without position (qk_nope_head_dim)
   * @param rope width of its rotated part (qk_rope_head_dim)
   * @param valueDim width of a head's value (v_head_dim)
   */
  record Latent(int heads, int queryRank, int rank, int nope, int rope, int valueDim) {
    int queryHead() {
      return nope + rope;
    }
  }

  /**
   * Rotary positions.
   *
   * @param frequencies one a pair
   * @param scale factor on sine and cosine
   * @param softmaxFactor factor on attention's scores beside 1 / sqrt(nope + rope)
   * @param interleaved whether pairs are neighbours
   */
  record Rotary(
      InverseFrequencies frequencies, float scale, double softmaxFactor, boolean interleaved) {}

  /**
   * The mixture of experts.
   *
   * @param firstLayer the first layer that has one (first_k_dense_replace)
   * @param everyLayers of the layers from there on, those whose number is a multiple have one
   *     (moe_layer_freq)
   * @param experts routed experts
   * @param inner width within an expert
   * @param shared how many experts' width the shared expert has; 0 without one
   * @param top experts a token
   * @param groups groups of experts; 1 for no groups
   * @param groupsKept groups that a token chooses from
   * @param ranking what a group counts
   * @param score how the router's logits become scores
   * @param bias whether there is a bias for choosing (e_score_correction_bias)
   * @param normalise whether the chosen weights are divided by their sum
   * @param scale factor on the weights
   */
  record Mixture(
      int firstLayer,
      int everyLayers,
      int experts,
      int inner,
      int shared,
      int top,
      int groups,
      int groupsKept,
      GroupRanking ranking,
      Score score,
      boolean bias,
      boolean normalise,
      float scale) {}

  /** Where the logits' matrix is. */
  enum Head {
    /** The embedding serves again. */
    TIED,
    /** A tensor of its own. */
    OWN,
    /** A tensor of its own if there is one. */
    OWN_IF_PRESENT
  }

  record ScaleBlock(int rows, int cols) {}
}
