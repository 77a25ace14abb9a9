package dev.burhan.text.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON to plain values: String, Boolean, Integer, Long, BigInteger, Double, List, Map in key order,
 * null. Jackson's streaming core alone, since its data binding takes longer to start than a
 * tokenizer to load.
 */
public final class Json {
  private static final int LONGEST_MESSAGE = 600;

  private Json() {}

  /**
   * A factory for documents whose keys are data: they are neither interned nor kept in a symbol
   * table.
   */
  static JsonFactory factory() {
    return JsonFactory.builder()
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
        .build();
  }

  /**
   * Reads one document.
   *
   * @throws JsonProcessingException with line and column, if it is no JSON or something follows it
   */
  public static Object read(byte[] document) throws JsonProcessingException {
    try (JsonParser parser = factory().createParser(document)) {
      parser.nextToken();
      if (parser.currentToken() == null) {
        throw new com.fasterxml.jackson.core.JsonParseException(parser, "the document is empty");
      }
      Object value = value(parser);
      if (parser.nextToken() != null) {
        throw new com.fasterxml.jackson.core.JsonParseException(
            parser, "something follows the end of the document");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw e;
    } catch (java.io.CharConversionException e) {
      throw new com.fasterxml.jackson.core.JsonParseException(null, e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no I/O: the document is in memory
    }
  }

  /** A message with words from a file: on one line, and cut where they are too many. */
  static String oneLine(String message) {
    String cut =
        message.length() > LONGEST_MESSAGE
            ? message.substring(0, LONGEST_MESSAGE) + "..."
            : message;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\u0085\\u2028\\u2029\\ud800-\\udfff]+", " ");
  }

  /** Where and what, in one line, of an error that {@link #read} threw. */
  public static String describe(JsonProcessingException e) {
    var at = e.getLocation();
    String what = e.getOriginalMessage().lines().findFirst().orElse("not JSON");
    return oneLine(
        at == null
            ? what
            : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": " + what);
  }

  /** The value that begins at the parser's current token. */
  static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getNumberValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    var map = new LinkedHashMap<String, Object>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      map.put(key, value(parser));
    }
    return map;
  }

  private static List<Object> array(JsonParser parser) throws IOException {
    var list = new ArrayList<Object>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser));
    }
    return list;
  }
}
