package dev.burhan.server;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.NoBackendException;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
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
    serving.requireOpen();
    ChatRequest chat =
        ChatRequestParser.parse(RequestBody.read(request, serving.limits().bodyBytes()));
    try (var lease = serving.models().lease(chat.model())) {
      answer(chat, lease, request, response);
    }
  }

  private void answer(
      ChatRequest chat,
      ServedModels.Lease lease,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, InterruptedException {
    ServedModel model = lease.model();
    GenerationRequest generation = model.request(chat);
    Completion completion = Completion.of(model, chat);
    List<Optional<Logprobs>> logprobs =
        each(
            chat,
            () ->
                chat.logprobs()
                    ? Optional.of(new Logprobs(model.loaded().tokenizer()))
                    : Optional.empty());
    Optional<Serving.Receipts> receipts =
        chat.receipt() ? Optional.of(serving.receipts()) : Optional.empty();
    List<Extras> extras = each(chat, () -> new Extras(model, generation, receipts));
    Answer answer =
        chat.stream()
            ? new StreamedAnswer(response, completion, logprobs)
            : new WholeAnswer(response, completion, logprobs);
    try (var _ = serving.places().take();
        var feed = new Feed()) {
      request.setAttribute(NOTE, completion.id());
      var choices = new Choices(generation, extras, answer, one -> feed.add(generate(lease, one)));
      relay(choices, feed, answer, lease)
          .ifPresent(finished -> request.setAttribute(NOTE, note(completion, finished)));
    }
  }

  private static <T> List<T> each(ChatRequest chat, Supplier<T> made) {
    return Stream.generate(made).limit(chat.choices()).toList();
  }

  private Generation generate(ServedModels.Lease lease, GenerationRequest request) {
    try {
      return lease.model().loaded().generate(request);
    } catch (UsageException e) {
      throw ApiError.invalid(400, "invalid_value", null, e.getMessage());
    } catch (BurhanException e) {
      throw failure(e, lease);
    }
  }

  /** A model that is closed fails what it was asked; the client is told why. */
  private ApiError failure(BurhanException cause, ServedModels.Lease lease) {
    return brokenOff(lease)
        .orElseGet(
            () ->
                cause instanceof NoBackendException
                    ? ApiError.unavailable(
                        "no_backend", cause.getMessage(), Serving.RETRY_AFTER_SECONDS)
                    : ApiError.internal(cause.getMessage()));
  }

  /** Why an answer was cancelled that the client still waited for. */
  private Optional<ApiError> brokenOff(ServedModels.Lease lease) {
    if (serving.state() == Serving.State.ENDING) {
      return Optional.of(Completion.brokenOff());
    }
    return lease.brokenOff()
        ? Optional.of(
            ApiError.unavailable(
                "model_unloaded",
                "The model '%s' was unloaded, and the answer did not end in the time that was left."
                    .formatted(lease.model().id()),
                Serving.RETRY_AFTER_SECONDS))
        : Optional.empty();
  }

  /** Passes events on until the last one; empty if the generation failed. */
  private Optional<Finished> relay(
      Choices choices, Feed feed, Answer answer, ServedModels.Lease lease)
      throws IOException, InterruptedException {
    try {
      return Optional.of(choices.relay(feed, serving.limits().keepAlive()));
    } catch (ApiError e) {
      answer.fail(brokenOff(lease).orElse(e));
    } catch (BurhanException e) {
      answer.fail(failure(e, lease));
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
