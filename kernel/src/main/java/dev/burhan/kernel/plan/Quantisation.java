package dev.burhan.kernel.plan;

import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.provider.UsageException;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The types that a model's weights would be stored in. Vectors are F32, and so is the router except
 * in BF16 and FP8; a matrix whose rows are not whole blocks of its type is F16.
 */
enum Quantisation {
  BF16(DataType.BF16, "every matrix BF16"),
  FP8(
      DataType.F8_E4M3,
      "as DeepSeek publishes it: FP8 with an F32 scale a block of 128 x 128; embedding, head and"
          + " router BF16"),
  Q8_0(DataType.Q8_0, "every matrix Q8_0"),
  Q6_K(DataType.Q6_K, "every matrix Q6_K"),
  Q5_K_M(
      DataType.Q5_K,
      "a mixture, taken to be: Q5_K; head and half of the layers' down projections Q6_K"),
  Q5_K(DataType.Q5_K, "every matrix Q5_K"),
  Q4_K_M(
      DataType.Q4_K,
      "a mixture, taken to be: Q4_K; head and half of the layers' down projections Q6_K"),
  Q4_K(DataType.Q4_K, "every matrix Q4_K"),
  Q3_K(DataType.Q3_K, "every matrix Q3_K"),
  Q2_K(DataType.Q2_K, "every matrix Q2_K"),
  IQ1_S(
      DataType.IQ1_S,
      "every matrix IQ1_S; published files keep attention and the shared expert in larger types");

  private static final int SCALE_BLOCK = 128;

  private final DataType base;
  private final String assumption;

  Quantisation(DataType base, String assumption) {
    this.base = base;
    this.assumption = assumption;
  }

  /** The type of most weights. */
  DataType base() {
    return base;
  }

  /** What is taken to be stored how, in words. */
  String assumption() {
    return assumption;
  }

  static Quantisation named(String name) {
    String wanted = name.toUpperCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(one -> one.name().equals(wanted))
        .findFirst()
        .or(() -> wanted.equals("F8_E4M3") ? Optional.of(FP8) : Optional.empty())
        .orElseThrow(
            () ->
                new UsageException(
                    "--quant should be one of " + List.of(values()) + ", found '" + name + "'"));
  }

  /** Bytes of a weight, scales included. */
  long bytes(Node node, Weight weight, int layers) {
    Shape shape = weight.shape();
    if (weight.use() == Weight.Use.VECTOR) {
      return DataType.F32.bytes(shape.elements());
    }
    DataType type = type(node, weight, layers);
    if (type.equals(DataType.F8_E4M3)) {
      return scaledBytes(weight);
    }
    boolean whole = shape.cols() % type.blockElements() == 0;
    return (whole ? type : DataType.F16).bytes(shape.elements());
  }

  /** Bytes of FP8 values and their scales. */
  static long scaledBytes(Weight weight) {
    Shape shape = weight.shape();
    int rank = shape.rank();
    int blockRows = SCALE_BLOCK;
    int blockCols = SCALE_BLOCK;
    if (weight.source() instanceof Source.BlockScaled scaled) {
      blockRows = scaled.blockRows();
      blockCols = scaled.blockCols();
    }
    long matrices = rank < 3 ? 1 : shape.dim(0);
    long scales =
        matrices
            * Math.ceilDiv(shape.dim(rank - 2), blockRows)
            * Math.ceilDiv(shape.dim(rank - 1), blockCols);
    return shape.elements() + DataType.F32.bytes(scales);
  }

  private DataType type(Node node, Weight weight, int layers) {
    boolean head = node.op() instanceof Op.Logits;
    if (node.op() instanceof Op.Route) {
      return base.isFloat() ? DataType.BF16 : DataType.F32;
    }
    if (this == FP8) {
      return head || weight.use() == Weight.Use.GATHER ? DataType.BF16 : base;
    }
    boolean mixture = this == Q4_K_M || this == Q5_K_M;
    boolean more = head || isDown(node, weight) && moreBits(node.layer(), layers);
    return mixture && more ? DataType.Q6_K : base;
  }

  private static boolean isDown(Node node, Weight weight) {
    return node.op() instanceof Op.Experts experts
        ? weight.equals(experts.down())
        : node.op() instanceof Op.Linear && weight.name().matches(".*(down_proj|ffn_down).*");
  }

  /** The layers that llama.cpp gives more bits: the first and last eighth, and every third. */
  private static boolean moreBits(int layer, int layers) {
    return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
  }
}
