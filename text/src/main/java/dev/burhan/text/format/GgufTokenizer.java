package dev.burhan.text.format;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.text.bpe.AddedTokens;
import dev.burhan.text.bpe.AddedTokens.AddedToken;
import dev.burhan.text.bpe.BpeTokenizer;
import dev.burhan.text.bpe.Merges;
import dev.burhan.text.bpe.Vocabulary;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The tokenizer in a GGUF file's metadata. Keys: the ggml project's GGUF specification,
 * "tokenizer".
 */
final class GgufTokenizer {
  static final String MODEL = "tokenizer.ggml.model";
  static final String BYTE_LEVEL_BPE = "gpt2";
  static final String BEGIN = "tokenizer.ggml.bos_token_id";
  static final String END = "tokenizer.ggml.eos_token_id";
  private static final String TOKENS = "tokenizer.ggml.tokens";
  private static final String TYPES = "tokenizer.ggml.token_type";
  private static final String MERGES = "tokenizer.ggml.merges";
  private static final List<String> ENDS =
      List.of(END, "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id");

  // values of token_type
  private static final long UNKNOWN = 2;
  private static final long CONTROL = 3;
  private static final long USER_DEFINED = 4;

  private final Metadata metadata;
  private final Vocabulary vocabulary;
  private final BitSet special = new BitSet();
  private final List<AddedToken> added = new ArrayList<>();

  private GgufTokenizer(Metadata metadata) {
    this.metadata = metadata;
    String model = metadata.string(MODEL);
    if (!model.equals(BYTE_LEVEL_BPE)) {
      throw wrong(MODEL, "'" + model + "' is not supported; only 'gpt2', byte-level BPE, is");
    }
    String[] tokens = metadata.strings(TOKENS);
    var builder = new Vocabulary.Builder(tokens.length);
    for (int id = 0; id < tokens.length; id++) {
      builder.add(id, tokens[id]);
    }
    vocabulary = builder.build();
    if (metadata.has(TYPES)) {
      types(tokens, metadata.integers(TYPES));
    }
  }

  static BpeTokenizer open(Checkpoint checkpoint) {
    return new GgufTokenizer(checkpoint.metadata()).build();
  }

  private void types(String[] tokens, long[] types) {
    if (types.length != tokens.length) {
      throw wrong(TYPES, "has " + types.length + " entries for " + tokens.length + " tokens");
    }
    for (int id = 0; id < tokens.length; id++) {
      boolean control = types[id] == CONTROL || types[id] == UNKNOWN;
      if (control) {
        special.set(id);
      }
      if ((control || types[id] == USER_DEFINED) && !tokens[id].isEmpty()) {
        added.add(new AddedToken(tokens[id], id));
      }
    }
  }

  private BpeTokenizer build() {
    GgufPreTokenizer pre = GgufPreTokenizer.of(metadata);
    OptionalInt begin = id(BEGIN);
    OptionalInt end = id(END);
    return new BpeTokenizer(
        new BpeTokenizer.Parts(
            vocabulary,
            merges(),
            pre.wholeWordsFirst(),
            new AddedTokens(added),
            new AddedTokens(List.of()),
            pre.forms(),
            pre.splitter(),
            special,
            wrap("tokenizer.ggml.add_bos_token", pre.addsBegin(), begin, BEGIN),
            wrap("tokenizer.ggml.add_eos_token", false, end, END),
            begin,
            ends()));
  }

  private Merges merges() {
    String[] merges = metadata.strings(MERGES);
    var builder = new Merges.Builder(vocabulary, merges.length);
    for (int i = 0; i < merges.length; i++) {
      String problem = builder.add(merges[i]);
      if (problem != null) {
        throw wrong(MERGES, "entry " + i + ": " + problem);
      }
    }
    return builder.build();
  }

  private List<Integer> wrap(String flag, boolean otherwise, OptionalInt id, String key) {
    if (!metadata.bool(flag, otherwise)) {
      return List.of();
    }
    if (id.isEmpty()) {
      if (metadata.has(flag)) {
        throw wrong(flag, "is true, but '" + key + "' is missing");
      }
      return List.of();
    }
    return List.of(id.getAsInt());
  }

  private OptionalInt id(String key) {
    if (!metadata.has(key)) {
      return OptionalInt.empty();
    }
    int id = metadata.integer(key, 0, Integer.MAX_VALUE);
    if (!vocabulary.has(id)) {
      throw wrong(key, "is " + id + ", but the vocabulary has " + vocabulary.size() + " tokens");
    }
    return OptionalInt.of(id);
  }

  private Set<Integer> ends() {
    var declared = new LinkedHashSet<Integer>();
    for (String key : ENDS) {
      id(key).ifPresent(declared::add);
    }
    return EndOfGeneration.of(declared, vocabulary, special);
  }

  private CheckpointException wrong(String key, String what) {
    return new CheckpointException(Json.oneLine(metadata.origin() + ": key '" + key + "' " + what));
  }
}
