package dev.burhan.checkpoint.convert;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.PackReport;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import dev.burhan.tensor.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan convert}: a Hugging Face folder as a GGUF file. */
@Component(service = Provider.class)
public final class ConvertCommand implements Command {
  @Override
  public String name() {
    return "convert";
  }

  @Override
  public String summary() {
    return "Write a Hugging Face folder (qwen2, llama, deepseek) as a GGUF file, quantised.";
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("FOLDER FILE");
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.optional(
            "type",
            Kind.TEXT,
            "TYPE",
            "What matrices are stored in: F32, F16, BF16, Q8_0, Q6_K, Q5_K, Q5_1, Q5_0, Q4_K, Q4_1"
                + " or Q4_0.",
            "BF16"),
        Option.flag("force", "Replace FILE if it is there."),
        Option.flag(
            "panels",
            "Instead, pack a model's weights (FOLDER, a file or a catalogue name) for this machine's"
                + " best backend ahead of its first start."));
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan convert DeepSeek-R1-Distill-Qwen-1.5B r1-1.5b-q8_0.gguf --type Q8_0",
        "burhan convert DeepSeek-R1-Distill-Llama-8B r1-8b-q4_k.gguf --type Q4_K",
        "burhan convert --panels r1-8b-q4_k.gguf");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws IOException {
    if (arguments.flag("panels")) {
      pack(arguments, io, host);
      return DONE;
    }
    if (arguments.operands().size() != 2) {
      throw new UsageException(
          "convert takes a folder and the file to write, as in 'burhan convert FOLDER FILE.gguf"
              + " --type Q8_0'; found "
              + arguments.operands());
    }
    DataType type = TypeChoice.named(arguments.text("type").orElse("BF16"));
    Path file = Path.of(arguments.operands().get(1));
    if (Files.isDirectory(file) || Files.exists(file) && !arguments.flag("force")) {
      throw new BurhanException(
          file + " is there already; name another file, or give --force to replace a file");
    }
    try (Checkpoint folder = host.openCheckpoint(arguments.operands().getFirst(), io.progress())) {
      Conversion conversion = new Conversion(folder, type);
      long bytes = conversion.write(file, io.progress());
      io.out().printf("%s: %,d bytes, %s%n", file, bytes, counts(conversion.types()));
      if (!conversion.hasTokenizer()) {
        io.err().printf("%s has no tokenizer.json: %s has no tokenizer%n", folder.path(), file);
      }
    }
    return DONE;
  }

  private static void pack(Arguments arguments, CommandIo io, Host host) {
    if (arguments.operands().size() != 1
        || arguments.text("type").isPresent()
        || arguments.flag("force")) {
      throw new UsageException(
          "convert --panels takes one model, no --type and no --force, found "
              + arguments.operands());
    }
    String name = arguments.operands().getFirst();
    PackReport report = host.engine().pack(LoadRequest.of(name), io.progress());
    io.out()
        .printf(
            "%s: %,d bytes packed now, %,d were kept already, in %s; see 'burhan cache'%n",
            name, report.packedBytes(), report.keptBytes(), report.folder());
  }

  private static String counts(Map<String, Integer> types) {
    return "tensors by type: "
        + String.join(
            ", ",
            types.entrySet().stream().map(one -> one.getKey() + " " + one.getValue()).toList());
  }
}
