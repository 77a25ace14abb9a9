package dev.burhan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Usage;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Sends an answer as it is made, as server-sent events (WHATWG HTML, section 9.2). As at DeepSeek,
 * comments go in between while the client waits.
 */
final class StreamedAnswer implements Answer {
  private static final byte[] KEEP_ALIVE = ": keep-alive\n\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.UTF_8);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);

  private final HttpServletResponse response;
  private final Completion completion;
  private final List<Optional<Logprobs>> logprobs; // of each choice
  private long sentAt = System.nanoTime();

  StreamedAnswer(
      HttpServletResponse response, Completion completion, List<Optional<Logprobs>> logprobs) {
    this.response = response;
    this.completion = completion;
    this.logprobs = logprobs;
  }

  @Override
  public void begin(int choice) throws IOException {
    ObjectNode delta = Json.object().put("role", "assistant").put("content", "");
    send(completion.chunk(choice, delta, NullNode.getInstance(), null));
  }

  @Override
  public void text(int choice, Text text) throws IOException {
    Optional<Logprobs> own = logprobs.get(choice);
    own.ifPresent(all -> all.add(text));
    JsonNode probabilities = own.map(Logprobs::take).orElse(NullNode.getInstance());
    if (!text.text().isEmpty() || !probabilities.isNull()) {
      ObjectNode delta =
          Json.object().put(text.reasoning() ? "reasoning_content" : "content", text.text());
      send(completion.chunk(choice, delta, probabilities, null));
    }
  }

  @Override
  public void keepAlive() throws IOException {
    headers();
    response.getOutputStream().write(KEEP_ALIVE);
    flush();
  }

  @Override
  public void finish(int choice, Finished finished, Optional<ObjectNode> burhan)
      throws IOException {
    String reason = Completion.word(finished.reason());
    ObjectNode last = completion.chunk(choice, Json.object(), NullNode.getInstance(), reason);
    burhan.ifPresent(extra -> last.set(Completion.EXTRAS, extra));
    send(last);
  }

  @Override
  public void end(Usage usage) throws IOException {
    if (completion.usageAtEnd()) {
      send(completion.usageChunk(usage));
    }
    response.getOutputStream().write(DONE);
    flush();
  }

  @Override
  public void fail(ApiError error) throws IOException {
    if (!response.isCommitted()) {
      throw error;
    }
    send(error.json()); // and no [DONE]
  }

  private void send(ObjectNode event) throws IOException {
    headers();
    var out = response.getOutputStream();
    out.write(DATA);
    out.write(Json.bytes(event));
    out.write(END);
    flush();
  }

  private void flush() throws IOException {
    response.flushBuffer();
    sentAt = System.nanoTime();
  }

  private void headers() {
    if (!response.isCommitted()) {
      response.setContentType("text/event-stream; charset=utf-8");
      response.setHeader("Cache-Control", "no-cache");
      response.setHeader("X-Accel-Buffering", "no"); // nginx passes each event on at once
    }
  }

  @Override
  public long silence() {
    return System.nanoTime() - sentAt;
  }
}
