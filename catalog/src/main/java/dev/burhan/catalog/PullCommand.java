package dev.burhan.catalog;

import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan pull NAME}: fetches models and prints where they are. */
@Component(service = Provider.class)
public final class PullCommand implements Command {

  @Override
  public String name() {
    return "pull";
  }

  @Override
  public String summary() {
    return "Fetch models of the catalogue into the cache and print their files.";
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("NAME...");
  }

  @Override
  public List<String> examples() {
    return List.of("burhan pull smollm2", "burhan pull smollm2 qwen2.5-coder-0.5b");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) {
    Map<String, ModelCatalog> catalogs = new LinkedHashMap<>();
    for (ModelCatalog catalog : host.providers(ModelCatalog.class)) {
      catalog.entries().forEach(entry -> catalogs.putIfAbsent(entry.name(), catalog));
    }
    String known = String.join(", ", catalogs.keySet());
    if (arguments.operands().isEmpty()) {
      throw new UsageException("pull needs the name of a model: " + known);
    }
    List<String> unknown = new ArrayList<>(arguments.operands());
    unknown.removeAll(catalogs.keySet());
    if (!unknown.isEmpty()) {
      throw new UsageException(
          "there is no model '" + unknown.getFirst() + "' in the catalogue; it has " + known);
    }
    for (String name : arguments.operands()) {
      Path file = catalogs.get(name).fetch(name, io.progress());
      io.out().println(file);
    }
    return DONE;
  }
}
