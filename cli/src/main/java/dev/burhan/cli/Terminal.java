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
import java.util.List;
import java.util.Map;

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
      InputStream in,
      PrintStream out,
      PrintStream err,
      String terminals,
      Map<String, String> environment,
      ProgressLine progress) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.inputIsTerminal = terminals.contains("0");
    this.outputIsTerminal = terminals.contains("1");
    this.colour = colour(outputIsTerminal, environment);
    this.progress = progress;
  }

  /** The process's own streams. */
  static Terminal system() {
    PrintStream err = utf8(new FileOutputStream(FileDescriptor.err));
    String terminals = terminals();
    boolean movable = terminals.contains("2") && !isDumb(System.getenv());
    return new Terminal(
        new FileInputStream(FileDescriptor.in),
        utf8(new FileOutputStream(FileDescriptor.out)),
        err,
        terminals,
        System.getenv(),
        new ProgressLine(err, movable, System::nanoTime));
  }

  /** Streams that are nobody's terminal, as far as can be known. */
  static Terminal of(InputStream in, OutputStream out, OutputStream err) {
    return new Terminal(in, utf8(out), utf8(err), "", Map.of(), null);
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

  /**
   * Whether to write in colour: NO_COLOR says no before all else (no-color.org), CLICOLOR_FORCE
   * says yes also to a pipe, CLICOLOR=0 says no (bixense.com/clicolors).
   */
  static boolean colour(boolean terminal, Map<String, String> environment) {
    if (!environment.getOrDefault("NO_COLOR", "").isEmpty()) {
      return false;
    }
    if (!List.of("", "0").contains(environment.getOrDefault("CLICOLOR_FORCE", ""))) {
      return true;
    }
    return terminal && !isDumb(environment) && !"0".equals(environment.get("CLICOLOR"));
  }

  private static boolean isDumb(Map<String, String> environment) {
    return "dumb".equals(environment.get("TERM"));
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
