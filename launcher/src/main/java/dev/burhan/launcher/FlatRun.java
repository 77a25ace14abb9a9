package dev.burhan.launcher;

import java.lang.reflect.InvocationTargetException;

/** Runs the command line on the class path that the JVM was started with. */
final class FlatRun {
  private static final String CLI = "dev.burhan.cli.Main";

  private FlatRun() {}

  static int run(String[] args) {
    try {
      return (int) Class.forName(CLI).getMethod("run", String[].class).invoke(null, (Object) args);
    } catch (ClassNotFoundException e) {
      throw new LaunchException(
          "the class path has no " + CLI + "; start with the script, which puts bundle/*.jar on it",
          e);
    } catch (InvocationTargetException e) {
      throw new LaunchException("the command line failed: " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LaunchException(CLI + " does not fit this launcher: " + e.getMessage(), e);
    }
  }
}
