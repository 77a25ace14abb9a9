package dev.burhan.kernel.bench;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.Speculation;
import dev.burhan.engine.WarmUp;
import dev.burhan.kernel.bench.KernelCheck.Which;
import dev.burhan.kernel.bench.Measurement.Workload;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.kernel.machine.Cpu;
import dev.burhan.kernel.machine.ReadBandwidth;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan bench}: how fast a model runs here, and how fast memory would let it. */
@Component(service = Provider.class)
public final class BenchCommand implements Command {
  private static final int MOST_TOKENS = 1 << 20;
  private static final int MOST_REPETITIONS = 10_000;
  private static final int MOST_PARALLEL = 256;
  private static final int PROMPT = 512;
  private static final int GENERATED = 64;
  private static final int REPETITIONS = 5;

  private final ReadBandwidth.Measure bandwidth;

  public BenchCommand() {
    this(ReadBandwidth::measure);
  }

  /** For tests: with a shorter look at the memory. */
  BenchCommand(ReadBandwidth.Measure bandwidth) {
    this.bandwidth = bandwidth;
  }

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public String summary() {
    return "Measure how fast a model takes in prompts and generates, as llama-bench does.";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(LoadOptions.model());
    options.add(
        number("prompt-tokens", "Tokens of the prompt; 0 leaves it out.", PROMPT).letter('p'));
    options.add(
        number("generated-tokens", "Tokens to generate; 0 leaves it out.", GENERATED).letter('n'));
    options.add(
        Option.optional(
                "depth",
                Kind.TEXT,
                "N,N",
                "Tokens in the context when generating begins; several are measured one after another.",
                "0")
            .letter('d'));
    options.add(
        number(
            "parallel",
            "Besides, so many sequences generate at once, and all their tokens count.",
            1));
    options.add(number("repetitions", "How often each is run.", REPETITIONS).letter('r'));
    options.add(
        Option.optional(
            "backend",
            Kind.TEXT,
            "A,B",
            "What runs the model; several are measured one after another.",
            "the best that is usable"));
    options.add(
        Option.optional(
            "kernels",
            Kind.TEXT,
            "WHICH",
            "Compare products by weights of each type with F32's, in cache: model for the model's types, all, or off.",
            "model"));
    options.add(LoadOptions.threads());
    options.add(LoadOptions.activations());
    options.add(LoadOptions.kvType());
    options.add(LoadOptions.expertMemory());
    options.add(LoadOptions.speculation());
    options.addAll(LoadOptions.sharing());
    options.add(Option.flag("json", "Print a JSON object for each backend, each on its own line."));
    return List.copyOf(options);
  }

  private static Option number(String name, String description, int otherwise) {
    return Option.optional(name, Kind.INTEGER, "N", description, Integer.toString(otherwise));
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan bench --model smollm2",
        "burhan bench --model smollm2 -p 0 -n 128 --parallel 8",
        "burhan bench --model smollm2 -p 512 -n 64 -d 0,512,4096 -t 2 -r 5 --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws InterruptedException {
    Workload workload =
        new Workload(
            arguments.integer("prompt-tokens", 0, MOST_TOKENS).orElse(PROMPT),
            arguments.integer("generated-tokens", 0, MOST_TOKENS).orElse(GENERATED),
            arguments.integer("repetitions", 1, MOST_REPETITIONS).orElse(REPETITIONS),
            depths(arguments),
            arguments.integer("parallel", 1, MOST_PARALLEL).orElse(1));
    if (workload.prompt() == 0 && workload.generated() == 0) {
      throw new UsageException("there is nothing to measure: both -p and -n are 0");
    }
    Which which = which(arguments);
    Benchmark benchmark = new Benchmark(host, workload, io.progress(), bandwidth);
    LoadRequest asked =
        EngineConfiguration.complete(LoadOptions.loadRequest(arguments), host)
            .withDefault(LoadRequest.SEQUENCES, "1")
            .withDefault(LoadRequest.PREFIX_CACHE, "off"); // each repetition has the same prompt
    Cpu cpu = Cpu.read();
    for (Optional<String> backend : backends(arguments)) {
      LoadRequest request =
          new LoadRequest(
              asked.model(),
              backend,
              asked.threads(),
              workload.context(),
              sharing(arguments, asked, workload),
              Optional.of(WarmUp.OFF), // it does so itself, on what it measures
              asked
                  .speculation()
                  .or(() -> Optional.of(Speculation.OFF))); // a text may repeat itself
      Measurement measured = benchmark.measure(request);
      KernelCheck kernels = KernelCheck.measure(which, request, measured.plan().graph(), host);
      String detail = new BackendSelection(host).detail(measured.backend());
      if (arguments.flag("json")) {
        io.out().println(JsonText.of(BenchReport.json(measured, detail, kernels, cpu)));
      } else {
        BenchReport.print(measured, detail, kernels, cpu, io.out());
      }
      BenchReport.warn(measured, kernels, io.err());
    }
    return DONE;
  }

  /** Room for as many sequences as generate at once, or for more if somebody says so. */
  private static Map<String, String> sharing(
      Arguments arguments, LoadRequest asked, Workload workload) {
    int more = arguments.integer(LoadRequest.SEQUENCES, 1, MOST_PARALLEL).orElse(1);
    Map<String, String> options = new HashMap<>(asked.options());
    options.put(LoadRequest.SEQUENCES, Integer.toString(Math.max(workload.parallel(), more)));
    return options;
  }

  private static Which which(Arguments arguments) {
    String word = arguments.text("kernels").orElse("model");
    return Arrays.stream(Which.values())
        .filter(which -> which.name().equalsIgnoreCase(word))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException("--kernels should be model, all or off, found '" + word + "'"));
  }

  private static List<Integer> depths(Arguments arguments) {
    List<String> words = words(arguments.text("depth").orElse("0"));
    try {
      List<Integer> depths = words.stream().map(Integer::valueOf).toList();
      if (!depths.isEmpty() && depths.stream().allMatch(d -> d >= 0 && d <= MOST_TOKENS)) {
        return depths;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new UsageException(
        "--depth should be numbers from 0 to %d, separated by commas, found '%s'"
            .formatted(MOST_TOKENS, arguments.text("depth").orElse("")));
  }

  private static List<Optional<String>> backends(Arguments arguments) {
    List<Optional<String>> names =
        arguments.texts("backend").stream()
            .flatMap(text -> words(text).stream())
            .map(Optional::of)
            .toList();
    return names.isEmpty() ? List.of(Optional.empty()) : names;
  }

  private static List<String> words(String list) {
    return Arrays.stream(list.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }
}
