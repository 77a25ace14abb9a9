package dev.burhan.server;

import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Text;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;

/**
 * Collects an answer and sends it as one JSON object. As at DeepSeek, empty lines go ahead while
 * the client waits: JSON allows them, proxies see life, and a client that has gone is noticed.
 */
final class WholeAnswer implements Answer {
  private final HttpServletResponse response;
  private final Completion completion;
  private final Optional<Logprobs> logprobs;
  private final StringBuilder thought = new StringBuilder();
  private final StringBuilder answer = new StringBuilder();
  private long sentAt = System.nanoTime();

  WholeAnswer(HttpServletResponse response, Completion completion, Optional<Logprobs> logprobs) {
    this.response = response;
    this.completion = completion;
    this.logprobs = logprobs;
  }

  @Override
  public void begin() {}

  @Override
  public void text(Text text) {
    (text.reasoning() ? thought : answer).append(text.text());
    logprobs.ifPresent(all -> all.add(text));
  }

  @Override
  public void keepAlive() throws IOException {
    response.setContentType("application/json");
    response.getOutputStream().write('\n');
    response.flushBuffer();
    sentAt = System.nanoTime();
  }

  @Override
  public void finish(Finished finished, Optional<ObjectNode> burhan) throws IOException {
    ObjectNode message = Json.object().put("role", "assistant");
    if (!thought.isEmpty()) {
      message.put("reasoning_content", thought.toString());
    }
    message.put("content", answer.toString());
    message.putNull("refusal");
    ObjectNode whole =
        completion.whole(
            message,
            logprobs.map(Logprobs::take).orElse(NullNode.getInstance()),
            Completion.word(finished.reason()),
            finished.usage());
    burhan.ifPresent(extra -> whole.set(Completion.EXTRAS, extra));
    Responses.json(response, 200, whole);
  }

  @Override
  public void fail(ApiError error) {
    if (!response.isCommitted()) {
      throw error;
    }
    // The status says 200 by now: a body that breaks off is the only way to tell the truth.
    throw new BrokenOff(error.getMessage());
  }

  @Override
  public long silence() {
    return System.nanoTime() - sentAt;
  }
}
