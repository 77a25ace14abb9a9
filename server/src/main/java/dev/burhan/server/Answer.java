package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Text;
import java.io.IOException;
import java.util.Optional;

/** Writes a generation to a client. An {@link IOException} means that the client has gone. */
interface Answer {

  /** The engine has begun. */
  void begin() throws IOException;

  void text(Text text) throws IOException;

  /** The client has heard nothing for a while. */
  void keepAlive() throws IOException;

  /**
   * The answer is there.
   *
   * @param burhan what Burhan adds to it, if anything
   */
  void finish(Finished finished, Optional<ObjectNode> burhan) throws IOException;

  /**
   * The generation failed.
   *
   * @throws ApiError the same, if nothing is sent yet
   */
  void fail(ApiError error) throws IOException;

  /** Nanoseconds since something was sent; what never sent anything counts from its making. */
  long silence();
}
