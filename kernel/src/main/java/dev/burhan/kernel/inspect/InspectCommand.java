package dev.burhan.kernel.inspect;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadRequest;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.kernel.engine.KernelEngine;
import dev.burhan.kernel.inspect.Inspection.BackendPlan;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan inspect}: what a model is and what it would cost, without reading its weights. */
@Component(service = Provider.class)
public final class InspectCommand implements Command {
  @Override
  public String name() {
    return "inspect";
  }

  @Override
  public String summary() {
    return "Show a model's metadata, tensors, graph and memory plan, without reading its weights.";
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("M");
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(
        Option.optional("model", Kind.TEXT, "M", "The model, if it is not given as a word."));
    options.addAll(LoadOptions.run());
    options.add(Option.flag("graph", "Print the graph, one line a node."));
    options.add(
        Option.optional(
            "dot", Kind.PATH, "FILE", "Write a picture of the graph in Graphviz's language."));
    options.add(Option.optional("svg", Kind.PATH, "FILE", "Write a picture of the graph."));
    options.add(Option.flag("json", "Answer in JSON."));
    return List.copyOf(options);
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan inspect smollm2",
        "burhan inspect smollm2 --graph",
        "burhan inspect qwen2.5-coder-0.5b --svg qwen.svg --context 32768");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws IOException {
    String name = model(arguments);
    LoadRequest request =
        EngineConfiguration.complete(LoadOptions.loadRequest(name, arguments), host)
            .withDefault(LoadRequest.SEQUENCES, "1");
    try (Checkpoint checkpoint = host.openCheckpoint(name, io.progress())) {
      Inspection inspection = inspect(name, checkpoint, request, host);
      boolean drawn = draw(arguments, inspection);
      if (arguments.flag("json")) {
        io.out().println(JsonText.of(InspectionJson.of(inspection, arguments.flag("graph"))));
      } else if (arguments.flag("graph")) {
        requireGraph(inspection);
        GraphText.lines(inspection.nodes()).forEach(io.out()::println);
      } else if (!drawn) {
        new InspectionText(inspection, io.out()).print();
      }
    }
    return DONE;
  }

  private static String model(Arguments arguments) {
    List<String> words = new ArrayList<>(arguments.operands());
    arguments.text("model").ifPresent(words::add);
    if (words.size() != 1) {
      throw new UsageException(
          "name one model, as in 'burhan inspect smollm2'"
              + (words.isEmpty() ? "" : ", found " + words));
    }
    return words.getFirst();
  }

  /** A model that can't be run here is still worth a look: what is missing becomes a remark. */
  private static Inspection inspect(
      String name, Checkpoint checkpoint, LoadRequest request, Host host) {
    List<String> missing = new ArrayList<>();
    Optional<ModelGraph> graph = Optional.empty();
    Optional<BackendPlan> plan = Optional.empty();
    try {
      graph = Optional.of(KernelEngine.architecture(host, checkpoint).graph(checkpoint));
    } catch (BurhanException e) {
      missing.add("graph and plan: " + e.getMessage());
    }
    if (graph.isPresent()) {
      try {
        plan = Optional.of(plan(request, graph.get(), host));
      } catch (UsageException e) {
        throw e; // an option is wrong: a backend's name, a context too large
      } catch (BurhanException e) {
        missing.add("plan: " + e.getMessage());
      }
    }
    return new Inspection(name, checkpoint, Inspection.byType(checkpoint), graph, plan, missing);
  }

  private static BackendPlan plan(LoadRequest request, ModelGraph graph, Host host) {
    BackendSelection.Opened opened =
        new BackendSelection(host).open(request.backend(), request.options());
    try (var backend = opened.backend()) {
      return new BackendPlan(
          opened.name(), backend.plan(graph.graph(), KernelEngine.limits(request, graph)));
    }
  }

  /** Writes the pictures that are asked for; says whether one was. */
  private static boolean draw(Arguments arguments, Inspection inspection) throws IOException {
    Optional<Path> dot = arguments.path("dot");
    Optional<Path> svg = arguments.path("svg");
    if (dot.isEmpty() && svg.isEmpty()) {
      return false;
    }
    requireGraph(inspection);
    GraphSketch sketch = GraphSketch.of(inspection.nodes());
    if (dot.isPresent()) {
      write(dot.get(), DotPicture.of(sketch, inspection.model()));
    }
    if (svg.isPresent()) {
      write(svg.get(), SvgPicture.of(sketch, inspection.model()));
    }
    return true;
  }

  private static void write(Path file, String picture) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      throw new BurhanException("there is no folder " + folder + " to write " + file + " into");
    }
    Files.writeString(file, picture);
  }

  private static void requireGraph(Inspection inspection) {
    if (inspection.graph().isEmpty()) {
      throw new BurhanException(
          "there is no graph to show: " + String.join("; ", inspection.missing()));
    }
  }
}
