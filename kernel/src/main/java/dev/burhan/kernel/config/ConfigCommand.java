package dev.burhan.kernel.config;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.kernel.config.Definition.Value;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.provider.Configurable;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** {@code burhan config}: every key, its value, and where it was given. */
@Component(service = Provider.class)
public final class ConfigCommand implements Command {
  @Override
  public String name() {
    return "config";
  }

  @Override
  public String summary() {
    return "Show the configuration and where each value comes from.";
  }

  @Override
  public List<Option> options() {
    return List.of(Option.flag("json", "Answer in JSON."));
  }

  @Override
  public List<String> examples() {
    return List.of("burhan config", "BURHAN_THREADS=2 burhan config --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) {
    if (arguments.flag("json")) {
      io.out().println(JsonText.of(json(host)));
      return DONE;
    }
    for (Definition definition : definitions(host)) {
      io.out().println(definition.pid());
      for (Value value : definition.values(host.settings())) {
        io.out()
            .printf(
                "  %-24s %-24s %s%n",
                value.key(), value.value().isEmpty() ? "-" : value.value(), value.origin());
        if (!value.description().isEmpty()) {
          io.out().printf("  %-24s %s%n", "", value.description());
        }
      }
      definition
          .unknown(host.settings())
          .forEach(
              key ->
                  io.err()
                      .println(
                          "burhan: conf/"
                              + definition.pid()
                              + ".cfg has the unknown key '"
                              + key
                              + "'"));
    }
    return DONE;
  }

  /** All components that can be configured. */
  public static List<Definition> definitions(Host host) {
    return host.providers(Configurable.class).stream().map(Definition::of).toList();
  }

  /** Every key with its component, value and origin. */
  public static List<Map<String, Object>> json(Host host) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (Definition definition : definitions(host)) {
      for (Value value : definition.values(host.settings())) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("component", definition.pid());
        json.put("key", value.key());
        json.put("value", value.value());
        json.put("origin", value.origin());
        json.put("description", value.description());
        all.add(json);
      }
    }
    return all;
  }
}
