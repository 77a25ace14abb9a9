package dev.burhan.server;

import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Usage;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Collects an answer and sends it as one JSON object. As at DeepSeek, empty lines go ahead while
 * the client waits: JSON allows them, proxies see life, and a client that has gone is noticed.
 */
final class WholeAnswer implements Answer {
  /** A choice that is being made. */
  private static final class Draft {
    private final Optional<Logprobs> logprobs;
    private final StringBuilder thought = new StringBuilder();
    private final StringBuilder answer = new StringBuilder();
    private ObjectNode choice;

    Draft(Optional<Logprobs> logprobs) {
      this.logprobs = logprobs;
    }
  }

  private final HttpServletResponse response;
  private final Completion completion;
  private final List<Draft> drafts;
  private Optional<ObjectNode> extras = Optional.empty();
  private long sentAt = System.nanoTime();

  /**
   * For one completion.
   *
   * @param logprobs of each choice
   */
  WholeAnswer(
      HttpServletResponse response, Completion completion, List<Optional<Logprobs>> logprobs) {
    this.response = response;
    this.completion = completion;
    this.drafts = logprobs.stream().map(Draft::new).toList();
  }

  @Override
  public void begin(int choice) {}

  @Override
  public void text(int choice, Text text) {
    Draft draft = drafts.get(choice);
    (text.reasoning() ? draft.thought : draft.answer).append(text.text());
    draft.logprobs.ifPresent(all -> all.add(text));
  }

  @Override
  public void keepAlive() throws IOException {
    response.setContentType("application/json");
    response.getOutputStream().write('\n');
    response.flushBuffer();
    sentAt = System.nanoTime();
  }

  @Override
  public void finish(int choice, Finished finished, Optional<ObjectNode> burhan) {
    Draft draft = drafts.get(choice);
    ObjectNode message = Json.object().put("role", "assistant");
    if (!draft.thought.isEmpty()) {
      message.put("reasoning_content", draft.thought.toString());
    }
    message.put("content", draft.answer.toString());
    message.putNull("refusal");
    draft.choice =
        Completion.choice(
            choice,
            "message",
            message,
            draft.logprobs.map(Logprobs::take).orElse(NullNode.getInstance()),
            Completion.word(finished.reason()));
    extras = extras.or(() -> burhan); // only where there is one choice
  }

  @Override
  public void end(Usage usage) throws IOException {
    Stream<ObjectNode> choices = drafts.stream().map(draft -> draft.choice);
    ObjectNode whole = completion.whole(choices.toList(), usage);
    extras.ifPresent(extra -> whole.set(Completion.EXTRAS, extra));
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
