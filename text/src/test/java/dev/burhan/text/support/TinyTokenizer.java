package dev.burhan.text.support;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.text.Tokenizer;
import dev.burhan.text.format.CheckpointText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A tokenizer.json of all 256 bytes, a few merges and a few added tokens, and variations of it. */
public final class TinyTokenizer {
  public static final int HELLO = 261;
  public static final int END = 300;
  public static final int THINK = 301;
  public static final int WORD = 302;
  public static final int GREEDY = 303;

  private TinyTokenizer() {}

  public static String json() {
    return """
        {"version": "1.0", "truncation": null,
         "added_tokens": [
           {"id": 300, "content": "<end>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
           {"id": 301, "content": "<end>ing", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": false},
           {"id": 302, "content": "cat", "single_word": true, "lstrip": false, "rstrip": false, "normalized": false, "special": false},
           {"id": 303, "content": "<mask>", "single_word": false, "lstrip": true, "rstrip": true, "normalized": false, "special": true}],
         "normalizer": {"type": "NFC"},
         "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
           {"type": "Digits", "individual_digits": true},
           {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]},
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "<end>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<end>", "type_id": 0}}],
           "pair": [], "special_tokens": {"<end>": {"id": "<end>", "ids": [300], "tokens": ["<end>"]}}},
         "decoder": {"type": "ByteLevel"},
         "model": {"type": "BPE", "dropout": null, "unk_token": null, "ignore_merges": false,
           "vocab": {%s, "he": 256, "ll": 257, "hell": 258, "o\u0120": 259, "\u0120w": 260, "hello": 261, "lo": 262},
           "merges": ["h e", ["l", "l"], "he ll", ["hell", "o"], "l o", "\u0120 w"]}}
        """
        .formatted(bytes());
  }

  /** The 256 entries of a byte-level alphabet, id = byte. */
  private static String bytes() {
    var entries = new StringBuilder();
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
      int c = printable ? b : next++;
      entries.append(b == 0 ? "" : ",").append(String.format("\"\\u%04x\": %d", c, b));
    }
    return entries.toString();
  }

  public static Tokenizer open(Path folder, String json) {
    write(folder, "tokenizer.json", json);
    try (Checkpoint checkpoint = TestFiles.open(folder)) {
      return new CheckpointText().tokenizer(checkpoint);
    }
  }

  public static void write(Path folder, String name, String text) {
    try {
      Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
