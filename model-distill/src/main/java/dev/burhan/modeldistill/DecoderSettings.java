package dev.burhan.modeldistill;

import dev.burhan.graph.InverseFrequencies;
import java.util.List;
import java.util.Optional;

/**
 * What a checkpoint's metadata says, whatever its format.
 *
 * @param architecture the family's name
 * @param title the model's own name
 * @param layers number of layers
 * @param hidden width of the residual stream
 * @param inner width within the SwiGLU network
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param headDim width of a head
 * @param vocabulary rows of the embedding
 * @param context most tokens
 * @param epsilon of all norms
 * @param rotary how positions rotate query and key
 * @param windows for each layer how many last tokens attention sees; 0 for all
 * @param queryKeyNorm whether query and key heads are normalised
 * @param queryKeyValueBias whether these projections have biases
 * @param outputBias whether attention's output has one
 * @param feedForwardBias whether the SwiGLU network's projections have biases
 * @param head whether the logits have a matrix of their own
 * @param scaleBlock rows and columns that share a scale in FP8 tensors
 */
record DecoderSettings(
    String architecture,
    Optional<String> title,
    int layers,
    int hidden,
    int inner,
    int heads,
    int kvHeads,
    int headDim,
    int vocabulary,
    int context,
    float epsilon,
    Rotary rotary,
    List<Integer> windows,
    boolean queryKeyNorm,
    Bias queryKeyValueBias,
    Bias outputBias,
    Bias feedForwardBias,
    Head head,
    ScaleBlock scaleBlock) {

  /** Whether a projection has a bias. */
  enum Bias {
    NONE,
    REQUIRED,
    IF_PRESENT;

    static Bias of(boolean told) {
      return told ? REQUIRED : NONE;
    }
  }

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

  /**
   * Rotary positions.
   *
   * @param frequencies one a pair; twice as many dimensions, from the head's first on, are rotated
   * @param scale factor on sine and cosine
   * @param interleaved whether pairs are neighbours
   */
  record Rotary(InverseFrequencies frequencies, float scale, boolean interleaved) {}
}
