package dev.burhan.server;

import dev.burhan.command.Arguments;
import dev.burhan.command.Option;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.WarmUp;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model as an operator asked for it.
 *
 * @param id what requests call it
 * @param given texts by the command line's option, {@code model} among them
 */
record Asked(String id, Map<String, List<String>> given) {
  static final String MODEL = "model";

  Asked {
    given = Map.copyOf(given);
  }

  /** The options by which a served model is told how to run: all but {@code --model}. */
  static List<Option> options() {
    List<Option> options = new ArrayList<>(LoadOptions.run());
    options.add(LoadOptions.speculation());
    options.addAll(LoadOptions.sharing());
    return options;
  }

  /** What was given for these options, and nothing else that was. */
  static Map<String, List<String>> only(Map<String, List<String>> values) {
    Map<String, List<String>> given = new HashMap<>();
    options().stream()
        .map(Option::name)
        .filter(values::containsKey)
        .forEach(name -> given.put(name, values.get(name)));
    return given;
  }

  /**
   * A model to be served.
   *
   * @param id empty for one after the model
   * @param values what else was given; what is no option of a model's is left aside
   */
  static Asked of(String model, Optional<String> id, Map<String, List<String>> values) {
    Map<String, List<String>> given = only(values);
    given.put(MODEL, List.of(model));
    return new Asked(id.orElseGet(() -> id(model)), given);
  }

  /** The same id with other options, these over those it had. */
  Asked with(Map<String, List<String>> others) {
    Map<String, List<String>> all = new HashMap<>(given);
    all.putAll(others);
    return new Asked(id, all);
  }

  /** A file, a folder or a catalogue name. */
  String model() {
    return given.get(MODEL).getLast();
  }

  /**
   * What the engine is asked for.
   *
   * @throws dev.burhan.provider.UsageException if an option is wrong
   */
  LoadRequest request() {
    return LoadOptions.loadRequest(new Arguments(given, List.of()))
        .withWarmUp(WarmUp.LOAD)
        .withName(id);
  }

  /** Short, and nothing that tells this machine's folders. */
  private static String id(String model) {
    try {
      if (!Files.exists(Path.of(model))) {
        return model;
      }
      String file = Path.of(model).toAbsolutePath().normalize().getFileName().toString();
      return file.endsWith(".gguf") ? file.substring(0, file.length() - 5) : file;
    } catch (InvalidPathException e) {
      return model;
    }
  }
}
