package dev.burhan.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.file.Text;
import dev.burhan.checkpoint.file.Utf8;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;

/**
 * A JSON document read token by token. Every error names the document and the place. Python's NaN
 * and Infinity are numbers here, since published config.json files have them.
 */
public final class Json implements AutoCloseable {
  private static final int DEEPEST = 32;
  private static final int LONGEST_NAME = 1 << 16;
  private static final int LONGEST_NUMBER = 1_000;

  /** Reads one value; may throw what the parser throws. */
  public interface Reader<T> {
    T read(Json json) throws IOException;
  }

  private final String origin;
  private final JsonParser parser;

  private Json(String origin, JsonParser parser) {
    this.origin = origin;
    this.parser = parser;
  }

  /**
   * Reads a whole document; anything but white space behind it is an error.
   *
   * @param origin what errors begin with: the file, and the part of it
   */
  public static <T> T read(String origin, byte[] bytes, Reader<T> reader) {
    try (var json = new Json(origin, factory().createParser(Utf8.decode(bytes, 0, bytes.length)))) {
      json.next();
      T value = reader.read(json);
      if (json.next() != null) {
        throw json.fail("there is something behind the end of the JSON document");
      }
      return value;
    } catch (JsonProcessingException e) {
      long at = e.getLocation() == null ? -1 : e.getLocation().getCharOffset();
      throw new CheckpointException(
          origin + ": not valid JSON" + at(at) + ": " + oneLine(e.getOriginalMessage()), e);
    } catch (CharacterCodingException e) {
      throw new CheckpointException(origin + ": not UTF-8: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CheckpointException(origin + ": can't be read: " + e.getMessage(), e);
    }
  }

  /**
   * Names are neither interned nor kept in a table: a file may have a hundred thousand, each once.
   */
  private static JsonFactory factory() {
    return JsonFactory.builder()
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(DEEPEST)
                .maxNameLength(LONGEST_NAME)
                .maxNumberLength(LONGEST_NUMBER)
                .maxStringLength(Integer.MAX_VALUE) // the document is in memory already
                .build())
        .build();
  }

  private static String oneLine(String message) {
    String text = message.lines().findFirst().orElse("");
    return text.length() > 200 ? text.substring(0, 200) + "..." : text;
  }

  private static String at(long offset) {
    return offset < 0 ? "" : " at character " + offset;
  }

  public JsonToken token() {
    return parser.currentToken();
  }

  public JsonToken next() throws IOException {
    return parser.nextToken();
  }

  /**
   * The name of the next member of an object, its value being the current token then; null at the
   * object's end.
   */
  public String member() throws IOException {
    String name = parser.nextFieldName();
    if (name != null) {
      next();
    }
    return name;
  }

  void expect(JsonToken token, String what) {
    if (parser.currentToken() != token) {
      throw fail(what + ", found " + found());
    }
  }

  public String text(String what) throws IOException {
    expect(JsonToken.VALUE_STRING, what);
    return parser.getText();
  }

  /** The current number: Long where it is an integer that fits, else Double. */
  public Number number() throws IOException {
    if (token() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return parser.getLongValue();
    }
    return parser.getDoubleValue();
  }

  /** The current token as an integer from 0. */
  long natural(String what) throws IOException {
    expect(JsonToken.VALUE_NUMBER_INT, what);
    long value = number() instanceof Long number ? number : -1;
    if (value < 0) {
      throw fail(what + ", found " + found());
    }
    return value;
  }

  void skip() throws IOException {
    parser.skipChildren();
  }

  private String found() {
    JsonToken token = parser.currentToken();
    if (token == null) {
      return "the end of the document";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case END_ARRAY -> "the end of the array";
      default -> {
        try {
          yield Text.quoted(parser.getText());
        } catch (IOException e) {
          yield "something unreadable";
        }
      }
    };
  }

  public CheckpointException fail(String message) {
    return new CheckpointException(
        origin + at(parser.currentTokenLocation().getCharOffset()) + ": " + message);
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
