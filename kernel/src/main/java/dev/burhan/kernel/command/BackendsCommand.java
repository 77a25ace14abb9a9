package dev.burhan.kernel.command;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadRequest;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.engine.BackendReview;
import dev.burhan.kernel.engine.BackendReview.Choice;
import dev.burhan.kernel.engine.BackendReview.Entry;
import dev.burhan.kernel.engine.BackendReview.OnModel;
import dev.burhan.kernel.engine.KernelEngine;
import dev.burhan.kernel.report.Amount;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan backends}: what could run models here, and which one is chosen and why. */
@Component(service = Provider.class)
public final class BackendsCommand implements Command {

  @Override
  public String name() {
    return "backends";
  }

  @Override
  public String summary() {
    return "List what can run models here, what can't and why, and which one is chosen.";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.optional(
            "model", Kind.TEXT, "M", "Tell which one would run this model, and why.", "none"),
        LoadOptions.backend(),
        LoadOptions.activations(),
        LoadOptions.kvType(),
        Option.flag("json", "Print one JSON object."));
  }

  @Override
  public List<String> examples() {
    return List.of("burhan backends", "burhan backends --model smollm2 --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) {
    LoadRequest asked =
        LoadOptions.loadRequest(arguments.text("model").orElse("no model"), arguments);
    LoadRequest request = EngineConfiguration.complete(asked, host);
    Optional<ModelGraph> model = arguments.text("model").map(name -> graph(name, io, host));
    BackendReview review = new BackendReview(host);
    List<Entry> entries = review.entries(request, model);
    Choice choice = review.choice(asked, request, entries);
    if (arguments.flag("json")) {
      io.out().println(JsonText.of(json(arguments.text("model"), entries, choice)));
    } else {
      entries.forEach(entry -> print(entry, choice, io));
      io.out().printf("%s: %s%n", choice.name().orElse("none is chosen"), choice.reason());
    }
    return choice.name().isPresent() ? DONE : FAILED;
  }

  /** From the header alone: no weight is read. */
  private static ModelGraph graph(String model, CommandIo io, Host host) {
    try (Checkpoint checkpoint = host.openCheckpoint(model, io.progress())) {
      return KernelEngine.architecture(host, checkpoint).graph(checkpoint);
    }
  }

  private static void print(Entry entry, Choice choice, CommandIo io) {
    String detail = entry.detail();
    if (entry.onModel().isPresent()) {
      OnModel on = entry.onModel().get();
      detail =
          on.refusals().isEmpty()
              ? "runs it: " + Amount.bytes(on.weightBytes()) + " of weights, " + on.numerics()
              : "does not run it: " + String.join("; ", on.refusals());
    }
    io.out().printf("%-12s %-9s %s%n", entry.name(), state(entry, choice), detail);
  }

  private static String state(Entry entry, Choice choice) {
    if (choice.name().isPresent() && choice.name().get().equals(entry.name())) {
      return "chosen";
    }
    if (!entry.usable()) {
      return "unusable";
    }
    return entry.selectable() ? "usable" : "by name";
  }

  private static Map<String, Object> json(
      Optional<String> model, List<Entry> entries, Choice choice) {
    Map<String, Object> json = new LinkedHashMap<>();
    model.ifPresent(name -> json.put("model", name));
    json.put("backends", entries.stream().map(BackendsCommand::json).toList());
    choice.name().ifPresent(name -> json.put("chosen", name));
    json.put("reason", choice.reason());
    return json;
  }

  private static Map<String, Object> json(Entry entry) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", entry.name());
    json.put("kind", entry.whole() ? "backend" : "host kernels");
    json.put("rank", entry.rank());
    json.put("usable", entry.usable());
    json.put("selectable", entry.selectable());
    json.put("partial", entry.partial());
    json.put("detail", entry.detail());
    entry
        .onModel()
        .ifPresent(
            on -> {
              json.put("runs_model", on.refusals().isEmpty());
              json.put("refusals", on.refusals());
              json.put("numerics", on.numerics());
              json.put("weight_bytes", on.weightBytes());
            });
    return json;
  }
}
