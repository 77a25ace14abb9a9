package dev.burhan.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadedModel;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan eval}: how many problems of a task a model solves. */
@Component(service = Provider.class)
public final class EvalCommand implements Command {

  @Override
  public String name() {
    return "eval";
  }

  @Override
  public String summary() {
    return "Measure how many problems of a task a model solves; there is one task, arithmetic.";
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("TASK");
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>(LoadOptions.withDefaultModel(LoadOptions.speculation()));
    options.addAll(ExamOptions.all());
    options.add(Option.flag("json", "Print one JSON object."));
    return List.copyOf(options);
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan eval arithmetic --limit 500",
        "burhan eval arithmetic --digits beyond --votes 16 --temperature 0.6",
        "burhan eval arithmetic --model smollm2 --digits 2,3x2 --votes 8 --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    if (arguments.operands().size() != 1) {
      throw new UsageException(
          "name one task, as in 'burhan eval arithmetic', found " + arguments.operands());
    }
    Exam exam = Exam.of(Arithmetic.named(arguments.operands().getFirst()), arguments);
    try (LoadedModel model =
        host.engine().load(LoadOptions.loadRequest(arguments), io.progress())) {
      EvalReport report =
          new EvalReport(exam.sit(model, "problems on " + model.backend(), io.progress()));
      if (arguments.flag("json")) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("task", exam.task().name());
        json.put("model", model.name());
        json.put("backend", model.backend());
        json.put("seed", exam.seed());
        json.put("votes", exam.reasoning().votes());
        json.putAll(report.json());
        io.out().println(new ObjectMapper().writeValueAsString(json));
      } else {
        report.print(io.out());
      }
    }
    return DONE;
  }
}
