package dev.burhan.cli.chat;

import dev.burhan.cli.chat.SlashCommand.Call;
import dev.burhan.engine.LoadRequest;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/** The conversation from the first line to the last: what is typed, and what becomes of it. */
final class ChatSession {
  private static final String SHOWN = "show";
  private static final String FOLDED = "fold";

  private final Console console;
  private final Models models;
  private final Settings settings;
  private final Conversation conversation = new Conversation();
  private final Transcript transcript = new Transcript();
  private final Turns turns;
  private boolean failed;

  ChatSession(Console console, Models models, Settings settings) {
    this.console = console;
    this.models = models;
    this.settings = settings;
    this.turns = new Turns(console, models, settings, conversation);
  }

  void system(String text) {
    conversation.system(text);
  }

  /**
   * Goes on until the person leaves or the input ends.
   *
   * @return whether every line could be done
   */
  boolean run() throws InterruptedException {
    boolean interrupted = false;
    while (true) {
      switch (console.read()) {
        case Input.End _ -> {
          return !failed;
        }
        case Input.Interrupted _ -> {
          if (interrupted) {
            return !failed;
          }
          interrupted = true;
          console.note("Ctrl-C once more leaves, as Ctrl-D does");
        }
        case Input.Text text -> {
          interrupted = false;
          if (!line(text.text())) {
            return !failed;
          }
        }
      }
    }
  }

  /** Does what a line asks for; false if that is to leave. */
  private boolean line(String text) throws InterruptedException {
    if (text.isBlank()) {
      return true;
    }
    try {
      Optional<Call> call = SlashCommand.parse(text);
      if (call.isEmpty()) {
        turns.ask(SlashCommand.forModel(text));
        return true;
      }
      return call(call.get());
    } catch (CancellationException e) {
      console.note("stopped; " + models.current().name() + " stays");
    } catch (BurhanException e) {
      failed = true;
      console.note(e.getMessage());
    } catch (UncheckedIOException | IllegalStateException | OutOfMemoryError e) {
      failed = true; // what was said so far is worth more than this turn
      console.note("this failed, the conversation stays: " + e);
    }
    return true;
  }

  private boolean call(Call call) {
    String argument = call.argument();
    switch (call.command()) {
      case HELP -> help();
      case SYSTEM -> system(call);
      case MODEL -> model(argument);
      case BACKEND -> backend(argument);
      case SEED -> {
        if (!argument.isEmpty()) {
          settings.seed(argument);
        }
        console.note("seed: " + settings.seedText());
      }
      case TEMPERATURE -> {
        if (!argument.isEmpty()) {
          settings.temperature(argument);
        }
        console.note("temperature: " + turns.sampling().temperature());
      }
      case THINK -> think(argument);
      case BUDGET -> {
        if (!argument.isEmpty()) {
          settings.budget(argument);
        }
        console.note("thinking budget: " + settings.budgetText());
      }
      case VOTES -> {
        if (!argument.isEmpty()) {
          settings.votes(argument);
        }
        console.note("votes: " + settings.reasoning().votes());
      }
      case VERIFY -> {
        if (!argument.isEmpty()) {
          settings.verify(argument);
        }
        console.note("verify: " + (settings.reasoning().verify() ? "on" : "off"));
      }
      case STATS -> turns.stats().forEach(console::note);
      case SAVE ->
          console.note(
              "saved "
                  + transcript.save(conversation, models.current().name(), argument).toString());
      case LOAD -> {
        conversation.replaceBy(transcript.load(argument));
        console.note("loaded " + conversation.turns().size() + " turns");
      }
      case RESET -> {
        conversation.reset();
        console.note("forgotten; the system prompt stays");
      }
      case QUIT -> {
        return false;
      }
    }
    return true;
  }

  private void help() {
    SlashCommand.helpLines().forEach(console::note);
    console.note("A line that ends in \\ goes on in the next; \"\"\" begins and ends a block.");
    console.note("Ctrl-C stops an answer, Ctrl-D leaves; a line that begins with // is said.");
  }

  private void system(Call call) {
    if (!call.argument().isEmpty()) {
      conversation.system(call.argument().equals("\"\"") ? "" : call.argument());
    }
    console.note("system prompt: " + conversation.system().orElse("none"));
  }

  private void model(String name) {
    if (!name.isEmpty()) {
      LoadRequest now = models.request();
      models.exchange(
          new LoadRequest(name, now.backend(), now.threads(), now.context(), now.options())
              .withSpeculation(now.speculation()),
          console);
    }
    console.note("model: " + turns.describe());
  }

  private void backend(String name) {
    if (!name.isEmpty()) {
      LoadRequest now = models.request();
      models.exchange(
          new LoadRequest(
                  now.model(), Optional.of(name), now.threads(), now.context(), now.options())
              .withSpeculation(now.speculation()),
          console);
    }
    console.note("model: " + turns.describe());
  }

  private void think(String argument) {
    switch (argument) {
      case "" ->
          console.note(
              turns.lastThought().isEmpty()
                  ? "the last answer came without a thought"
                  : turns.lastThought());
      case SHOWN, FOLDED -> {
        settings.showThought(argument.equals(SHOWN));
        console.note(
            argument.equals(SHOWN)
                ? "thoughts show from now on"
                : "thoughts are folded from now on; /think shows the last one");
      }
      default ->
          throw new UsageException("/think takes show, fold or nothing, found '" + argument + "'");
    }
  }
}
