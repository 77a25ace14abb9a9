package dev.burhan.cli.chat;

import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.impl.DefaultParser;

/** Words between blanks, without quotes and escapes: most lines are prose. */
final class ChatParser implements Parser {
  private final DefaultParser words =
      new DefaultParser().escapeChars(new char[0]).quoteChars(new char[0]);

  @Override
  public ParsedLine parse(String line, int cursor, ParseContext context) {
    if (context == ParseContext.ACCEPT_LINE && MultiLine.isOpen(line)) {
      throw new EOFError(-1, -1, "more lines follow"); // JLine then asks for them
    }
    return words.parse(line, cursor, context);
  }

  @Override
  public boolean isEscapeChar(char character) {
    return false;
  }
}
