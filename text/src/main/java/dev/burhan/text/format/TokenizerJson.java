package dev.burhan.text.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.text.bpe.Merges;
import dev.burhan.text.bpe.Vocabulary;
import dev.burhan.text.format.JsonCursor.Unexpected;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads a {@code tokenizer.json} of the tokenizers library. The vocabulary and the merges, nearly
 * all of it, go from the file's bytes straight into their tables; the rest becomes plain maps.
 */
final class TokenizerJson {
  private static final int USUAL_VOCABULARY = 160_000;
  private static final int LONGEST_SHOWN = 40;
  private static final int LEAST_ENTRY = 6; // bytes of a token with its id, or of a merge

  /**
   * What a file holds.
   *
   * @param sections everything but the model's vocabulary and merges, by key; null values are left
   *     out
   * @param vocabulary the model's own entries, still open for added tokens
   * @param largestId that an added token may have
   * @param merges builds the merges once the vocabulary is complete
   */
  record Contents(
      Map<String, Object> sections,
      Vocabulary.Builder vocabulary,
      int largestId,
      Function<Vocabulary, Merges> merges) {}

  private final String origin;
  private final byte[] document;
  private final JsonCursor cursor;
  private final Map<String, Object> sections = new LinkedHashMap<>();
  private Vocabulary.Builder vocabulary;
  private int[]
      merges; // from and to of the left token, from and to of the right one, as places in the
  // document
  private int mergesEnd;

  private TokenizerJson(String origin, byte[] document) {
    this.origin = origin;
    this.document = document;
    cursor = new JsonCursor(document);
  }

  /**
   * Reads a file.
   *
   * @param origin its name, for errors
   */
  static Contents read(String origin, byte[] document) {
    var reader = new TokenizerJson(origin, document);
    try {
      reader.sections("", true);
      if (reader.cursor.peek() != 0) {
        throw new Unexpected();
      }
      return reader.contents();
    } catch (Unexpected | JsonProcessingException e) {
      throw reader.invalid();
    }
  }

  /** What the JSON library has against the whole document. */
  private CheckpointException invalid() {
    try {
      return Json.read(document) instanceof Map
          ? wrong("something other than expected stands at byte " + cursor.at())
          : wrong("expected a JSON object");
    } catch (JsonProcessingException e) {
      return new CheckpointException(origin + ": not valid JSON: " + Json.describe(e), e);
    }
  }

  private Contents contents() {
    if (vocabulary == null) {
      throw wrong("there is no model.vocab; expected an object of tokens and ids");
    }
    if (merges == null) {
      throw wrong("there is no model.merges; expected the list of a byte pair encoding's merges");
    }
    return new Contents(sections, vocabulary, Ids.largest(document.length), this::buildMerges);
  }

  private void sections(String prefix, boolean root) throws Unexpected, JsonProcessingException {
    cursor.expect('{');
    if (cursor.skip('}')) {
      return;
    }
    do {
      cursor.string();
      String key = JsonCursor.text(document, cursor.from(), cursor.to());
      cursor.expect(':');
      if (root && key.equals("model") && cursor.peek() == '{') {
        sections("model.", false);
      } else if (!root && key.equals("vocab")) {
        vocabulary();
      } else if (!root && key.equals("merges")) {
        merges();
      } else {
        keep(prefix + key);
      }
    } while (!cursor.endsWith('}'));
  }

  private void keep(String key) throws Unexpected, JsonProcessingException {
    cursor.peek();
    int from = cursor.at();
    cursor.skipValue();
    Object value = Json.read(Arrays.copyOfRange(document, from, cursor.at()));
    if (value != null) {
      sections.put(key, value);
    }
  }

  /** Entries to make room for at once: as many as usual, but no more than a small file can hold. */
  private int expected() {
    return Math.min(USUAL_VOCABULARY, 16 + document.length / LEAST_ENTRY);
  }

  private void vocabulary() throws Unexpected {
    if (!cursor.skip('{')) {
      // a list is Unigram's: say which model it is if the file has said so already
      String type = String.valueOf(sections.getOrDefault("model.type", "BPE"));
      throw wrong(
          type.equals("BPE")
              ? "model.vocab should be an object of tokens and ids"
              : "model.type " + type + " is not supported; only BPE is");
    }
    vocabulary = new Vocabulary.Builder(expected());
    if (cursor.skip('}')) {
      return;
    }
    do {
      cursor.string();
      int from = cursor.from();
      int to = cursor.to();
      cursor.expect(':');
      int id = id(from, to);
      if (vocabulary.has(id)) {
        String piece = JsonCursor.text(document, from, to);
        throw wrong(
            "model.vocab: id " + id + " is given twice, the second time to '" + piece + "'");
      }
      if (!vocabulary.add(id, document, from, to)) {
        vocabulary.add(id, JsonCursor.text(document, from, to));
      }
    } while (!cursor.endsWith('}'));
  }

  /**
   * The id that follows a token, within what an int array can hold: a lying id must not ask for
   * gigabytes.
   */
  private int id(int from, int to) throws Unexpected {
    long id = cursor.integer();
    if (id >= 0 && id <= Ids.largest(document.length)) {
      return (int) id;
    }
    String where = "model.vocab: the id of '" + JsonCursor.text(document, from, to) + "'";
    if (id > 0) {
      return Ids.check(id, Ids.largest(document.length), origin + ": " + where);
    }
    cursor.peek();
    int begin = cursor.at();
    cursor.skipValue();
    String found = JsonCursor.text(document, begin, Math.min(cursor.at(), begin + LONGEST_SHOWN));
    throw wrong(where + " should be an integer from 0, found " + found);
  }

  private void merges() throws Unexpected {
    if (!cursor.skip('[')) {
      throw wrong("model.merges should be a list");
    }
    merges = new int[4 * expected()];
    if (cursor.skip(']')) {
      return;
    }
    do {
      if (mergesEnd == merges.length) {
        merges = Arrays.copyOf(merges, 2 * mergesEnd);
      }
      switch (cursor.peek()) {
        case '"' -> together();
        case '[' -> apart();
        default -> throw wrongMerge("should be a string or a list of two strings");
      }
      mergesEnd += 4;
    } while (!cursor.endsWith(']'));
  }

  /** A merge as one string: both tokens with a space between. */
  private void together() throws Unexpected {
    cursor.string();
    int space = -1;
    int spaces = 0;
    for (int i = cursor.from(); i < cursor.to(); i++) {
      if (document[i] == ' ') {
        space = i;
        spaces++;
      }
    }
    if (spaces != 1 || space == cursor.from() || space == cursor.to() - 1) {
      String found = JsonCursor.text(document, cursor.from(), cursor.to());
      throw wrongMerge("expected two tokens with one space between, found '" + found + "'");
    }
    place(0, cursor.from(), space);
    place(2, space + 1, cursor.to());
  }

  /** A merge in the newer form, which allows spaces within tokens: ["left", "right"]. */
  private void apart() throws Unexpected {
    cursor.expect('[');
    for (int side = 0; side < 4; side += 2) {
      if (cursor.peek() != '"') {
        throw wrongMerge("should be a string or a list of two strings");
      }
      cursor.string();
      place(side, cursor.from(), cursor.to());
      if (side == 0 && !cursor.skip(',')) {
        throw wrongMerge("should be a string or a list of two strings");
      }
    }
    if (!cursor.skip(']')) {
      throw wrongMerge("should be a string or a list of two strings");
    }
  }

  private void place(int side, int from, int to) {
    merges[mergesEnd + side] = from;
    merges[mergesEnd + side + 1] = to;
  }

  private Merges buildMerges(Vocabulary complete) {
    var builder = new Merges.Builder(complete, mergesEnd / 4);
    for (int i = 0; i < mergesEnd; i += 4) {
      if (builder.add(document, merges[i], merges[i + 1], merges[i + 2], merges[i + 3])) {
        continue;
      }
      String problem;
      try {
        problem =
            builder.add(
                JsonCursor.text(document, merges[i], merges[i + 1]),
                JsonCursor.text(document, merges[i + 2], merges[i + 3]));
      } catch (Unexpected e) {
        throw invalid();
      }
      if (problem != null) {
        throw wrong("model.merges: entry " + i / 4 + ": " + problem);
      }
    }
    return builder.build();
  }

  private CheckpointException wrongMerge(String what) {
    return wrong("model.merges: entry " + mergesEnd / 4 + ": " + what);
  }

  private CheckpointException wrong(String what) {
    return new CheckpointException(Json.oneLine(origin + ": " + what));
  }
}
