package dev.burhan.launcher;

import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * How this process ends: with the command's exit code, or by a signal.
 *
 * <p>A command that runs until it is told to end (SIGTERM, Ctrl-C) and has something to finish
 * first gives a function to the service of type {@link Consumer} with the property {@value
 * #PROPERTY} = {@value #END}, a type of the JDK because the launcher shares no other with bundles.
 * At a signal the function is called; if it answers true, the command is about to return, and the
 * process ends with its exit code once the framework has stopped. Otherwise it ends at once, as
 * every other command.
 */
final class ProcessEnd implements Consumer<BooleanSupplier> {
  static final String PROPERTY = "burhan.launcher";
  static final String END = "end";

  private final CompletableFuture<Integer> code = new CompletableFuture<>();

  @Override
  public void accept(BooleanSupplier stop) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> signalled(stop), "burhan-end"));
  }

  private void signalled(BooleanSupplier stop) {
    if (!code.isDone() && stop.getAsBoolean()) {
      // The JVM would exit with 128 + the signal's number: only halt sets another code by now.
      Runtime.getRuntime().halt(code.join());
    }
  }

  /** Ends the process; does not return. */
  void exit(int value) {
    code.complete(value);
    System.exit(value);
  }
}
