package dev.burhan.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.burhan.backend.BackendProvider;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;

/** {@code burhan compare}: whether backends solve the same problems in the same words. */
@Component(service = Provider.class)
public final class CompareCommand implements Command {
  private static final String BACKENDS = "backends";

  private record Run(String backend, Exam.Result result) {}

  @Override
  public String name() {
    return "compare";
  }

  @Override
  public String summary() {
    return "Give the same problems to several backends: accuracy, agreement and speed side by side.";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(LoadOptions.modelOrDefault());
    options.add(
        Option.required(
            BACKENDS,
            Kind.TEXT,
            "A,B",
            "What runs the model; the first is what others agree with."));
    options.add(
        Option.optional("task", Kind.TEXT, "TASK", "Whose problems are asked.", "arithmetic"));
    LoadOptions.run().stream()
        .filter(option -> !option.name().equals("backend"))
        .forEach(options::add);
    options.add(LoadOptions.speculation());
    options.addAll(ExamOptions.all());
    options.add(Option.flag("json", "Print one JSON object."));
    return List.copyOf(options);
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan compare --backends oracle,vector --task arithmetic --limit 100",
        "burhan compare --model smollm2 --backends vector,blas --digits 2 --limit 20 --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    Task task = Arithmetic.named(arguments.text("task").orElse("arithmetic"));
    List<String> backends = backends(arguments, host);
    Exam exam = Exam.of(task, arguments);
    LoadRequest load = LoadOptions.loadRequest(arguments);
    List<Run> runs = new ArrayList<>();
    for (String backend : backends) {
      try (LoadedModel model = host.engine().load(load.withBackend(backend), io.progress())) {
        String what = "problems on " + backend;
        model.settle();
        // the first ones compile the code; their time is not counted
        exam.first(Math.ceilDiv(exam.problems().size(), 10))
            .sit(model, "warming up " + backend, io.progress());
        runs.add(new Run(backend, exam.sit(model, what, io.progress())));
      }
    }
    if (arguments.flag("json")) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("task", task.name());
      json.put("model", load.model());
      json.put("seed", exam.seed());
      json.put(BACKENDS, runs.stream().map(run -> json(run, runs.getFirst())).toList());
      io.out().println(new ObjectMapper().writeValueAsString(json));
    } else {
      print(runs, io);
    }
    return DONE;
  }

  private static List<String> backends(Arguments arguments, Host host) {
    List<String> names =
        Arrays.stream(arguments.required(BACKENDS).split(","))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .toList();
    List<String> usable =
        Stream.concat(
                host.providers(HostKernelsProvider.class).stream(),
                host.providers(BackendProvider.class).stream())
            .filter(provider -> provider.probe().usable())
            .map(Provider::name)
            .sorted()
            .toList();
    if (names.isEmpty() || !usable.containsAll(names)) {
      throw new UsageException(
          "--%s should be names of usable backends (%s), separated by commas, found '%s'"
              .formatted(BACKENDS, String.join(", ", usable), arguments.text(BACKENDS).orElse("")));
    }
    return names;
  }

  private static int count(Run run, Run first, BiPredicate<Outcome, Outcome> same) {
    List<Outcome> mine = run.result().outcomes();
    List<Outcome> others = first.result().outcomes();
    return (int)
        IntStream.range(0, mine.size()).filter(i -> same.test(mine.get(i), others.get(i))).count();
  }

  private static int sameAnswers(Run run, Run first) {
    return count(run, first, (a, b) -> a.answer().equals(b.answer()));
  }

  private static int sameTexts(Run run, Run first) {
    return count(run, first, Outcome::sameText);
  }

  private static void print(List<Run> runs, CommandIo io) {
    Run first = runs.getFirst();
    MarkdownTable table =
        new MarkdownTable(
            "backend",
            "problems",
            "right",
            "accuracy",
            "95 % interval",
            "same answer",
            "same text",
            "tokens",
            "tokens/s",
            "speed");
    for (Run run : runs) {
      Score score = Score.of(run.result().outcomes());
      table.row(
          run.backend(),
          score.problems(),
          score.right(),
          score.percent(),
          score.interval(),
          sameAnswers(run, first),
          sameTexts(run, first),
          String.format(Locale.ROOT, "%.0f", EvalReport.meanTokens(run.result().outcomes())),
          String.format(Locale.ROOT, "%.1f", run.result().tokensPerSecond()),
          String.format(
              Locale.ROOT,
              "%.2f",
              run.result().tokensPerSecond() / first.result().tokensPerSecond()));
    }
    table.print(io.out());
  }

  private static Map<String, Object> json(Run run, Run first) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("backend", run.backend());
    json.putAll(Score.of(run.result().outcomes()).json());
    json.put("same_answer", sameAnswers(run, first));
    json.put("same_text", sameTexts(run, first));
    json.put("mean_tokens", EvalReport.meanTokens(run.result().outcomes()));
    json.put("seconds", run.result().seconds());
    json.put("tokens_per_second", run.result().tokensPerSecond());
    return json;
  }
}
