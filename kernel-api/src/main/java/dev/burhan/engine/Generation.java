package dev.burhan.engine;

import org.osgi.annotation.versioning.ProviderType;

/** A running generation. Events are taken by one thread; {@link #cancel} by any. */
@ProviderType
public interface Generation extends AutoCloseable {

  /**
   * The next event, waiting for it.
   *
   * @return null after {@link GenerationEvent.Finished}
   * @throws dev.burhan.provider.BurhanException if the generation failed
   */
  GenerationEvent next() throws InterruptedException;

  /**
   * Ends it soon; what was generated stays, and {@link GenerationEvent.Finished} still comes.
   * Idempotent.
   */
  void cancel();

  /** Cancels and waits until the engine has let go of everything. */
  @Override
  void close();
}
