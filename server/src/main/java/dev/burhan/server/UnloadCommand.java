package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
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

/** {@code burhan unload}: a running server serves a model no more. */
@Component(service = Provider.class)
public final class UnloadCommand implements Command {
  @Override
  public String name() {
    return ModelChanges.UNLOAD;
  }

  @Override
  public String summary() {
    return "Close a model in a running server; its answers that are being made end first.";
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("ID");
  }

  @Override
  public List<Option> options() {
    return List.of(Administration.url(), Administration.drain());
  }

  @Override
  public List<String> examples() {
    return List.of("burhan unload smollm2 --drain 60", "burhan:unload smollm2");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    if (arguments.operands().size() != 1) {
      throw new UsageException("name one model, as requests do");
    }
    ObjectNode body = Json.object().put(ModelChanges.NAME, arguments.operands().getFirst());
    Administration.putDrain(arguments, body);
    Administration.ask(name(), body, arguments, io);
    return DONE;
  }
}
