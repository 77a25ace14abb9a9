package dev.burhan.cli;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.provider.Host;
import java.util.List;
import java.util.Optional;

/** Keeps what it was called with, and does what a test wants. */
final class EchoCommand implements Command {

  @FunctionalInterface
  interface Action {
    int run(Arguments arguments, CommandIo io) throws Exception;
  }

  private final Action action;
  Arguments seen;

  boolean needsFramework;

  EchoCommand(Action action) {
    this.action = action;
  }

  @Override
  public String name() {
    return "echo";
  }

  @Override
  public String summary() {
    return "Says 100 % of what it is told.";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.required("model", Option.Kind.TEXT, "M", "The model."),
        Option.optional("max-tokens", Option.Kind.INTEGER, "N", "At most so many.", "256")
            .letter('n'),
        Option.optional("stop", Option.Kind.REPEATABLE_TEXT, "TEXT", "Ends the answer."),
        Option.flag("json", "Answer in JSON."));
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("PROMPT");
  }

  @Override
  public boolean needsFramework() {
    return needsFramework;
  }

  @Override
  public List<String> examples() {
    return List.of("burhan echo --model smollm2 \"50 % off?\"");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    seen = arguments;
    return action.run(arguments, io);
  }
}
