package dev.burhan.cli.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.cli.chat.SlashCommand.Call;
import dev.burhan.provider.UsageException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SlashCommandTest {

  @Test
  void takesWhatFollowsAsItIs() {
    assertEquals(
        Optional.of(new Call(SlashCommand.SYSTEM, "Answer  in\none word.")),
        SlashCommand.parse("  /system  Answer  in\none word. "));
    assertEquals(Optional.of(new Call(SlashCommand.STATS, "")), SlashCommand.parse("/STATS"));
  }

  @Test
  void proseIsForTheModel() {
    assertEquals(Optional.empty(), SlashCommand.parse("what is /help?"));
    assertEquals("what is /help?", SlashCommand.forModel("what is /help?"));
  }

  @Test
  void twoSlashesSayOne() {
    assertEquals(Optional.empty(), SlashCommand.parse("//help"));
    assertEquals("/help", SlashCommand.forModel("//help"));
  }

  @Test
  void misspeltCommandIsToldWithASuggestion() {
    var error = assertThrows(UsageException.class, () -> SlashCommand.parse("/stat"));
    assertTrue(error.getMessage().contains("did you mean /stats?"), error.getMessage());
  }

  @Test
  void missingAndSuperfluousArgumentsAreTold() {
    var missing = assertThrows(UsageException.class, () -> SlashCommand.parse("/save"));
    assertEquals("/save needs FILE", missing.getMessage());
    var more = assertThrows(UsageException.class, () -> SlashCommand.parse("/reset now"));
    assertEquals("/reset takes nothing, found 'now'", more.getMessage());
  }
}
