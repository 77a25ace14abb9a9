package dev.burhan.cli.top;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;
import org.jline.utils.ShutdownHooks;

/**
 * The terminal's other screen, written over in place; what was on the first is there at the end.
 */
final class TopScreen implements AutoCloseable {
  private static final String HINT = "q ends it";
  private static final int SLICE_MILLIS = 50;
  private static final int CTRL_C = 3;
  private static final int CTRL_D = 4;

  private final Terminal terminal;
  private final Attributes found;
  private final ShutdownHooks.Task farewell = this::restore;
  private volatile boolean interrupted;
  private boolean restored; // guarded by this

  private TopScreen(Terminal terminal) {
    this.terminal = terminal;
    this.found = terminal.enterRawMode();
    terminal.handle(Signal.INT, _ -> interrupted = true);
    terminal.puts(Capability.enter_ca_mode);
    terminal.puts(Capability.cursor_invisible);
    terminal.flush();
  }

  /**
   * Takes the process's terminal.
   *
   * @throws IOException if there is none that can be driven
   */
  static TopScreen open() throws IOException {
    // JLine's own task closes the terminal; one that is added before it runs before it.
    Later later = new Later();
    ShutdownHooks.add(later);
    try {
      TopScreen screen =
          new TopScreen(
              TerminalBuilder.builder()
                  .name("burhan")
                  .system(true)
                  .systemOutput(TerminalBuilder.SystemOutput.SysOut)
                  .providers("ffm,exec") // the third, jni, would unpack a native library
                  .classLoader(TerminalBuilder.class.getClassLoader())
                  .dumb(false)
                  .encoding(StandardCharsets.UTF_8)
                  .nativeSignals(true)
                  .build());
      later.task = screen.farewell;
      return screen;
    } catch (IllegalStateException e) {
      ShutdownHooks.remove(later);
      throw new IOException(e);
    }
  }

  /** What a signal that ends the process still has to do. */
  private static final class Later implements ShutdownHooks.Task {
    private volatile ShutdownHooks.Task task = () -> {};

    @Override
    public void run() throws Exception {
      task.run();
    }
  }

  void show(String head, List<ModelFigures> models) {
    int columns = terminal.getSize().getColumns();
    int rows = terminal.getSize().getRows();
    int width = columns > 0 ? columns : 80;
    int height = rows > 0 ? rows : 24;
    List<String> lines = new ArrayList<>();
    lines.add(TopTable.cut(head + "  " + HINT, width));
    lines.add("");
    lines.addAll(models.isEmpty() ? List.of(TopHead.NO_MODEL) : TopTable.lines(models, width - 1));
    synchronized (this) {
      if (restored) {
        return;
      }
      terminal.puts(Capability.cursor_home);
      for (int i = 0; i < Math.min(lines.size(), height - 1); i++) {
        terminal.writer().write(lines.get(i));
        terminal.puts(Capability.clr_eol);
        terminal.writer().write("\r\n");
      }
      terminal.puts(Capability.clr_eos);
      terminal.flush();
    }
  }

  /** Waits for a while; true as soon as somebody wants to end it. */
  boolean ends(Duration wait) throws IOException {
    NonBlockingReader keys = terminal.reader();
    long end = System.nanoTime() + wait.toNanos();
    while (!interrupted) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      switch (keys.read(Math.min(left, SLICE_MILLIS))) {
        case 'q', 'Q', CTRL_C, CTRL_D, NonBlockingReader.EOF -> {
          return true;
        }
        default -> {} // nothing came, or another key
      }
    }
    return true;
  }

  private synchronized void restore() {
    if (!restored) {
      restored = true;
      terminal.puts(Capability.cursor_normal);
      terminal.puts(Capability.exit_ca_mode);
      terminal.flush();
      terminal.setAttributes(found);
    }
  }

  @Override
  public void close() throws IOException {
    restore();
    terminal.close();
  }
}
