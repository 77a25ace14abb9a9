package dev.burhan.text.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.text.bpe.Merges;
import dev.burhan.text.bpe.Vocabulary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads a {@code tokenizer.json} of the tokenizers library. The vocabulary and the merges, nearly
 * all of it, are streamed straight into their tables; the rest becomes plain maps.
 */
final class TokenizerJson {
  private static final int USUAL_VOCABULARY = 160_000;

  /**
   * What a file holds.
   *
   * @param sections everything but the model's vocabulary and merges, by key; null values are left
   *     out
   * @param vocabulary the model's own entries, still open for added tokens
   * @param merges builds the merges once the vocabulary is complete
   */
  record Contents(
      Map<String, Object> sections,
      Vocabulary.Builder vocabulary,
      Function<Vocabulary, Merges> merges) {}

  private final String origin;
  private final Map<String, Object> sections = new LinkedHashMap<>();
  private Vocabulary.Builder vocabulary;
  private List<String> merges; // two entries a merge, or one with a space within and null after it

  private TokenizerJson(String origin) {
    this.origin = origin;
  }

  /**
   * Reads a file.
   *
   * @param origin its name, for errors
   */
  static Contents read(String origin, byte[] document) {
    var reader = new TokenizerJson(origin);
    try (JsonParser parser = Json.factory().createParser(document)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw reader.wrong("expected a JSON object");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        if (parser.nextToken() == JsonToken.START_OBJECT && key.equals("model")) {
          reader.model(parser);
        } else {
          reader.keep(key, parser);
        }
      }
    } catch (JsonProcessingException e) {
      throw new CheckpointException(origin + ": not valid JSON: " + Json.describe(e), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return reader.contents();
  }

  private Contents contents() {
    if (vocabulary == null) {
      throw wrong("there is no model.vocab; expected an object of tokens and ids");
    }
    if (merges == null) {
      throw wrong("there is no model.merges; expected the list of a byte pair encoding's merges");
    }
    return new Contents(sections, vocabulary, this::buildMerges);
  }

  private void keep(String key, JsonParser parser) throws IOException {
    Object value = Json.value(parser);
    if (value != null) {
      sections.put(key, value);
    }
  }

  private void model(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      JsonToken first = parser.nextToken();
      switch (key) {
        case "vocab" -> {
          if (first != JsonToken.START_OBJECT) {
            // Unigram's vocabulary is a list: say which model it is if the file has said so already
            String type = String.valueOf(sections.getOrDefault("model.type", "BPE"));
            throw wrong(
                type.equals("BPE")
                    ? "model.vocab should be an object of tokens and ids"
                    : "model.type " + type + " is not supported; only BPE is");
          }
          vocabulary(parser);
        }
        case "merges" -> {
          if (first != JsonToken.START_ARRAY) {
            throw wrong("model.merges should be a list");
          }
          merges(parser);
        }
        default -> keep("model." + key, parser);
      }
    }
  }

  private void vocabulary(JsonParser parser) throws IOException {
    vocabulary = new Vocabulary.Builder(USUAL_VOCABULARY);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String piece = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        throw wrong(
            "model.vocab: the id of '"
                + piece
                + "' should be an integer, found "
                + parser.getText());
      }
      int id = id(parser.getLongValue(), "model.vocab: '" + piece + "'");
      if (vocabulary.has(id)) {
        throw wrong(
            "model.vocab: id " + id + " is given twice, the second time to '" + piece + "'");
      }
      vocabulary.add(id, piece);
    }
  }

  private void merges(JsonParser parser) throws IOException {
    merges = new ArrayList<>(2 * USUAL_VOCABULARY);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.VALUE_STRING) {
        merges.add(parser.getText());
        merges.add(null);
      } else {
        pair(parser);
      }
    }
  }

  /** A merge in the newer form, which allows spaces within tokens: ["left", "right"]. */
  private void pair(JsonParser parser) throws IOException {
    int before = merges.size();
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      while (parser.nextToken() == JsonToken.VALUE_STRING) {
        merges.add(parser.getText());
      }
    }
    if (merges.size() != before + 2 || parser.currentToken() != JsonToken.END_ARRAY) {
      throw wrong(
          "model.merges: entry " + before / 2 + " should be a string or a list of two strings");
    }
  }

  private Merges buildMerges(Vocabulary complete) {
    var builder = new Merges.Builder(complete, merges.size() / 2);
    for (int i = 0; i < merges.size(); i += 2) {
      String right = merges.get(i + 1);
      String problem =
          right == null ? builder.add(merges.get(i)) : builder.add(merges.get(i), right);
      if (problem != null) {
        throw wrong("model.merges: entry " + i / 2 + ": " + problem);
      }
    }
    return builder.build();
  }

  /** An id within what an int array can hold: a lying id must not ask for gigabytes. */
  private int id(long found, String where) {
    return Ids.check(found, origin + ": " + where);
  }

  private CheckpointException wrong(String what) {
    return new CheckpointException(origin + ": " + what);
  }
}
