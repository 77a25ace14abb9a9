package dev.burhan.backend;

import dev.burhan.graph.Weight;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The weights of one checkpoint. Each (weight, layout) is materialised once and shared by all
 * programs that use it, also while one program takes another's place. Thread-safe.
 */
@ProviderType
public interface WeightStore {

  /**
   * A weight in {@link Layout#FILE} (mapped and not copied where the source is a stored tensor) or
   * {@link Layout#F32}.
   *
   * @throws dev.burhan.provider.BurhanException if the checkpoint can't give it
   */
  Resident acquire(Weight weight, Layout layout);

  /** A weight in a library's own layout, packed on first use. */
  Resident acquire(Weight weight, Layout layout, Packer packer);

  /**
   * The experts of a weight one by one, if the store keeps only some in memory. Valid as long as a
   * hold of any weight of the store is.
   *
   * @param packer makes the layout; empty for {@link Layout#FILE}
   */
  default Optional<ExpertSlots> slots(Weight weight, Layout layout, Optional<Packer> packer) {
    return Optional.empty();
  }
}
