package dev.burhan.backendtck;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.Engine;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.provider.Host;
import dev.burhan.provider.HostMemory;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.Settings;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.Tokenizer;
import java.util.List;
import java.util.Optional;

/** The kernel on the class path, with memory that is counted. */
final class TckHost implements Host {
  private final FlatHost host = new FlatHost();
  private final CountedMemory memory;

  TckHost(CountedMemory memory) {
    this.memory = memory;
  }

  @Override
  public <P extends Provider> List<P> providers(Class<P> type) {
    return host.providers(type);
  }

  @Override
  public <P extends Provider> P provider(Class<P> type, String name) {
    return host.provider(type, name);
  }

  @Override
  public Checkpoint openCheckpoint(String model, Progress progress) {
    return host.openCheckpoint(model, progress);
  }

  @Override
  public Tokenizer tokenizer(Checkpoint checkpoint) {
    return host.tokenizer(checkpoint);
  }

  @Override
  public Optional<ChatFormat> chatFormat(Checkpoint checkpoint) {
    return host.chatFormat(checkpoint);
  }

  @Override
  public Engine engine() {
    return host.engine();
  }

  @Override
  public HostMemory memory() {
    return memory;
  }

  @Override
  public Settings settings() {
    return host.settings();
  }
}
