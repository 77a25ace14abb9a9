package dev.burhan.text.support;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.command.CommandIo;
import dev.burhan.engine.Engine;
import dev.burhan.provider.Host;
import dev.burhan.provider.HostMemory;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.Tokenizer;
import dev.burhan.text.format.CheckpointText;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** As much of a kernel as the commands of this bundle need: it opens folders. */
public final class FolderHost implements Host {

  @Override
  public <P extends Provider> List<P> providers(Class<P> type) {
    return List.of();
  }

  @Override
  public <P extends Provider> P provider(Class<P> type, String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Checkpoint openCheckpoint(String model, Progress progress) {
    return TestFiles.open(Path.of(model));
  }

  @Override
  public Tokenizer tokenizer(Checkpoint checkpoint) {
    return new CheckpointText().tokenizer(checkpoint);
  }

  @Override
  public Optional<ChatFormat> chatFormat(Checkpoint checkpoint) {
    return new CheckpointText().chatFormat(checkpoint);
  }

  @Override
  public Engine engine() {
    throw new UnsupportedOperationException();
  }

  @Override
  public HostMemory memory() {
    throw new UnsupportedOperationException();
  }

  /** Collects what a command writes. */
  public static final class Io implements CommandIo {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private final boolean terminal;

    public Io(boolean terminal) {
      this.terminal = terminal;
    }

    public String written() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public InputStream in() {
      return InputStream.nullInputStream();
    }

    @Override
    public PrintStream out() {
      return out;
    }

    @Override
    public PrintStream err() {
      return System.err;
    }

    @Override
    public boolean inputIsTerminal() {
      return terminal;
    }

    @Override
    public boolean outputIsTerminal() {
      return terminal;
    }

    @Override
    public boolean colour() {
      return false;
    }

    @Override
    public Progress progress() {
      return Progress.NONE;
    }
  }
}
