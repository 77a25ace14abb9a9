package dev.burhan.kernel.receipt;

import dev.burhan.backend.Plan;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.ReceiptWriter;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.machine.Cpu;
import dev.burhan.kernel.packed.CheckpointHash;
import dev.burhan.kernel.receipt.Receipt.Maker;
import dev.burhan.kernel.receipt.Receipt.Model;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.text.ChatFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Component;

/** The kernel's receipts. */
@Component(service = Provider.class)
public final class KernelReceipts implements ReceiptWriter {
  private final CheckpointHash hashes = new CheckpointHash();

  @Override
  public String name() {
    return "kernel";
  }

  @Override
  public String write(
      Host host,
      LoadedModel model,
      String name,
      Plan begun,
      GenerationRequest request,
      List<Integer> tokens,
      FinishReason reason) {
    return ReceiptText.of(
        new Receipt(
            maker(), model(host, model, name, begun), template(model), request, tokens, reason));
  }

  static Maker maker() {
    Cpu cpu = Cpu.read();
    return new Maker(
        version(), Runtime.version().toString(), cpu.model(), cpu.architecture(), cpu.features());
  }

  /**
   * The model as it is; what was begun with another plan, even of the same numerics, is of more
   * than one program, and its numerics are no promise.
   */
  Model model(Host host, LoadedModel model, String name, Plan begun) {
    Plan plan = model.plan();
    boolean one = plan == begun;
    return new Model(
        name,
        hashes.of(model.checkpoint(), EngineConfiguration.packedFolder(host)),
        model.info().architecture(),
        model.backend(),
        one ? plan.numerics().id() : begun.numerics().id() + ", then " + plan.numerics().id(),
        one && plan.numerics().batchInvariant(),
        kvTypes(model),
        model.plan().limits().context());
  }

  static Optional<String> template(LoadedModel model) {
    return model.chatFormat().map(ChatFormat::template).map(Hashes::text);
  }

  private static Map<String, String> kvTypes(LoadedModel model) {
    Map<String, String> types = new TreeMap<>();
    model.plan().graph().caches().stream()
        .flatMap(cache -> cache.planes().stream())
        .forEach(plane -> types.put(plane.name(), model.plan().limits().typeOf(plane).name()));
    return types;
  }

  private static String version() {
    try (var stream = KernelReceipts.class.getResourceAsStream("version")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
