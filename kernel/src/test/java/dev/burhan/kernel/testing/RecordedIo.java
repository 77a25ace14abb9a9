package dev.burhan.kernel.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.burhan.command.Arguments;
import dev.burhan.command.CommandIo;
import dev.burhan.provider.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A command's streams, kept to be looked at; nobody's terminal. */
public final class RecordedIo implements CommandIo {
  private final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(outBytes, true, StandardCharsets.UTF_8);
  private final PrintStream err = new PrintStream(errBytes, true, StandardCharsets.UTF_8);
  private final List<String> progress = new ArrayList<>();

  /** Arguments: {@code name=value} gives an option, {@code --name} a flag, else an operand. */
  public static Arguments arguments(String... words) {
    Map<String, List<String>> values = new HashMap<>();
    List<String> operands = new ArrayList<>();
    for (String word : words) {
      if (word.startsWith("--")) {
        values.put(word.substring(2), List.of(""));
      } else if (word.contains("=")) {
        values.put(word.substring(0, word.indexOf('=')), List.of(word.split("=", 2)[1]));
      } else {
        operands.add(word);
      }
    }
    return new Arguments(values, operands);
  }

  public String output() {
    return outBytes.toString(StandardCharsets.UTF_8);
  }

  public String errors() {
    return errBytes.toString(StandardCharsets.UTF_8);
  }

  /** The output, which must be one JSON value. */
  public JsonNode json() {
    try {
      return new ObjectMapper().readTree(output());
    } catch (IOException e) {
      throw new AssertionError("no JSON: " + output(), e);
    }
  }

  /** What progress was told, once for each text. */
  public List<String> progressTexts() {
    synchronized (progress) {
      return progress.stream().distinct().toList();
    }
  }

  @Override
  public InputStream in() {
    return InputStream.nullInputStream();
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
    return false;
  }

  @Override
  public boolean outputIsTerminal() {
    return false;
  }

  @Override
  public boolean colour() {
    return false;
  }

  @Override
  public Progress progress() {
    return (what, done, total) -> {
      synchronized (progress) {
        progress.add(what);
      }
    };
  }
}
