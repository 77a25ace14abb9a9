package dev.burhan.kernel.command;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.ReasoningOptions;
import dev.burhan.engine.ReceiptWriter;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.TallyText;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import dev.burhan.text.ChatPrompt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan run}: answers one prompt. */
@Component(service = Provider.class)
public final class RunCommand implements Command {
  private static final int DEFAULT_MAX_TOKENS = 4096;

  @Override
  public String name() {
    return "run";
  }

  @Override
  public String summary() {
    return "Answer one prompt; the answer goes to standard output as it is made.";
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("PROMPT");
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>(LoadOptions.withDefaultModel(LoadOptions.speculation()));
    options.addAll(answering());
    options.addAll(ReasoningOptions.all());
    return List.copyOf(options);
  }

  private static List<Option> answering() {
    return List.of(
        Option.optional(
            "max-tokens", Kind.INTEGER, "N", "Most tokens to generate.", "" + DEFAULT_MAX_TOKENS),
        Option.optional("system", Kind.TEXT, "TEXT", "System prompt."),
        Option.flag("raw", "Give the model the prompt as it is, without its chat template."),
        Option.optional(
            "temperature",
            Kind.NUMBER,
            "T",
            "0 takes the likeliest token each time.",
            "the model's recommendation"),
        Option.optional(
            "top-p",
            Kind.NUMBER,
            "P",
            "Draw from the likeliest tokens that together reach P.",
            "the same"),
        Option.optional(
            "top-k", Kind.INTEGER, "K", "Draw from the K likeliest tokens; 0 for all.", "the same"),
        Option.optional(
            "min-p",
            Kind.NUMBER,
            "P",
            "Leave out what is less likely than P times the likeliest.",
            "0"),
        Option.optional(
            "repetition-penalty",
            Kind.NUMBER,
            "R",
            "Above 1 makes tokens seen before less likely.",
            "1"),
        Option.optional(
            "presence-penalty",
            Kind.NUMBER,
            "R",
            "Taken off the logits of tokens in the answer.",
            "0"),
        Option.optional("stop", Kind.REPEATABLE_TEXT, "TEXT", "Text that ends the answer."),
        Option.optional(
            "seed",
            Kind.TEXT,
            "S",
            "An integer; one seed gives one answer.",
            "a new one, told on stderr"),
        Option.optional(
            "receipt",
            Kind.PATH,
            "FILE",
            "Write there what burhan replay needs to generate the answer again and compare."),
        Option.flag("show-thinking", "Print the thought also when the output is no terminal."),
        Option.flag("json", "Print one JSON object with answer, thought, token counts and times."));
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan run \"What is 47 + 385?\"",
        "burhan run --model smollm2 \"What is the capital of France?\"",
        "burhan run --model qwen2.5-coder-0.5b --temperature 0 < question.txt",
        "burhan run --model r1.gguf --thinking-budget 2000 --votes 8 \"What is 17 * 23?\"");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    String prompt = prompt(arguments, io);
    LoadRequest load = LoadOptions.loadRequest(arguments);
    try (LoadedModel model = host.engine().load(load, io.progress())) {
      SamplingParameters sampling = sampling(arguments, model);
      GenerationRequest request = request(arguments, prompt, model, sampling);
      AnswerPrinter printer =
          arguments.flag("json")
              ? new JsonAnswer(io, model, sampling)
              : new StreamedAnswer(
                  io, arguments.flag("show-thinking"), request.reasoning().votes());
      List<Integer> tokens = new ArrayList<>();
      StringBuilder answer = new StringBuilder();
      try (Generation generation = model.generate(request)) {
        for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
          if (event instanceof GenerationEvent.Text text) {
            text.tokens().forEach(token -> tokens.add(token.id()));
            answer.append(text.text());
          }
          if (!printer.accept(event)) {
            generation.cancel(); // nobody reads any more
          }
        }
      }
      printer.finish();
      if (arguments.path("receipt").isPresent()) {
        writeReceipt(
            arguments.path("receipt").get(), host, model, request, tokens, printer.finished());
      }
      printer.finished().tally().map(TallyText::lines).orElse(List.of()).stream()
          .map(line -> "[" + line + "]")
          .forEach(io.err()::println);
      if (arguments.text("model").isEmpty() && answer.indexOf("\\boxed") < 0) {
        io.err().println("[" + LoadOptions.DEFAULT_MODEL_NOTE + "]");
      }
      io.err().println(AnswerPrinter.timings(printer.finished(), model, sampling));
      return DONE;
    }
  }

  private static void writeReceipt(
      Path file,
      Host host,
      LoadedModel model,
      GenerationRequest request,
      List<Integer> tokens,
      GenerationEvent.Finished finished) {
    String receipt =
        host.providers(ReceiptWriter.class)
            .getFirst() // the kernel's own is there at least
            .write(
                host,
                model,
                model.name(),
                model.plan(),
                request.alone(finished.tally()),
                tokens,
                finished.reason());
    try {
      Files.writeString(file, receipt + "\n");
    } catch (IOException e) {
      throw new BurhanException("--receipt: " + file + " can't be written: " + e, e);
    }
  }

  private static String prompt(Arguments arguments, CommandIo io) throws IOException {
    if (!arguments.operands().isEmpty()) {
      return String.join(" ", arguments.operands());
    }
    if (io.inputIsTerminal()) {
      throw new UsageException("there is no prompt: give it as an operand or on standard input");
    }
    String text = new String(io.in().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (text.isEmpty()) {
      throw new UsageException("the prompt on standard input is empty");
    }
    return text;
  }

  private static GenerationRequest request(
      Arguments arguments, String prompt, LoadedModel model, SamplingParameters sampling) {
    Optional<ChatPrompt> conversation = conversation(arguments, prompt, model);
    int[] ids =
        conversation.isEmpty()
            ? model.tokenizer().encode(prompt, true)
            : model
                .tokenizer()
                .encode(model.chatFormat().orElseThrow().render(conversation.get()), false);
    GenerationRequest request =
        new GenerationRequest(
                Arrays.stream(ids).boxed().toList(),
                arguments.integer("max-tokens", 1, Integer.MAX_VALUE).orElse(DEFAULT_MAX_TOKENS),
                sampling,
                arguments.texts("stop"),
                false,
                Map.of())
            .withReasoning(ReasoningOptions.reasoning(arguments));
    return conversation.map(request::withConversation).orElse(request);
  }

  /** What the chat template is to render; empty if the model gets the prompt as it is. */
  private static Optional<ChatPrompt> conversation(
      Arguments arguments, String prompt, LoadedModel model) {
    boolean raw = arguments.flag("raw");
    if (raw || model.chatFormat().isEmpty()) {
      if (arguments.text("system").isPresent()) {
        throw new UsageException(
            "--system needs a chat template"
                + (raw ? ", which --raw turns off" : ", and the model has none"));
      }
      return Optional.empty();
    }
    List<Map<String, Object>> messages = new ArrayList<>();
    arguments
        .text("system")
        .ifPresent(text -> messages.add(Map.of("role", "system", "content", text)));
    messages.add(Map.of("role", "user", "content", prompt));
    return Optional.of(new ChatPrompt(messages, null, Map.of("add_generation_prompt", true)));
  }

  private static SamplingParameters sampling(Arguments arguments, LoadedModel model) {
    long seed = arguments.text("seed").map(RunCommand::seed).orElseGet(System::nanoTime);
    SamplingParameters sampling = model.recommended(seed);
    if (arguments.text("temperature").isPresent()) {
      sampling = sampling.withTemperature(arguments.number("temperature", 0, 100).getAsDouble());
    }
    if (arguments.text("top-p").isPresent()) {
      sampling = sampling.withTopP(arguments.number("top-p", 0, 1).getAsDouble());
    }
    if (arguments.text("top-k").isPresent()) {
      sampling = sampling.withTopK(arguments.integer("top-k", 0, Integer.MAX_VALUE).getAsInt());
    }
    if (arguments.text("min-p").isPresent()) {
      sampling = sampling.withMinP(arguments.number("min-p", 0, 1).getAsDouble());
    }
    return sampling.withPenalties(
        arguments.number("repetition-penalty", 1e-3, 1e3).orElse(sampling.repetitionPenalty()),
        arguments.number("presence-penalty", -100, 100).orElse(sampling.presencePenalty()),
        sampling.frequencyPenalty());
  }

  private static long seed(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new UsageException("--seed should be an integer, found '" + text + "'", e);
    }
  }
}
