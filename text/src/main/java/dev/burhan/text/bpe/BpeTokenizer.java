package dev.burhan.text.bpe;

import dev.burhan.provider.UsageException;
import dev.burhan.text.TokenDecoder;
import dev.burhan.text.Tokenizer;
import dev.burhan.text.pretokenizer.PreTokenizer;
import dev.burhan.text.pretokenizer.Splitter;
import java.text.Normalizer;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Byte-level byte pair encoding: added tokens first, then normalisation, pre-tokenization into
 * words, and merges of bytes within each word. Behaves as the tokenizers library does with the same
 * parts.
 */
public final class BpeTokenizer implements Tokenizer {

  /**
   * The parts of a tokenizer.
   *
   * @param vocabulary all tokens, added ones included
   * @param merges pairs and their order
   * @param wholeWordsFirst a word that is a token is taken as it is ({@code ignore_merges})
   * @param added tokens recognised in the text as it stands
   * @param addedAfterNormalising tokens recognised in the normalised text
   * @param forms normalisations, in order
   * @param preTokenizer cuts into words
   * @param special ids that control the model rather than being text
   * @param before ids put before a text on request
   * @param after ids put after it on request
   * @param beginOfText id of the begin-of-text token, if there is one
   * @param endOfGeneration ids that end an answer
   */
  public record Parts(
      Vocabulary vocabulary,
      Merges merges,
      boolean wholeWordsFirst,
      AddedTokens added,
      AddedTokens addedAfterNormalising,
      List<Normalizer.Form> forms,
      PreTokenizer preTokenizer,
      BitSet special,
      List<Integer> before,
      List<Integer> after,
      OptionalInt beginOfText,
      Set<Integer> endOfGeneration) {

    public Parts {
      forms = List.copyOf(forms);
      before = List.copyOf(before);
      after = List.copyOf(after);
      endOfGeneration = Set.copyOf(endOfGeneration);
    }
  }

  private final Parts parts;
  private final Vocabulary vocabulary;
  private final int[] byteIds = new int[256];
  private final WordCache cache = new WordCache();

  public BpeTokenizer(Parts parts) {
    this.parts = parts;
    vocabulary = parts.vocabulary;
    byte[] one = new byte[1];
    for (int b = 0; b < 256; b++) {
      one[0] = (byte) b;
      byteIds[b] = vocabulary.idOfBytes(one, 0, 1);
    }
  }

  @Override
  public int size() {
    return vocabulary.size();
  }

  @Override
  public int[] encode(String text, boolean addSpecial) {
    var out = new Ids();
    if (addSpecial) {
      parts.before.forEach(out::add);
    }
    Splitter.Parts words = words(out);
    if (parts.added.isEmpty()) {
      encodeNormalised(text, 0, text.length(), words, out);
    } else {
      parts.added.split(
          text,
          0,
          text.length(),
          new AddedTokens.Parts() {
            @Override
            public void text(String part, int from, int to) {
              encodeNormalised(part, from, to, words, out);
            }

            @Override
            public void token(int id) {
              out.add(id);
            }
          });
    }
    if (addSpecial) {
      parts.after.forEach(out::add);
    }
    return out.toArray();
  }

  private void encodeNormalised(String text, int from, int to, Splitter.Parts words, Ids out) {
    String part = normalise(text, from, to);
    int begin = part == text ? from : 0; // the same text where nothing had to be changed
    int end = part == text ? to : part.length();
    if (parts.addedAfterNormalising.isEmpty()) {
      hand(part, begin, end, words);
      return;
    }
    parts.addedAfterNormalising.split(
        part,
        begin,
        end,
        new AddedTokens.Parts() {
          @Override
          public void text(String between, int first, int last) {
            hand(between, first, last, words);
          }

          @Override
          public void token(int id) {
            out.add(id);
          }
        });
  }

  @Override
  public int[] encodePlain(String text) {
    var out = new Ids();
    String normalised = normalise(text, 0, text.length());
    hand(normalised, 0, normalised.length(), words(out));
    return out.toArray();
  }

  private Splitter.Parts words(Ids out) {
    var encoder = new WordEncoder(vocabulary, parts.merges, byteIds, parts.wholeWordsFirst, cache);
    return parts.preTokenizer.into((text, from, to) -> encoder.encode(text, from, to, out));
  }

  private static void hand(String text, int from, int to, Splitter.Parts words) {
    if (to > from) {
      words.part(text, from, to);
    }
  }

  /** The very same string if nothing changes, else the part alone, normalised. */
  private String normalise(String text, int from, int to) {
    if (parts.forms.isEmpty() || isAscii(text, from, to)) {
      return text;
    }
    String part = text.substring(from, to);
    for (Normalizer.Form form : parts.forms) {
      part = Normalizer.normalize(part, form);
    }
    return part;
  }

  /** ASCII is the same in every normal form, and prompts are mostly ASCII. */
  private static boolean isAscii(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    var decoder = new StreamDecoder(skipSpecial);
    for (int id : ids) {
      decoder.accept(id);
    }
    return decoder.end();
  }

  @Override
  public TokenDecoder decoder(boolean skipSpecial) {
    return new StreamDecoder(skipSpecial);
  }

  private final class StreamDecoder implements TokenDecoder {
    private final Utf8Decoder utf8 = new Utf8Decoder();
    private final boolean skipSpecial;

    StreamDecoder(boolean skipSpecial) {
      this.skipSpecial = skipSpecial;
    }

    private void accept(int id) {
      check(id);
      if (skipSpecial && parts.special.get(id)) {
        return;
      }
      int count = vocabulary.byteCount(id);
      for (int i = 0; i < count; i++) {
        utf8.accept(vocabulary.byteAt(id, i));
      }
    }

    @Override
    public String next(int id) {
      accept(id);
      return utf8.take();
    }

    @Override
    public String end() {
      return utf8.end();
    }
  }

  private void check(int id) {
    if (id < 0 || id >= vocabulary.size()) {
      throw new UsageException(
          "Token id "
              + id
              + " is out of range: this tokenizer has ids 0 to "
              + (vocabulary.size() - 1));
    }
  }

  @Override
  public byte[] bytes(int id) {
    check(id);
    return vocabulary.bytes(id);
  }

  @Override
  public String piece(int id) {
    check(id);
    return vocabulary.piece(id);
  }

  @Override
  public OptionalInt id(String piece) {
    int id = vocabulary.id(piece);
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public boolean isSpecial(int id) {
    check(id);
    return parts.special.get(id);
  }

  @Override
  public OptionalInt beginOfText() {
    return parts.beginOfText;
  }

  @Override
  public Set<Integer> endOfGeneration() {
    return parts.endOfGeneration;
  }
}
