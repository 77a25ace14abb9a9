package dev.burhan.command;

import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A command that a bundle contributes, as {@code burhan NAME} and as Gogo's {@code burhan:NAME}. A
 * command may run several times at once; it keeps no state between runs.
 */
@ConsumerType
public interface Command extends Provider {

  /** Done. */
  int DONE = 0;

  /** It was asked rightly but failed. */
  int FAILED = 1;

  /** It was asked wrongly. */
  int USAGE = 2;

  /** One line for the list of commands. */
  String summary();

  List<Option> options();

  /**
   * Name of the operand in help, such as {@code PROMPT}; empty if the command takes none. Operands
   * are never required.
   */
  default Optional<String> operand() {
    return Optional.empty();
  }

  /**
   * Whether it runs in the OSGi framework only. Such a command's name also stands in the
   * distribution's {@code lib/framework-commands}, from which the start script chooses Felix.
   */
  default boolean needsFramework() {
    return false;
  }

  /** Whole command lines that work, for help. */
  List<String> examples();

  /**
   * Runs it.
   *
   * @return {@link #DONE} or {@link #FAILED}
   * @throws dev.burhan.provider.UsageException if it was asked wrongly: its message is shown, exit
   *     code 2
   * @throws dev.burhan.provider.BurhanException if it failed: its message is shown, exit code 1
   * @throws Exception if something else went wrong: shown in one line, with the stack trace if the
   *     user asked for it
   */
  int run(Arguments arguments, CommandIo io, Host host) throws Exception;
}
