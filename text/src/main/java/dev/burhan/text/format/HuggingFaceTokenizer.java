package dev.burhan.text.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.text.bpe.AddedTokens;
import dev.burhan.text.bpe.AddedTokens.AddedToken;
import dev.burhan.text.bpe.BpeTokenizer;
import dev.burhan.text.bpe.Vocabulary;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The tokenizer of a Hugging Face folder: tokenizer.json, and what the files beside it say about
 * special tokens.
 */
final class HuggingFaceTokenizer {
  static final String FILE = "tokenizer.json";
  static final String CONFIG = "tokenizer_config.json";

  private final Checkpoint checkpoint;
  private final String origin;
  private final Section root;
  private final TokenizerJson.Contents contents;
  private final List<AddedToken> added = new ArrayList<>();
  private final List<AddedToken> addedNormalised = new ArrayList<>();
  private final BitSet special = new BitSet();
  private final List<Integer> before = new ArrayList<>();
  private final List<Integer> after = new ArrayList<>();

  private HuggingFaceTokenizer(Checkpoint checkpoint, byte[] document) {
    this.checkpoint = checkpoint;
    origin = checkpoint.path().resolve(FILE).toString();
    contents = TokenizerJson.read(origin, document);
    root = new Section(origin, contents.sections());
  }

  static BpeTokenizer open(Checkpoint checkpoint, byte[] document) {
    return new HuggingFaceTokenizer(checkpoint, document).build();
  }

  private BpeTokenizer build() {
    checkModel();
    checkDecoder();
    var preTokenizer = PreTokenizerJson.read(root);
    List<Normalizer.Form> forms = normalizations();
    Vocabulary vocabulary = addTokens();
    if (root.has("post_processor")) {
      postProcessor(root.section("post_processor"), vocabulary);
    }
    Optional<Section> config = document(CONFIG);
    return new BpeTokenizer(
        new BpeTokenizer.Parts(
            vocabulary,
            contents.merges().apply(vocabulary),
            root.bool("model.ignore_merges", false),
            new AddedTokens(added),
            new AddedTokens(addedNormalised),
            forms,
            preTokenizer,
            special,
            before,
            after,
            config.map(c -> tokenId(c, "bos_token", vocabulary)).orElse(OptionalInt.empty()),
            endOfGeneration(config, vocabulary)));
  }

  private void checkModel() {
    String type = root.string("model.type", "BPE");
    if (!type.equals("BPE")) {
      throw root.unsupported("model.type " + type + " (only BPE is)");
    }
    if (root.bool("model.byte_fallback", false)) {
      throw root.unsupported("model.byte_fallback (a SentencePiece vocabulary)");
    }
    for (String key : List.of("model.dropout", "model.unk_token")) {
      if (root.has(key)) {
        throw root.unsupported(key);
      }
    }
    for (String key : List.of("model.continuing_subword_prefix", "model.end_of_word_suffix")) {
      if (!root.string(key, "").isEmpty()) {
        throw root.unsupported(key + " '" + root.string(key) + "'");
      }
    }
  }

  private void checkDecoder() {
    if (root.has("decoder")) {
      String type = root.section("decoder").string("type");
      if (!type.equals("ByteLevel")) {
        throw root.section("decoder").unsupported("the decoder " + type);
      }
    }
  }

  private List<Normalizer.Form> normalizations() {
    var forms = new ArrayList<Normalizer.Form>();
    if (root.has("normalizer")) {
      collectForms(root.section("normalizer"), forms);
    }
    return forms;
  }

  private static void collectForms(Section normalizer, List<Normalizer.Form> forms) {
    String type = normalizer.string("type");
    switch (type) {
      case "NFC", "NFD", "NFKC", "NFKD" -> forms.add(Normalizer.Form.valueOf(type));
      case "Sequence" ->
          normalizer.sections("normalizers").forEach(next -> collectForms(next, forms));
      default -> throw normalizer.unsupported("the normalizer " + type);
    }
  }

  /**
   * Adds what is not in the model's vocabulary yet; a token that is there already keeps its id
   * there, as in the library.
   */
  private Vocabulary addTokens() {
    List<Section> listed = root.has("added_tokens") ? root.sections("added_tokens") : List.of();
    var names = new java.util.HashMap<Integer, String>();
    for (Section token : listed) {
      int id = Ids.check(token.id("id"), contents.largestId(), token.place() + ".id");
      String content = token.string("content");
      String other = names.putIfAbsent(id, content);
      if (other != null) {
        throw wrong(
            token, ": id " + id + " is given twice, to '" + other + "' and to '" + content + "'");
      }
      if (!contents.vocabulary().has(id)) {
        contents.vocabulary().add(id, content);
      }
    }
    Vocabulary vocabulary = contents.vocabulary().build();
    for (Section token : listed) {
      addToken(token, vocabulary);
    }
    return vocabulary;
  }

  private static CheckpointException wrong(Section section, String what) {
    return new CheckpointException(Json.oneLine(section.place() + what));
  }

  private void addToken(Section token, Vocabulary vocabulary) {
    String content = token.string("content");
    int id = vocabulary.id(content);
    if (id < 0) {
      throw wrong(
          token,
          ": id "
              + token.id("id")
              + " of '"
              + content
              + "' belongs to '"
              + vocabulary.piece(token.id("id"))
              + "' in model.vocab");
    }
    if (token.bool("special", false)) {
      special.set(id);
    }
    if (content.isEmpty()) {
      return;
    }
    boolean normalised = token.bool("normalized", !token.bool("special", false));
    List<Normalizer.Form> forms = normalised ? normalizations() : List.of();
    String recognised = content;
    for (Normalizer.Form form : forms) {
      recognised = Normalizer.normalize(recognised, form);
    }
    (normalised ? addedNormalised : added)
        .add(
            new AddedToken(
                recognised,
                id,
                token.bool("single_word", false),
                token.bool("lstrip", false),
                token.bool("rstrip", false)));
  }

  private void postProcessor(Section processor, Vocabulary vocabulary) {
    String type = processor.string("type");
    switch (type) {
      case "ByteLevel" -> {
        // moves offsets only
      }
      case "Sequence" ->
          processor.sections("processors").forEach(next -> postProcessor(next, vocabulary));
      case "TemplateProcessing" -> template(processor, vocabulary);
      default -> throw processor.unsupported("the post-processor " + type);
    }
  }

  private void template(Section processor, Vocabulary vocabulary) {
    boolean textSeen = false;
    for (Section entry : processor.sections("single")) {
      if (entry.has("Sequence")) {
        textSeen = true;
        continue;
      }
      String name = entry.section("SpecialToken").string("id");
      Section token = processor.section("special_tokens").section(name);
      for (Object id : token.list("ids")) {
        if (!(id instanceof Integer number) || !vocabulary.has(number)) {
          throw wrong(token, ".ids: " + id + " is not an id of the vocabulary");
        }
        (textSeen ? after : before).add(number);
      }
    }
  }

  private Set<Integer> endOfGeneration(Optional<Section> config, Vocabulary vocabulary) {
    var declared = new LinkedHashSet<Integer>();
    config.ifPresent(c -> tokenId(c, "eos_token", vocabulary).ifPresent(declared::add));
    for (String name : List.of("generation_config.json", "config.json")) {
      document(name).ifPresent(section -> collectIds(section, "eos_token_id", declared));
    }
    return EndOfGeneration.of(declared, vocabulary, special);
  }

  private static void collectIds(Section section, String key, Set<Integer> ids) {
    if (section.value(key) instanceof List<?>) {
      for (Object id : section.list(key)) {
        ids.add(new Section(section.place(), Map.of(key, id)).id(key));
      }
    } else if (section.has(key)) {
      ids.add(section.id(key));
    }
  }

  private static OptionalInt tokenId(Section config, String key, Vocabulary vocabulary) {
    Optional<String> name = tokenName(config, key);
    int id = name.map(vocabulary::id).orElse(-1);
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** A special token's text in tokenizer_config.json: a string, or an object with its content. */
  static Optional<String> tokenName(Section config, String key) {
    if (!config.has(key)) {
      return Optional.empty();
    }
    return Optional.of(
        config.value(key) instanceof String name ? name : config.section(key).string("content"));
  }

  private Optional<Section> document(String name) {
    return document(checkpoint, name);
  }

  /** A side file that holds a JSON object. */
  static Optional<Section> document(Checkpoint checkpoint, String name) {
    Optional<byte[]> document = checkpoint.document(name);
    String place = checkpoint.path().resolve(name).toString();
    try {
      return document.isEmpty()
          ? Optional.empty()
          : Optional.of(Section.of(place, Json.read(document.get())));
    } catch (JsonProcessingException e) {
      throw new CheckpointException(place + ": not valid JSON: " + Json.describe(e), e);
    }
  }
}
