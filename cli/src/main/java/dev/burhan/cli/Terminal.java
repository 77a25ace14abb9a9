package dev.burhan.cli;

import dev.burhan.command.CommandIo;
import dev.burhan.provider.Progress;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The streams of one command, and which of them a person sits at. */
final class Terminal implements CommandIo {
  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean inputIsTerminal;
  private final boolean outputIsTerminal;
  private final boolean colour;
  private final ProgressLine progress;

  private Terminal(
      InputStream in, PrintStream out, PrintStream err, String terminals, boolean colourAllowed) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.inputIsTerminal = terminals.contains("0");
    this.outputIsTerminal = terminals.contains("1");
    this.colour = outputIsTerminal && colourAllowed;
    this.progress = terminals.contains("2") ? new ProgressLine(err) : null;
  }

  /** The process's own streams. */
  static Terminal system() {
    return new Terminal(
        new FileInputStream(FileDescriptor.in),
        utf8(new FileOutputStream(FileDescriptor.out)),
        utf8(new FileOutputStream(FileDescriptor.err)),
        terminals(),
        colourAllowed(System.getenv("NO_COLOR"), System.getenv("TERM")));
  }

  /** Streams that are nobody's terminal, as far as can be known. */
  static Terminal of(InputStream in, OutputStream out, OutputStream err) {
    return new Terminal(in, utf8(out), utf8(err), "", false);
  }

  /**
   * Which of the descriptors 0, 1 and 2 are terminals. The start script says it: the JDK can tell
   * only whether both 0 and 1 are.
   */
  private static String terminals() {
    String said = System.getProperty("burhan.tty");
    if (said != null) {
      return said;
    }
    var console = System.console();
    return console != null && console.isTerminal() ? "012" : "";
  }

  /** As no-color.org has it: any non-empty value turns colour off. */
  static boolean colourAllowed(String noColour, String term) {
    return (noColour == null || noColour.isEmpty()) && !"dumb".equals(term);
  }

  /** UTF-8 whatever the locale says: models speak it. */
  private static PrintStream utf8(OutputStream stream) {
    return new PrintStream(
        new BufferedOutputStream(new PipeStream(stream)), true, StandardCharsets.UTF_8);
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public PrintStream out() {
    return out;
  }

  @Override
  public PrintStream err() {
    return err;
  }

  @Override
  public boolean inputIsTerminal() {
    return inputIsTerminal;
  }

  @Override
  public boolean outputIsTerminal() {
    return outputIsTerminal;
  }

  @Override
  public boolean colour() {
    return colour;
  }

  @Override
  public Progress progress() {
    return progress == null ? Progress.NONE : progress;
  }

  /** Ends an open progress line and writes out what is buffered. */
  void finish() {
    if (progress != null) {
      progress.end();
    }
    out.flush();
    err.flush();
  }
}
