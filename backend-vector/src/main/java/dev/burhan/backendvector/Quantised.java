package dev.burhan.backendvector;

import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;

/**
 * A quantised type: how its blocks become numbers, and what is done with them. All that differs
 * between the types is in the classes below; each has its unpack step and two short loops around
 * it. (The loops are not shared: C2 compiles a loop well only where the step in it is one method,
 * and a model has four or five types.)
 *
 * <p>The caller guarantees lengths: rows of whole blocks, activations for each of their numbers.
 */
abstract class Quantised {
  final Lanes lanes;
  private final int group;

  /**
   * @param group how many numbers share a scale: 16 or 32
   */
  Quantised(Lanes lanes, int group) {
    this.lanes = lanes;
    this.group = group;
  }

  static boolean supports(DataType type) {
    return switch (type.name()) {
      case "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K" ->
          DataType.standard().contains(type);
      default -> false;
    };
  }

  static Quantised of(DataType type, Lanes lanes) {
    return switch (type.name()) {
      case "Q4_0" -> new Blocks.Q4Zero(lanes);
      case "Q4_1" -> new Blocks.Q4One(lanes);
      case "Q5_0" -> new Blocks.Q5Zero(lanes);
      case "Q5_1" -> new Blocks.Q5One(lanes);
      case "Q8_0" -> new Blocks.Q8Zero(lanes);
      case "Q2_K" -> new SuperBlocks16.Q2K(lanes);
      case "Q3_K" -> new SuperBlocks16.Q3K(lanes);
      case "Q4_K" -> new SuperBlocks32.Q4K(lanes);
      case "Q5_K" -> new SuperBlocks32.Q5K(lanes);
      case "Q6_K" -> new SuperBlocks16.Q6K(lanes);
      default -> throw new IllegalArgumentException("no quantised type: " + type);
    };
  }

  final int group() {
    return group;
  }

  /**
   * Writes the numbers of consecutive blocks as F32 into {@code to} from {@code out} on.
   *
   * @param w the weight
   * @param at where the first block begins
   */
  abstract void floats(MemorySegment w, long at, int blocks, Work work, float[] to, int out);

  /**
   * Product of consecutive blocks with the activations in {@code work}: leaves a vector of sums in
   * {@code work.vectors} and returns what the minima add. Products are summed as integers within a
   * group, exactly; each lane's sum becomes a float, is multiplied by both scales and added by fma.
   */
  abstract float dot(MemorySegment w, long at, int blocks, Work work);
}
