package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts of {@code burhan completion} in the shells that they are for. */
class CompletionTest {
  @TempDir static Path temp;

  private static Path script;

  @BeforeAll
  static void write() throws Exception {
    script = temp.resolve("burhan.bash");
    Files.writeString(script, completion("bash"));
  }

  private static String completion(String shell) throws Exception {
    return new Shell()
        .run(Places.distribution().resolve("bin/burhan"), "completion", shell)
        .exitsWith(0)
        .out();
  }

  /** What bash offers for the last of these words. */
  private static List<String> offered(String... words) throws Exception {
    var command =
        new ArrayList<Object>(
            List.of(
                "bash",
                "-c",
                """
                source "$1"; shift
                COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
                "$(complete -p burhan | sed 's/.*-F \\([^ ]*\\).*/\\1/')"
                printf '%s\\n' "${COMPREPLY[@]}"
                """,
                "bash",
                script,
                "burhan"));
    command.addAll(List.of(words));
    return new Shell()
        .run(command.toArray())
        .exitsWith(0)
        .out()
        .lines()
        .map(String::strip)
        .toList();
  }

  @Test
  void bashOffersCommands() throws Exception {
    assertEquals(List.of("chat"), offered("cha"));
    assertTrue(offered("").containsAll(List.of("run", "chat", "serve", "tokenize")));
  }

  @Test
  void bashOffersTheCommandsOptions() throws Exception {
    assertTrue(offered("run", "--max").contains("--max-tokens"), offered("run", "--max")::toString);
    assertTrue(!offered("tokenize", "--").contains("--max-tokens"));
  }

  @Test
  void bashOffersModelsAndBackends() throws Exception {
    assertEquals(List.of("smollm2"), offered("run", "--model", "smo"));
    assertEquals(List.of("oracle"), offered("chat", "--model", "smollm2", "--backend", "o"));
  }

  @Test
  void fishsScriptNamesCommandsOptionsAndValues() throws Exception {
    String fish = completion("fish");
    assertTrue(fish.contains("complete -c burhan -f -n __fish_use_subcommand -a chat -d 'Talk"));
    assertTrue(
        fish.lines()
            .anyMatch(
                line ->
                    line.startsWith(
                            "complete -c burhan -n '__fish_seen_subcommand_from run' -l model ")
                        && line.contains("smollm2")));
  }

  @Test
  void otherShellsAreWrongUsage() throws Exception {
    new Shell()
        .run(Places.distribution().resolve("bin/burhan"), "completion", "csh")
        .exitsWith(2)
        .saysOneLine()
        .says("bash, zsh or fish, found 'csh'");
  }
}
