package dev.burhan.cli;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.command.Command;
import dev.burhan.engine.Engine;
import dev.burhan.provider.Host;
import dev.burhan.provider.HostMemory;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.Tokenizer;
import java.util.List;
import java.util.Optional;

/** A host that has commands: the one thing that the command line asks it for. */
record CommandsOnly(List<Command> commands) implements Host {

  @Override
  public <P extends Provider> List<P> providers(Class<P> type) {
    return commands.stream().map(type::cast).toList();
  }

  @Override
  public <P extends Provider> P provider(Class<P> type, String name) {
    throw unasked();
  }

  @Override
  public Checkpoint openCheckpoint(String model, Progress progress) {
    throw unasked();
  }

  @Override
  public Tokenizer tokenizer(Checkpoint checkpoint) {
    throw unasked();
  }

  @Override
  public Optional<ChatFormat> chatFormat(Checkpoint checkpoint) {
    throw unasked();
  }

  @Override
  public Engine engine() {
    throw unasked();
  }

  @Override
  public HostMemory memory() {
    throw unasked();
  }

  private static AssertionError unasked() {
    return new AssertionError("the command line asked for more than commands");
  }
}
