package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan load}: one more model for a running server. */
@Component(service = Provider.class)
public final class LoadCommand implements Command {
  @Override
  public String name() {
    return ModelChanges.LOAD;
  }

  @Override
  public String summary() {
    return "Load one more model in a running server.";
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("MODEL");
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(Administration.url());
    options.add(
        Option.optional(
            ModelChanges.NAME,
            Kind.TEXT,
            "ID",
            "What requests call the model.",
            "its catalogue name, or its file's name without .gguf"));
    options.addAll(Asked.options());
    return List.copyOf(options);
  }

  @Override
  public List<String> examples() {
    return List.of("burhan load smollm2 --name small --context 2048", "burhan:load smollm2");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    if (arguments.operands().size() != 1) {
      throw new UsageException("name one model: a file, a folder or a catalogue name");
    }
    String model = arguments.operands().getFirst();
    ObjectNode body = Json.object().put(Asked.MODEL, Administration.path(model));
    arguments.text(ModelChanges.NAME).ifPresent(id -> body.put(ModelChanges.NAME, id));
    Administration.putOptions(arguments, body);
    Administration.ask(name(), body, arguments, io);
    return DONE;
  }
}
