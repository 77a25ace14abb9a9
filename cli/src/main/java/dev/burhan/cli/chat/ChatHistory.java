package dev.burhan.cli.chat;

import java.time.Instant;
import org.jline.reader.impl.history.DefaultHistory;

/**
 * Lines typed before. JLine keeps the file readable for its owner alone; with so many entries of
 * such a length it stays below 4 MB.
 */
final class ChatHistory extends DefaultHistory {
  static final int ENTRIES = 1000;
  private static final int LONGEST = 4000;

  @Override
  public void add(Instant time, String line) {
    if (line.length() <= LONGEST) { // a pasted document is no line to go back to
      super.add(time, line);
    }
  }
}
