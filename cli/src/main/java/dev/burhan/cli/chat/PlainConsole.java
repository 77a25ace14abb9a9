package dev.burhan.cli.chat;

import dev.burhan.command.CommandIo;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jline.utils.Signals;

/**
 * Line by line and without escape sequences: for pipes, files and dumb terminals. Answers go to
 * standard output, everything else to standard error.
 */
final class PlainConsole implements Console {
  private static final String INTERRUPT = "INT";

  private final CommandIo io;
  private final BufferedReader in;
  private boolean midLine;
  private Object signalBefore;

  PlainConsole(CommandIo io) {
    this.io = io;
    this.in = new BufferedReader(new InputStreamReader(io.in(), StandardCharsets.UTF_8));
  }

  @Override
  public Input read() {
    try {
      prompt("> ");
      String text = in.readLine();
      while (text != null && MultiLine.isOpen(text)) {
        prompt("… ");
        String more = in.readLine();
        if (more == null) {
          break; // the end of the input ends a block too
        }
        text += "\n" + more;
      }
      return text == null ? new Input.End() : new Input.Text(MultiLine.meant(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void prompt(String text) {
    if (io.inputIsTerminal()) {
      io.out().print(text);
      io.out().flush();
    }
  }

  @Override
  public void answer(String text) {
    io.out().print(io.outputIsTerminal() ? Printable.of(text) : text);
    io.out().flush();
    midLine = !text.endsWith("\n");
  }

  @Override
  public void thought(String text) {
    io.err().print(Printable.of(text));
    io.err().flush();
  }

  @Override
  public void note(String line) {
    endLine();
    io.err().println(line);
  }

  private void endLine() {
    if (midLine) {
      io.out().println();
      midLine = false;
    }
  }

  @Override
  public void status(String line) {}

  @Override
  public void busy(Runnable stop) {
    if (io.inputIsTerminal()) { // a pipe has nobody who would go on after Ctrl-C
      signalBefore = Signals.register(INTERRUPT, stop);
    }
  }

  @Override
  public void idle() {
    endLine();
    if (signalBefore != null) {
      Signals.unregister(INTERRUPT, signalBefore);
      signalBefore = null;
    }
  }

  @Override
  public void close() {
    endLine();
  }
}
