package dev.burhan.text.format;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.text.pretokenizer.PreTokenizer;
import dev.burhan.text.pretokenizer.Splitter;
import java.util.ArrayList;
import java.util.List;

/** The {@code pre_tokenizer} section of tokenizer.json. */
final class PreTokenizerJson {
  private final List<Splitter> steps = new ArrayList<>();
  private boolean byteLevel;

  private PreTokenizerJson() {}

  static PreTokenizer read(Section root) {
    var reader = new PreTokenizerJson();
    if (root.has("pre_tokenizer")) {
      reader.add(root.section("pre_tokenizer"));
    }
    if (!reader.byteLevel) {
      throw root.unsupported(
          "a pre_tokenizer without a ByteLevel step (the vocabulary is not byte-level)");
    }
    return new PreTokenizer(reader.steps);
  }

  private void add(Section step) {
    String type = step.string("type");
    if (byteLevel) {
      throw step.unsupported("a step after ByteLevel, " + type + ",");
    }
    switch (type) {
      case "Sequence" -> step.sections("pretokenizers").forEach(this::add);
      case "Split" -> split(step);
      case "Digits" -> steps.add(PreTokenizer.digits(step.bool("individual_digits", false)));
      case "ByteLevel" -> byteLevel(step);
      default -> throw step.unsupported("the pre-tokenizer " + type);
    }
  }

  private void split(Section step) {
    Section pattern = step.section("pattern");
    String behaviour = step.string("behavior");
    boolean invert = step.bool("invert", false);
    try {
      steps.add(
          pattern.has("Regex")
              ? PreTokenizer.pattern(pattern.string("Regex"), behaviour, invert)
              : PreTokenizer.literal(pattern.string("String"), behaviour, invert));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(Json.oneLine(step.place() + ": " + e.getMessage()), e);
    }
  }

  private void byteLevel(Section step) {
    byteLevel = true;
    if (step.bool("add_prefix_space", true)) {
      steps.add(PreTokenizer.spaceBefore());
    }
    if (step.bool("use_regex", true)) {
      steps.add(PreTokenizer.gptTwo());
    }
  }
}
