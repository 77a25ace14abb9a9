package dev.burhan.text.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.burhan.command.CommandIo;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** How the commands of this bundle write their results. */
final class Output {
  private Output() {}

  /** Writes one JSON document. */
  @FunctionalInterface
  interface Document {
    void write(JsonGenerator json) throws IOException;
  }

  /** One line of JSON. */
  static void json(CommandIo io, Document document) {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      document.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string writer has no I/O
    }
    io.out().print(text);
    io.out().print('\n');
    io.out().flush();
  }

  /**
   * A text exactly as it is; on a terminal with a line end, so that the shell's prompt stands on
   * its own line.
   */
  static void text(CommandIo io, String text) {
    io.out().print(text);
    if (io.outputIsTerminal() && !text.endsWith("\n")) {
      io.out().print('\n');
    }
    io.out().flush();
  }
}
