package dev.burhan.cli.chat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReader.Option;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.ShutdownHooks;

/**
 * A terminal with line editing. Where characters stand is left to JLine and to the terminal: what
 * is written here goes on where the cursor is, or is a line of its own.
 */
final class TerminalConsole implements Console {
  private static final String GREY = "\u001b[90m";
  private static final String BOLD = "\u001b[1m";
  private static final String PLAIN = "\u001b[0m";
  private static final String NO_BRACKETED_PASTE = "\u001b[?2004l";

  private final Terminal terminal;
  private final LineReader reader;
  private final boolean colour;
  private final AtomicReference<Runnable> stop = new AtomicReference<>();
  private final Farewell farewell;
  private final Attributes found;
  private Attributes beforeBusy;
  private String statusShown; // null for none
  private boolean midLine;
  private boolean inThought;

  /**
   * What is left to do if a signal ends the process while a line is edited. JLine runs such tasks
   * in the order of their coming: this one must come before the terminal's own, which closes it.
   */
  private static final class Farewell implements ShutdownHooks.Task {
    private volatile TerminalConsole console;

    @Override
    public void run() {
      if (console != null) {
        console.restore();
      }
    }
  }

  private TerminalConsole(Terminal terminal, LineReader reader, boolean colour, Farewell farewell) {
    this.terminal = terminal;
    this.reader = reader;
    this.colour = colour;
    this.found = terminal.getAttributes();
    terminal.handle(Signal.INT, signal -> interrupt());
    this.farewell = farewell;
    farewell.console = this;
  }

  /**
   * Opens the process's terminal.
   *
   * @param history where lines are remembered, if they are
   * @throws IOException if there is none that can be driven
   */
  static TerminalConsole open(ChatCompleter completer, Optional<Path> history, boolean colour)
      throws IOException {
    Farewell farewell = ShutdownHooks.add(new Farewell());
    try {
      Terminal terminal =
          TerminalBuilder.builder()
              .name("burhan")
              .system(true)
              .systemOutput(TerminalBuilder.SystemOutput.SysOut)
              .providers("ffm,exec") // the third, jni, would unpack a native library
              .classLoader(TerminalBuilder.class.getClassLoader())
              .dumb(false)
              .encoding(StandardCharsets.UTF_8)
              .nativeSignals(true)
              .build();
      return new TerminalConsole(terminal, reader(terminal, completer, history), colour, farewell);
    } catch (IllegalStateException e) {
      ShutdownHooks.remove(farewell);
      throw new IOException(e);
    }
  }

  private static LineReader reader(
      Terminal terminal, ChatCompleter completer, Optional<Path> history) {
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("burhan")
            .parser(new ChatParser())
            .completer(completer)
            .history(new ChatHistory())
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "… ")
            .variable(LineReader.HISTORY_SIZE, ChatHistory.ENTRIES)
            .variable(LineReader.HISTORY_FILE_SIZE, ChatHistory.ENTRIES)
            .variable(LineReader.INDENTATION, 0)
            .option(Option.DISABLE_EVENT_EXPANSION, true) // an exclamation mark is one
            .option(Option.INSERT_TAB, false)
            .option(Option.HISTORY_TIMESTAMPED, true);
    history.ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
    return builder.build();
  }

  private void interrupt() {
    Runnable action = stop.get();
    if (action != null) {
      action.run();
    }
  }

  @Override
  public Input read() {
    synchronized (this) {
      freshLine();
    }
    try {
      String line = reader.readLine(colour ? BOLD + "> " + PLAIN : "> ");
      return new Input.Text(MultiLine.meant(line));
    } catch (UserInterruptException e) {
      return new Input.Interrupted();
    } catch (EndOfFileException e) {
      return new Input.End();
    } finally {
      Thread.interrupted(); // JLine's way of ending a read, not meant for what comes next
    }
  }

  @Override
  public synchronized void answer(String text) {
    clearStatus();
    endThought();
    write(Printable.of(text));
  }

  @Override
  public synchronized void thought(String text) {
    clearStatus();
    if (!inThought && colour) {
      terminal.writer().write(GREY);
    }
    inThought = true;
    write(Printable.of(text));
  }

  private void endThought() {
    if (inThought) {
      if (colour) {
        terminal.writer().write(PLAIN);
      }
      inThought = false;
      endLine();
    }
  }

  private void write(String text) {
    terminal.writer().write(text);
    terminal.flush();
    midLine = !text.endsWith("\n");
  }

  @Override
  public synchronized void note(String line) {
    freshLine();
    String text = Printable.of(line);
    terminal.writer().write(colour ? GREY + text + PLAIN + "\n" : text + "\n");
    terminal.flush();
  }

  private void freshLine() {
    clearStatus();
    endThought();
    endLine();
  }

  private void endLine() {
    if (midLine) {
      write("\n");
    }
  }

  @Override
  public synchronized void status(String line) {
    if (midLine || line.equals(statusShown)) {
      return; // where an answer stands there is no room
    }
    var text = new AttributedString(Printable.of(line));
    int columns = Math.max(1, terminal.getColumns() - 1); // in the last one the cursor may wrap
    String fits = text.columnSubSequence(0, columns).toString();
    terminal.puts(Capability.carriage_return);
    terminal.writer().write(colour ? GREY + fits + PLAIN : fits);
    terminal.puts(Capability.clr_eol);
    terminal.flush();
    statusShown = line;
  }

  private void clearStatus() {
    if (statusShown != null) {
      terminal.puts(Capability.carriage_return);
      terminal.puts(Capability.clr_eol);
      terminal.flush();
      statusShown = null;
    }
  }

  @Override
  public synchronized void busy(Runnable action) {
    stop.set(action);
    beforeBusy = terminal.getAttributes();
    terminal.echo(false);
  }

  @Override
  public synchronized void idle() {
    stop.set(null);
    freshLine();
    if (beforeBusy != null) {
      terminal.setAttributes(beforeBusy);
      beforeBusy = null;
    }
  }

  private void restore() {
    terminal.writer().write(NO_BRACKETED_PASTE + (colour ? PLAIN : ""));
    terminal.flush();
    terminal.setAttributes(found);
  }

  @Override
  public void close() {
    ShutdownHooks.remove(farewell);
    synchronized (this) {
      freshLine();
    }
    try {
      terminal.setAttributes(found);
      terminal.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
