package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan replace}: another checkpoint under a model's id. */
@Component(service = Provider.class)
public final class ReplaceCommand implements Command {
  private static final String IN_PLACE = "in-place";

  @Override
  public String name() {
    return ModelChanges.REPLACE;
  }

  @Override
  public String summary() {
    return "Put another checkpoint in a model's place in a running server.";
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("ID [MODEL]");
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(Administration.url());
    options.add(Administration.drain());
    options.add(
        Option.flag(
            IN_PLACE,
            "Close the old one first, and refuse requests meanwhile: where both don't fit."));
    options.addAll(Asked.options());
    return List.copyOf(options);
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan replace r1 ~/models/DeepSeek-R1-Distill-Qwen-1.5B-Q8_0.gguf",
        "burhan replace smollm2 --context 8192 --in-place",
        "burhan:replace smollm2");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    List<String> operands = arguments.operands();
    if (operands.isEmpty() || operands.size() > 2) {
      throw new UsageException(
          "name one model, as requests do, and what to put in its place unless it is the same anew");
    }
    ObjectNode body = Json.object().put(ModelChanges.NAME, operands.getFirst());
    if (operands.size() == 2) {
      body.put(Asked.MODEL, Administration.path(operands.getLast()));
    }
    if (arguments.flag(IN_PLACE)) {
      body.put(ModelChanges.IN_PLACE, true);
    }
    Administration.putDrain(arguments, body);
    Administration.putOptions(arguments, body);
    Administration.ask(name(), body, arguments, io);
    return DONE;
  }
}
