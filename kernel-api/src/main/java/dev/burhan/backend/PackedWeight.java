package dev.burhan.backend;

import dev.burhan.graph.Weight;
import java.util.Objects;

/**
 * A weight that a backend wants in a layout of its own.
 *
 * @param packer makes the layout; usable as long as the backend is open
 */
public record PackedWeight(Weight weight, Layout layout, Packer packer) {
  public PackedWeight {
    Objects.requireNonNull(weight, "weight");
    Objects.requireNonNull(layout, "layout");
    Objects.requireNonNull(packer, "packer");
  }
}
