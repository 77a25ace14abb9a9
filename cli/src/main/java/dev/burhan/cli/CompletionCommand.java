package dev.burhan.cli;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;
import picocli.AutoComplete;

/** {@code burhan completion}: a script by which a shell completes commands, options and values. */
@Component(service = Provider.class)
public final class CompletionCommand implements Command {

  @Override
  public String name() {
    return "completion";
  }

  @Override
  public String summary() {
    return "Print a script by which bash, zsh or fish complete this command line.";
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("bash|zsh|fish");
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public List<String> examples() {
    return List.of(
        "source <(burhan completion bash)",
        "burhan completion zsh > ~/.burhan-completion && source ~/.burhan-completion",
        "burhan completion fish > ~/.config/fish/completions/burhan.fish");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) {
    String shell = arguments.operands().size() == 1 ? arguments.operands().getFirst() : "";
    List<Command> commands = host.providers(Command.class);
    var values = new OptionValues(host);
    io.out()
        .print(
            switch (shell) {
              // One script for both: in zsh it loads bashcompinit.
              case "bash", "zsh" ->
                  AutoComplete.bash("burhan", CommandLines.root(commands, values::of));
              case "fish" -> FishCompletion.script(commands, values::of);
              default ->
                  throw new UsageException(
                      "expected a shell, bash, zsh or fish, found '"
                          + String.join(" ", arguments.operands())
                          + "'");
            });
    return DONE;
  }
}
