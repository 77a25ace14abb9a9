package dev.burhan.cli;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import java.util.ServiceLoader;

/** The command line on a flat class path; the launcher calls it by name. */
public final class Main {
  private Main() {}

  /**
   * Runs one command.
   *
   * @param args the command line without the launcher's own options
   * @return the exit code
   */
  public static int run(String[] args) {
    // Loaded when a command needs it: --version and wrong usage of the command line itself do not.
    try (var host = new Lazy<>(Main::load)) {
      return new CommandRunner(host::get, false).run(args, Terminal.system());
    }
  }

  private static Host load() {
    return ServiceLoader.load(Host.class)
        .findFirst()
        .orElseThrow(
            () ->
                new BurhanException(
                    "the class path has no kernel; the installation is incomplete, bundle/ should hold kernel-*.jar"));
  }
}
