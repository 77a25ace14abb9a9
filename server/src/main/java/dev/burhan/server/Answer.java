package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Usage;
import java.io.IOException;
import java.util.Optional;

/**
 * Writes the choices of a completion to a client. An {@link IOException} means that the client has
 * gone.
 */
interface Answer {

  /** The engine has begun with a choice. */
  void begin(int choice) throws IOException;

  void text(int choice, Text text) throws IOException;

  /** The client has heard nothing for a while. */
  void keepAlive() throws IOException;

  /**
   * A choice is there.
   *
   * @param burhan what Burhan adds to it, if anything
   */
  void finish(int choice, Finished finished, Optional<ObjectNode> burhan) throws IOException;

  /** All choices are there. */
  void end(Usage usage) throws IOException;

  /**
   * A generation failed.
   *
   * @throws ApiError the same, if nothing is sent yet
   */
  void fail(ApiError error) throws IOException;

  /** Nanoseconds since something was sent; what never sent anything counts from its making. */
  long silence();
}
