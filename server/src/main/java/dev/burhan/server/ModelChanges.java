package dev.burhan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.command.Option;
import dev.burhan.engine.LoadedModel;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import dev.burhan.provider.UsageException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What an operator asks of a server's models, as JSON: over HTTP, and from a shell inside. */
final class ModelChanges {
  static final String LOAD = "load";
  static final String UNLOAD = "unload";
  static final String REPLACE = "replace";

  static final String NAME = "name";
  static final String DRAIN = "drain";
  static final String IN_PLACE = "in_place";

  private static final long DAY = 86_400;

  private final Serving serving;

  ModelChanges(Serving serving) {
    this.serving = serving;
  }

  /** A model's option as a field of JSON. */
  static String field(String option) {
    return option.replace('-', '_');
  }

  /** All models that are in memory. */
  ObjectNode list() {
    ObjectNode list = Json.object();
    ArrayNode models = list.putArray("models");
    for (ServedModels.Listed one : serving.models().listed()) {
      LoadedModel loaded = one.model().loaded();
      models
          .addObject()
          .put(NAME, one.model().id())
          .put(Asked.MODEL, one.asked().model())
          .put("state", one.leaving() ? "leaving" : "serving")
          .put("requests", one.requests())
          .put("backend", loaded.backend())
          .put("architecture", loaded.info().architecture())
          .put("parameters", loaded.info().parameters())
          .put("context", loaded.plan().limits().context());
    }
    return list;
  }

  /**
   * Makes a change, and returns when it is made.
   *
   * @param what one of {@link #LOAD}, {@link #UNLOAD}, {@link #REPLACE}
   * @return what came of it
   * @throws ApiError if it can't be
   */
  ObjectNode change(String what, ObjectNode body) throws InterruptedException {
    Fields fields = new Fields("", body);
    try {
      return switch (what) {
        case LOAD -> load(fields);
        case UNLOAD -> unload(fields);
        case REPLACE -> replace(fields);
        default ->
            throw ApiError.invalid(
                404,
                "unknown_url",
                null,
                "A model can be asked to load, unload or replace, found '%s'.".formatted(what));
      };
    } catch (UsageException e) {
      throw ApiError.invalid(400, "invalid_value", null, e.getMessage());
    } catch (BurhanException e) {
      throw ApiError.internal(e.getMessage());
    }
  }

  private ObjectNode load(Fields fields) {
    String model = fields.text(Asked.MODEL).orElseThrow(() -> fields.missing(Asked.MODEL));
    Asked asked = Asked.of(model, fields.text(NAME), options(fields, Set.of(Asked.MODEL, NAME)));
    return told(serving.models().load(asked, Progress.NONE));
  }

  private ObjectNode unload(Fields fields) throws InterruptedException {
    fields.requireKnown(Set.of(NAME, DRAIN));
    String name = name(fields);
    int brokenOff = serving.models().unload(name, drain(fields));
    return Json.object().put(NAME, name).put("broken_off", brokenOff);
  }

  private ObjectNode replace(Fields fields) throws InterruptedException {
    Map<String, List<String>> given = options(fields, Set.of(Asked.MODEL, NAME, DRAIN, IN_PLACE));
    Optional<String> model = fields.text(Asked.MODEL);
    model.ifPresent(value -> given.put(Asked.MODEL, List.of(value)));
    ServedModels.Replacement came =
        serving
            .models()
            .replace(
                name(fields),
                given,
                fields.flag(IN_PLACE).orElse(false),
                drain(fields),
                Progress.NONE);
    return told(came.model()).put("broken_off", came.brokenOff());
  }

  private static ObjectNode told(ServedModel model) {
    ObjectNode told = Json.object().put(NAME, model.id()).put("backend", model.loaded().backend());
    model.loaded().loading().ifPresent(report -> told.put("seconds", report.seconds()));
    return told;
  }

  private static String name(Fields fields) {
    return fields.text(NAME).orElseThrow(() -> fields.missing(NAME));
  }

  private Duration drain(Fields fields) {
    return fields.integer(DRAIN, 0, DAY).stream()
        .mapToObj(Duration::ofSeconds)
        .findFirst()
        .orElse(serving.limits().drain());
  }

  /** The model's options among the fields, which have no others but {@code known}. */
  private static Map<String, List<String>> options(Fields fields, Set<String> known) {
    Map<String, String> options =
        Asked.options().stream()
            .map(Option::name)
            .collect(Collectors.toMap(ModelChanges::field, name -> name));
    Map<String, List<String>> given = new HashMap<>();
    for (String name : fields.names()) {
      if (options.containsKey(name)) {
        fields
            .any(name)
            .ifPresent(value -> given.put(options.get(name), List.of(text(fields, name, value))));
      } else if (!known.contains(name)) {
        throw fields.unknown(name);
      }
    }
    return given;
  }

  private static String text(Fields fields, String name, JsonNode value) {
    if (!value.isTextual() && !value.isIntegralNumber()) {
      throw fields.badType(name, "a string or an integer");
    }
    return value.asText();
  }
}
