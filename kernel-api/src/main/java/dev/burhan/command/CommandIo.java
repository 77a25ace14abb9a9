package dev.burhan.command;

import dev.burhan.provider.Progress;
import java.io.InputStream;
import java.io.PrintStream;
import org.osgi.annotation.versioning.ProviderType;

/** Where a command reads and writes. Both streams are UTF-8. */
@ProviderType
public interface CommandIo {

  InputStream in();

  /** Results, and nothing else. */
  PrintStream out();

  /** Timings, progress, warnings, errors. */
  PrintStream err();

  /**
   * Whether standard input is a person's terminal: then a command does not wait for a prompt on it
   * silently.
   */
  boolean inputIsTerminal();

  /** Whether {@link #out()} is a person's terminal. */
  boolean outputIsTerminal();

  /**
   * Whether escape sequences for colour may be written to {@link #out()}: a terminal, unless
   * NO_COLOR, CLICOLOR or CLICOLOR_FORCE say otherwise.
   */
  boolean colour();

  /** Shows progress on {@link #err()} where a person watches; silent otherwise. */
  Progress progress();
}
