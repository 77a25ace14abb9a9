package dev.burhan.e2e;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where characters stand while a line is edited in {@code burhan chat}. */
class ChatScreenTest {
  private static final int COLUMNS = 40;

  @TempDir Path temp;

  @Test
  void wideRightToLeftAndCombiningCharactersStandWhereTheTerminalPutsThem() throws Exception {
    try (Screen screen =
        Screen.start(
            temp,
            COLUMNS,
            Map.of("BURHAN_CACHE", temp.resolve("cache").toString()),
            List.of(
                Places.distribution().resolve("bin/burhan").toString(),
                "chat",
                "--model",
                Needs.smolLm2().toString()))) {
      screen.expect(">", 2); // the blank after it is stripped
      screen.type("你好世界");
      screen.expect("> 你好世界", 2 + 8);
      screen.press("Left", "Left").type("大");
      screen.expect("> 你好大世界", 2 + 6);
      screen.press("BSpace", "BSpace");
      screen.expect("> 你世界", 2 + 2);
      screen.press("C-e", "C-u").type("ما عاصمة فرنسا؟");
      screen.expect("> ما عاصمة فرنسا؟", 2 + 15);
      screen.press("BSpace").type("!");
      screen.expect("> ما عاصمة فرنسا!", 2 + 15);
      screen.press("C-u").type("cafe\u0301 😀");
      screen.expect("> cafe\u0301 😀", 2 + 7);
      String long25 = "山".repeat(25); // more than a row
      screen.press("C-u").type(long25);
      screen.expect("> " + long25, 2 * 6); // 19 beside the prompt, 6 in the next row
      screen.press("C-a").type("x");
      screen.expect("> x" + long25, 3);
    }
  }
}
