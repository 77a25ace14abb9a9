package dev.burhan.command;

import dev.burhan.provider.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The parsed command line: values by option name, and what stands beside the options.
 *
 * @param values the texts given for each option; a flag that is set has one empty text
 * @param operands the words that belong to no option
 */
public record Arguments(Map<String, List<String>> values, List<String> operands) {

  public Arguments {
    values = Map.copyOf(values);
    operands = List.copyOf(operands);
  }

  public boolean flag(String name) {
    return values.containsKey(name);
  }

  public Optional<String> text(String name) {
    List<String> given = values.getOrDefault(name, List.of());
    return given.isEmpty() ? Optional.empty() : Optional.of(given.getLast());
  }

  public List<String> texts(String name) {
    return values.getOrDefault(name, List.of());
  }

  /** The value of a required option. */
  public String required(String name) {
    return text(name).orElseThrow(() -> new UsageException("--" + name + " is required"));
  }

  public Optional<Path> path(String name) {
    return text(name).map(Path::of);
  }

  /** An integer within bounds; anything else is a {@link UsageException} that names the option. */
  public OptionalInt integer(String name, int min, int max) {
    Optional<String> given = text(name);
    if (given.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      int value = Integer.parseInt(given.get().strip());
      if (value >= min && value <= max) {
        return OptionalInt.of(value);
      }
    } catch (NumberFormatException e) {
      // falls through to the one error below
    }
    throw new UsageException(
        "--"
            + name
            + " should be an integer from "
            + min
            + " to "
            + max
            + ", found '"
            + given.get()
            + "'");
  }

  /** A number within bounds; anything else is a {@link UsageException} that names the option. */
  public OptionalDouble number(String name, double min, double max) {
    Optional<String> given = text(name);
    if (given.isEmpty()) {
      return OptionalDouble.empty();
    }
    try {
      double value = Double.parseDouble(given.get().strip());
      if (value >= min && value <= max) {
        return OptionalDouble.of(value);
      }
    } catch (NumberFormatException e) {
      // falls through to the one error below
    }
    throw new UsageException(
        "--"
            + name
            + " should be a number from "
            + min
            + " to "
            + max
            + ", found '"
            + given.get()
            + "'");
  }
}
