package dev.burhan.server;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Started;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Weighing;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code POST /v1/chat/completions}. */
@Component(
    service = Servlet.class,
    property = "osgi.http.whiteboard.servlet.pattern=/v1/chat/completions")
public final class ChatServlet extends ApiServlet {
  private static final long serialVersionUID = 1L;

  private final transient Serving serving;

  @Activate
  public ChatServlet(@Reference Serving serving) {
    super("POST");
    this.serving = serving;
  }

  @Override
  void answer(HttpServletRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    Origins.check(request, serving.loopback());
    ServedModel model = serving.model();
    ChatRequest chat =
        ChatRequestParser.parse(RequestBody.read(request, serving.limits().bodyBytes()));
    model.requireName(chat.model());
    GenerationRequest generation = model.request(chat);
    Completion completion = Completion.of(model, chat);
    Optional<Logprobs> logprobs =
        chat.logprobs() ? Optional.of(new Logprobs(model.loaded().tokenizer())) : Optional.empty();
    Extras extras =
        new Extras(
            model, generation, chat.receipt() ? Optional.of(serving.receipts()) : Optional.empty());
    Answer answer =
        chat.stream()
            ? new StreamedAnswer(response, completion, logprobs)
            : new WholeAnswer(response, completion, logprobs);
    try (var _ = serving.places().take();
        var feed = new Feed(generate(model, generation))) {
      request.setAttribute(NOTE, completion.id());
      relay(feed, answer, extras)
          .ifPresent(finished -> request.setAttribute(NOTE, note(completion, finished)));
    }
  }

  private Generation generate(ServedModel model, GenerationRequest request) {
    try {
      return model.loaded().generate(request);
    } catch (UsageException e) {
      throw ApiError.invalid(400, "invalid_value", null, e.getMessage());
    } catch (BurhanException e) {
      throw failure(e);
    }
  }

  /** A model that is closed fails what it was asked; the client is told why. */
  private ApiError failure(BurhanException cause) {
    return serving.state() == Serving.State.ENDING
        ? Completion.brokenOff()
        : ApiError.internal(cause.getMessage());
  }

  /** Passes events on until the last one; empty if the generation failed. */
  private Optional<Finished> relay(Feed feed, Answer answer, Extras extras)
      throws IOException, InterruptedException {
    try {
      long keepAlive = serving.limits().keepAlive().toNanos();
      while (true) {
        switch (feed.next(Duration.ofNanos(keepAlive - answer.silence())).orElse(null)) {
          case Started _ -> answer.begin();
          case Text text -> {
            extras.text(text);
            answer.text(text);
          }
          case Weighing _ -> {}
          case Finished finished -> {
            answer.finish(finished, extras.of(finished));
            return Optional.of(finished);
          }
          case null -> {}
        }
        if (answer.silence() >= keepAlive) {
          answer.keepAlive();
        }
      }
    } catch (ApiError e) {
      answer.fail(e);
    } catch (BurhanException e) {
      answer.fail(failure(e));
    }
    return Optional.empty();
  }

  private static String note(Completion completion, Finished finished) {
    return "%s %s prompt %d, thought %d, answer %d tokens, queued %d ms"
        .formatted(
            completion.id(),
            finished.reason().name().toLowerCase(Locale.ROOT),
            finished.usage().prompt(),
            finished.usage().reasoning(),
            finished.usage().answer(),
            finished.timings().queued() / 1_000_000);
  }
}
