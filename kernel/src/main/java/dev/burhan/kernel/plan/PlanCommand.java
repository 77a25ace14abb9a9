package dev.burhan.kernel.plan;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadRequest;
import dev.burhan.kernel.kv.KvNumbers;
import dev.burhan.kernel.machine.MachineMemory;
import dev.burhan.kernel.machine.ReadBandwidth;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import dev.burhan.tensor.DataType;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan plan}: whether a model fits a machine, and how fast it could be there. */
@Component(service = Provider.class)
public final class PlanCommand implements Command {
  private static final double USUAL_DISK = 3e9;

  @Override
  public String name() {
    return "plan";
  }

  @Override
  public String summary() {
    return "Tell whether a model fits this machine and how fast it could be, from its config alone.";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.required(
            "model",
            Kind.TEXT,
            "M",
            "r1-671b (DeepSeek-R1, built in), a config.json, a folder, a .gguf file, or a catalogue"
                + " name."),
        Option.optional(
            "quant",
            Kind.TEXT,
            "Q",
            "What the weights are stored in: " + List.of(Quantisation.values()) + ".",
            "as the checkpoint has them; Q4_K_M from a config alone"),
        Option.optional(
            "context",
            Kind.INTEGER,
            "N",
            "Tokens of prompt and answer together.",
            "the model's limit, at most 32768"),
        Option.optional(
            "memory", Kind.TEXT, "64G", "Memory that may be used.", "what this machine has"),
        LoadOptions.kvType(),
        Option.optional(
            "bandwidth", Kind.TEXT, "400GB", "Memory's bytes a second.", "measured here"),
        Option.optional(
            "disk", Kind.TEXT, "3GB", "The disk's bytes a second, for experts on it.", "3GB"),
        LoadOptions.backend(),
        LoadOptions.threads(),
        Option.flag("json", "Answer in JSON."));
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan plan --model r1-671b --memory 64G",
        "burhan plan --model r1-671b --quant Q2_K --context 8192 --memory 512G --bandwidth 460GB",
        "burhan plan --model path/to/config.json --quant Q8_0 --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host)
      throws IOException, InterruptedException {
    Optional<Quantisation> quantisation = arguments.text("quant").map(Quantisation::named);
    DataType cacheType = cacheType(arguments.text(LoadRequest.KV_TYPE).orElse("f32"));
    Machine machine = machine(arguments, host);
    try (PlannedModel model = PlannedModel.open(arguments.required("model"), host, io.progress())) {
      Planner planner =
          new Planner(model, cacheType, arguments.text("backend"), threads(arguments), host);
      int context = planner.context(arguments.integer("context", 1, Integer.MAX_VALUE));
      Answer answer = Answer.of(planner, planner.choice(quantisation), context, machine, cacheType);
      if (arguments.flag("json")) {
        io.out().println(JsonText.of(AnswerJson.of(arguments.required("model"), answer)));
      } else {
        new AnswerText(answer, io.out()).print(arguments.required("model"));
      }
    }
    return DONE;
  }

  private static int threads(Arguments arguments) {
    return arguments.integer("threads", 1, 1024).orElse(Runtime.getRuntime().availableProcessors());
  }

  private static DataType cacheType(String name) {
    return Arrays.stream(KvNumbers.values())
        .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "--"
                        + LoadRequest.KV_TYPE
                        + " should be f32, f16, bf16 or q8, found '"
                        + name
                        + "'"))
        .type();
  }

  private static Machine machine(Arguments arguments, Host host) throws InterruptedException {
    double memory =
        arguments
            .text("memory")
            .map(text -> Amounts.bytes("memory", text))
            .orElseGet(
                () ->
                    (double)
                        MachineMemory.usable()
                            .orElseThrow(
                                () ->
                                    new UsageException(
                                        "this system does not tell its memory; say --memory 64G")));
    Optional<String> given = arguments.text("bandwidth");
    double disk =
        arguments.text("disk").map(text -> Amounts.bytes("disk", text)).orElse(USUAL_DISK);
    double read =
        given.isPresent()
            ? Amounts.bytes("bandwidth", given.get())
            : ReadBandwidth.measure(host.memory(), threads(arguments));
    if (disk <= 0 || read <= 0) {
      throw new UsageException("--disk and --bandwidth should be more than 0 bytes a second");
    }
    return new Machine(memory, read, given.isEmpty(), disk);
  }
}
