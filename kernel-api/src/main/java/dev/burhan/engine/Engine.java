package dev.burhan.engine;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Loads models and runs them. Thread-safe. */
@ProviderType
public interface Engine {

  /**
   * Loads a model. The caller closes it.
   *
   * @throws dev.burhan.provider.BurhanException if there is no such model, no architecture or
   *     backend for it, or no room; says which
   */
  LoadedModel load(LoadRequest request, Progress progress);

  /**
   * Packs a model's weights as the backend wants them that would run it, and keeps them for those
   * who load it. It is not loaded for it: of a model larger than memory no more than one matrix, or
   * one expert of a stack, is in memory at a time.
   *
   * @throws BurhanException as {@link #load}, and if the weights can't be kept; says why
   */
  default PackReport pack(LoadRequest request, Progress progress) {
    throw new BurhanException("this engine keeps no packed weights");
  }

  /** What is loaded and not closed. */
  default List<LoadedModel> models() {
    return List.of();
  }

  /**
   * Tells a listener of every change from now on, until what is returned is closed: a bundle closes
   * it before it goes.
   */
  default Listening listen(EngineListener listener) {
    throw new UnsupportedOperationException("this engine tells of no changes");
  }

  /**
   * Tells all listeners of a change that is not the engine's own: whoever serves its models puts
   * one in another's place, or fails to.
   */
  default void tell(EngineEvent event) {
    throw new UnsupportedOperationException("this engine tells of no changes");
  }

  /** Being told; closing it ends that. Idempotent. */
  interface Listening extends AutoCloseable {
    @Override
    void close();
  }
}
