package dev.burhan.kernel.receipt;

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
import dev.burhan.engine.WarmUp;
import dev.burhan.kernel.kv.KvNumbers;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;

/** {@code burhan replay}: generates a receipt's answer again and says whether it is the same. */
@Component(service = Provider.class)
public final class ReplayCommand implements Command {
  private final KernelReceipts receipts = new KernelReceipts();

  @Override
  public String name() {
    return "replay";
  }

  @Override
  public String summary() {
    return "Generate a receipt's answer again and say whether it is equal to the bit.";
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("RECEIPT");
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(
        Option.optional(
            "model",
            Kind.TEXT,
            "M",
            "A .gguf file, a Hugging Face folder, or a catalogue name.",
            "what the receipt names"));
    options.addAll(LoadOptions.run());
    options.add(Option.flag("json", "Print one JSON object."));
    return List.copyOf(options);
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan run --model smollm2 --receipt answer.json \"Hello\"",
        "burhan replay answer.json",
        "burhan replay answer.json --model ~/models/smollm2.gguf --backend oracle");
  }

  /**
   * Runs it.
   *
   * @return {@link #DONE} if the answer is equal, {@link #FAILED} if it departs
   */
  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws InterruptedException {
    if (arguments.operands().size() != 1) {
      throw new UsageException(
          "expected one receipt, found " + arguments.operands().size() + " operands");
    }
    Receipt receipt = read(Path.of(arguments.operands().getFirst()));
    try (LoadedModel model = load(arguments, receipt, io, host)) {
      check(receipt, model);
      ReplayReport report =
          ReplayReport.of(
              receipt,
              Replay.of(receipt, model),
              receipts.model(host, model, receipt.model().name(), model.plan()),
              model);
      if (arguments.flag("json")) {
        io.out().println(JsonText.of(report.json()));
      } else {
        report.print(io.out());
      }
      return report.replay().equal() ? DONE : FAILED;
    }
  }

  private static Receipt read(Path file) {
    try {
      return ReceiptText.read(file.toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UsageException(file + ": no receipt can be read there: " + e, e);
    }
  }

  private static LoadedModel load(Arguments arguments, Receipt receipt, CommandIo io, Host host) {
    String name = arguments.text("model").orElse(receipt.model().name());
    LoadRequest asked = LoadOptions.loadRequest(name, arguments);
    Map<String, String> options = new HashMap<>(asked.options());
    kvType(receipt).ifPresent(type -> options.putIfAbsent(LoadRequest.KV_TYPE, type));
    LoadRequest request =
        new LoadRequest(
            name,
            asked.backend().or(() -> backend(receipt, host)),
            asked.threads(),
            asked.context() > 0 ? asked.context() : receipt.model().context(),
            options,
            Optional.of(WarmUp.OFF));
    try {
      return host.engine().load(request, io.progress());
    } catch (UsageException e) {
      throw arguments.text("model").isPresent()
          ? e
          : new UsageException(
              e.getMessage() + "; the receipt names it so: --model M tells where it is", e);
    }
  }

  /** The receipt's, where it is there and usable. */
  private static Optional<String> backend(Receipt receipt, Host host) {
    return Stream.concat(
            host.providers(HostKernelsProvider.class).stream(),
            host.providers(BackendProvider.class).stream())
        .filter(provider -> provider.probe().usable())
        .map(Provider::name)
        .filter(receipt.model().backend()::equals)
        .findFirst();
  }

  /** The option's word, where all planes are stored alike. */
  private static Optional<String> kvType(Receipt receipt) {
    Set<String> types = Set.copyOf(receipt.model().kvTypes().values());
    return types.size() != 1
        ? Optional.empty()
        : Arrays.stream(KvNumbers.values())
            .filter(numbers -> types.contains(numbers.type().name()))
            .map(numbers -> numbers.name().toLowerCase(Locale.ROOT))
            .findFirst();
  }

  /** A model that can't even take the prompt is not the receipt's. */
  private static void check(Receipt receipt, LoadedModel model) {
    int vocabulary = model.info().vocabulary();
    Stream.of(receipt.request().prompt(), receipt.request().sampling().logitBias().keySet())
        .flatMap(ids -> ids.stream())
        .filter(id -> id < 0 || id >= vocabulary)
        .findFirst()
        .ifPresent(
            id -> {
              throw new UsageException(
                  "%s is not the receipt's model: its vocabulary has %d tokens, the receipt's prompt has token %d"
                      .formatted(model.name(), vocabulary, id));
            });
  }
}
