package dev.burhan.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.command.Command;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandRunnerTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private EchoCommand command = new EchoCommand((arguments, io) -> Command.DONE);

  private int run(String... args) {
    return new CommandRunner(() -> new CommandsOnly(List.of(command)))
        .run(args, Terminal.of(InputStream.nullInputStream(), out, err));
  }

  private int runThrowing(Exception error, String... args) {
    command =
        new EchoCommand(
            (arguments, io) -> {
              throw error;
            });
    return run(args);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void passesOptionsAndOperandsOn() {
    assertEquals(0, run("echo", "--model", "m", "--stop", "a", "--stop=b", "--json", "one", "two"));
    assertEquals(
        Map.of("model", List.of("m"), "stop", List.of("a", "b"), "json", List.of("")),
        command.seen.values());
    assertEquals(List.of("one", "two"), command.seen.operands());
  }

  @Test
  void shortFormIsTheSameOption() {
    assertEquals(0, run("echo", "--model", "m", "-n", "7"));
    assertEquals(List.of("7"), command.seen.values().get("max-tokens"));
  }

  @Test
  void lastOfAnOptionGivenTwiceCounts() {
    run("echo", "--model", "a", "--model", "b");
    assertEquals("b", command.seen.required("model"));
  }

  @Test
  void takesPromptsAsTheyAre() {
    assertEquals(
        0, run("echo", "--model", "m", "@file", "\"quoted\"", "${user.home}", "100 %d", ""));
    assertEquals(
        List.of("@file", "\"quoted\"", "${user.home}", "100 %d", ""), command.seen.operands());
  }

  @Test
  void wordsAfterTwoDashesAreOperands() {
    assertEquals(0, run("echo", "--model", "m", "--", "--verbose", "-1"));
    assertEquals(List.of("--verbose", "-1"), command.seen.operands());
  }

  @Test
  void verboseIsNoOptionOfTheCommand() {
    assertEquals(0, run("echo", "--model", "m", "--verbose"));
    assertFalse(command.seen.flag("verbose"));
  }

  @Test
  void commandsExitCodeIsTheProcesss() {
    command = new EchoCommand((arguments, io) -> Command.FAILED);
    assertEquals(1, run("echo", "--model", "m"));
  }

  @Test
  void helpShowsOptionsDefaultsAndExamples() {
    assertEquals(0, run("echo", "--help"));
    for (String part :
        List.of(
            "Says 100 % of what it is told.",
            "burhan echo [OPTION]... [PROMPT]",
            "--model=M",
            "Required.",
            "-n, --max-tokens=N",
            "Default: 256.",
            "burhan echo --model smollm2 \"50 % off?\"")) {
      assertTrue(out().contains(part), part + " in\n" + out());
    }
    assertEquals("", err());
  }

  @Test
  void helpOfAllListsTheCommands() {
    assertEquals(0, run("--help"));
    assertTrue(out().contains("echo  Says 100 % of what it is told."), out());
    assertTrue(out().contains("0 done, 1 failed, 2 wrong usage"), out());
  }

  @Test
  void noCommandIsWrongUsage() {
    assertEquals(2, run());
    assertTrue(err().contains("Commands:"), err());
    assertEquals("", out());
  }

  @Test
  void misspeltOptionIsToldWithASuggestion() {
    assertEquals(2, run("echo", "--model", "m", "--max-token", "3"));
    assertEquals(
        "burhan: unknown option '--max-token', did you mean --max-tokens?; see burhan echo --help\n",
        err());
  }

  @Test
  void misspeltRequiredOptionIsToldAsMisspelt() {
    assertEquals(2, run("echo", "--modle", "m"));
    assertEquals(
        "burhan: unknown option '--modle', did you mean --model?; see burhan echo --help\n", err());
  }

  @Test
  void commandLikeNoneIsToldWithTheCommandsThereAre() {
    assertEquals(2, run("launch"));
    assertEquals(
        "burhan: unknown command 'launch', the commands are echo; see burhan --help\n", err());
  }

  @Test
  void misspeltCommandIsToldWithASuggestion() {
    assertEquals(2, run("ecko"));
    assertEquals("burhan: unknown command 'ecko', did you mean echo?; see burhan --help\n", err());
  }

  @Test
  void missingOptionIsTold() {
    assertEquals(2, run("echo", "hello"));
    assertEquals("burhan: required and not given: --model M; see burhan echo --help\n", err());
    assertNull(command.seen);
  }

  @Test
  void missingValueIsTold() {
    assertEquals(2, run("echo", "--model"));
    assertEquals(1, err().lines().count(), err());
    assertTrue(err().contains("--model"), err());
  }

  @Test
  void valueOutOfRangeIsWrongUsage() {
    command =
        new EchoCommand(
            (arguments, io) -> arguments.integer("max-tokens", 1, 100).isPresent() ? 0 : 1);
    assertEquals(2, run("echo", "--model", "m", "--max-tokens", "x"));
    assertEquals(
        "burhan: --max-tokens should be an integer from 1 to 100, found 'x'; see burhan echo --help\n",
        err());
  }

  @Test
  void usageErrorOfTheCommandExitsWithTwo() {
    assertEquals(2, runThrowing(new UsageException("no such thing"), "echo", "--model", "m"));
    assertEquals("burhan: no such thing; see burhan echo --help\n", err());
  }

  @Test
  void failureIsOneLine() {
    assertEquals(1, runThrowing(new BurhanException("the file is torn"), "echo", "--model", "m"));
    assertEquals("burhan: the file is torn\n", err());
  }

  @Test
  void unexpectedErrorIsOneLine() {
    assertEquals(1, runThrowing(new IllegalStateException("odd"), "echo", "--model", "m"));
    assertEquals(
        "burhan: unexpected error: java.lang.IllegalStateException: odd; --verbose shows where\n",
        err());
  }

  @Test
  void verboseShowsTheStackTrace() {
    assertEquals(1, runThrowing(new BurhanException("torn"), "echo", "--model", "m", "--verbose"));
    assertTrue(
        err().startsWith("burhan: torn\ndev.burhan.provider.BurhanException: torn\n\tat "), err());
  }

  @Test
  void readerThatWentAwayEndsTheCommand() {
    command =
        new EchoCommand(
            (arguments, io) -> {
              for (int line = 0; line < 1_000_000; line++) {
                io.out().println("line " + line);
              }
              throw new AssertionError("went on to the end");
            });
    var closed =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    int code =
        new CommandRunner(() -> new CommandsOnly(List.of(command)))
            .run(
                new String[] {"echo", "--model", "m"},
                Terminal.of(InputStream.nullInputStream(), closed, err));
    assertEquals(1, code);
    assertEquals("", err());
  }

  @Test
  void textIsUtf8() {
    command =
        new EchoCommand(
            (arguments, io) -> {
              io.out().print("برهان 证明");
              return 0;
            });
    run("echo", "--model", "m");
    assertEquals("برهان 证明", out());
  }

  @Test
  void commandThatNeedsTheFrameworkIsNotRunWithoutIt() {
    command.needsFramework = true;
    var flat = new CommandRunner(() -> new CommandsOnly(List.of(command)), false);
    var terminal = Terminal.of(InputStream.nullInputStream(), out, err);
    assertEquals(2, flat.run(new String[] {"echo", "--model", "m"}, terminal));
    assertEquals(
        "burhan: it runs in the OSGi framework only: add --osgi; see burhan echo --help\n", err());
    assertNull(command.seen);
    assertEquals(0, run("echo", "--model", "m"));
  }

  @Test
  void versionNeedsNoKernel() {
    int code =
        new CommandRunner(
                () -> {
                  throw new AssertionError("asked for the kernel");
                })
            .run(new String[] {"--version"}, Terminal.of(InputStream.nullInputStream(), out, err));
    assertEquals(0, code);
    assertTrue(out().matches("burhan \\d+\\.\\d+\\.\\d+.*\n"), out());
  }
}
