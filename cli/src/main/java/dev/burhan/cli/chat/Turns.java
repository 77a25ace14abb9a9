package dev.burhan.cli.chat;

import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.TallyText;
import dev.burhan.provider.BurhanException;
import dev.burhan.text.ChatPrompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Asks the model, and knows how the last turn went. */
final class Turns {
  private static final long TICK_MILLIS = 250;

  private final Console console;
  private final Models models;
  private final Settings settings;
  private final Conversation conversation;
  private Finished last;
  private long lastSeed;
  private String lastThought = "";
  private int asked;
  private long generated;

  Turns(Console console, Models models, Settings settings, Conversation conversation) {
    this.console = console;
    this.models = models;
    this.settings = settings;
    this.conversation = conversation;
  }

  /** Asks; the question is kept if there is an answer, be it one that was stopped. */
  void ask(String question) throws InterruptedException {
    LoadedModel model = models.current();
    SamplingParameters sampling = sampling();
    var conversed =
        new ChatPrompt(
            conversation.messages(question), null, Map.of("add_generation_prompt", true));
    int[] prompt = prompt(model, conversed);
    var request =
        new GenerationRequest(
                Arrays.stream(prompt).boxed().toList(),
                settings.maxTokens(),
                sampling,
                List.of(),
                false,
                Map.of())
            .withReasoning(settings.reasoning())
            .withConversation(conversed);
    var view =
        new AnswerView(
            console, settings.showThought(), settings.reasoning().votes(), System::nanoTime);
    answer(model, request, view);
    last = view.finished();
    lastSeed = sampling.seed();
    lastThought = view.thought();
    asked++;
    generated += last.usage().generated();
    if (!view.answer().isEmpty()) {
      conversation.add(new Conversation.Turn(question, view.thought(), view.answer()));
    }
    last.tally().map(TallyText::lines).orElse(List.of()).forEach(console::note);
    remark(last.reason(), view.answer().isEmpty());
  }

  private int[] prompt(LoadedModel model, ChatPrompt conversed) {
    String rendered = model.chatFormat().orElseThrow().render(conversed);
    int[] prompt = model.tokenizer().encode(rendered, false);
    int context = context(model);
    if (prompt.length >= context) {
      throw new BurhanException(
          "with this question the conversation has "
              + prompt.length
              + " tokens, and the context of "
              + context
              + " has no room for an answer; shorten the question, /reset to begin anew (/save"
              + " keeps what was said), or start with a larger --context");
    }
    return prompt;
  }

  private void answer(LoadedModel model, GenerationRequest request, AnswerView view)
      throws InterruptedException {
    try (Generation generation = model.generate(request);
        ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("burhan-chat-clock").factory())) {
      console.busy(generation::cancel);
      clock.scheduleAtFixedRate(view::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        view.accept(event);
      }
      clock.shutdownNow();
    } finally {
      console.idle();
    }
  }

  private void remark(FinishReason reason, boolean empty) {
    String kept = empty ? "; there is no answer, so the question is not kept" : "";
    switch (reason) {
      case STOP -> {
        if (empty) {
          console.note("the model answered nothing; the question is not kept");
        }
      }
      case CANCELLED -> console.note("stopped" + kept);
      case TIMEOUT -> console.note("its time was up" + kept);
      case BLOCKED -> console.note("a content policy ended this answer" + kept);
      case LENGTH ->
          console.note(
              last.usage().generated() >= settings.maxTokens()
                  ? "cut off after " + settings.maxTokens() + " tokens (--max-tokens)" + kept
                  : "cut off: the context of "
                      + context(models.current())
                      + " tokens is full; /reset to begin anew (/save keeps what was said), or"
                      + " start with a larger --context"
                      + kept);
    }
  }

  private static int context(LoadedModel model) {
    return model.plan().limits().context();
  }

  SamplingParameters sampling() {
    return settings.sampling(models.current(), System.nanoTime());
  }

  /** The last thought whole; empty if there was none. */
  String lastThought() {
    return lastThought;
  }

  /** The model in a few words. */
  String describe() {
    LoadedModel model = models.current();
    return "%s (%s, %.1f million parameters) on %s, context %d tokens"
        .formatted(
            model.name(),
            model.info().architecture(),
            model.info().parameters() / 1e6,
            model.backend(),
            context(model));
  }

  List<String> stats() {
    List<String> lines = new ArrayList<>();
    lines.add("model: " + describe());
    SamplingParameters sampling = sampling();
    lines.add(
        "settings: temperature %s, top-p %s, top-k %d, seed %s"
            .formatted(
                sampling.temperature(), sampling.topP(), sampling.topK(), settings.seedText()));
    lines.add(
        "reasoning: budget %s, votes %d, verify %s"
            .formatted(
                settings.budgetText(),
                settings.reasoning().votes(),
                settings.reasoning().verify() ? "on" : "off"));
    if (last != null) {
      lines.add("last turn: " + lastTurn());
    }
    lines.add(
        "chat: %d turns asked, %d of them kept, %d tokens generated"
            .formatted(asked, conversation.turns().size(), generated));
    return lines;
  }

  private String lastTurn() {
    double prefill = last.timings().prefill() / 1e9;
    double decode = last.timings().decode() / 1e9;
    int tokens = last.usage().generated();
    return String.format(
        Locale.ROOT,
        "%d of %d tokens of context; prompt %d tokens in %.2f s, %.1f/s; %d tokens (%d of them"
            + " thought) in %.2f s, %.1f/s%s; ended by %s, seed %d",
        last.usage().prompt() + tokens,
        context(models.current()),
        last.usage().prompt(),
        prefill,
        rate(last.usage().prompt(), prefill),
        tokens,
        last.usage().reasoning(),
        decode,
        rate(tokens - 1, decode), // the first one belongs to the prompt's time
        last.usage().drafted() == 0
            ? ""
            : ", "
                + last.usage().accepted()
                + " of "
                + last.usage().drafted()
                + " guesses accepted",
        last.reason().name().toLowerCase(Locale.ROOT),
        lastSeed);
  }

  private static double rate(int tokens, double seconds) {
    return seconds > 0 && tokens > 0 ? tokens / seconds : 0;
  }
}
