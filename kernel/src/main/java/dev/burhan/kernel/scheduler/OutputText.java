package dev.burhan.kernel.scheduler;

import dev.burhan.engine.GenerationEvent.GeneratedToken;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.kernel.reasoning.ReasoningSplitter;
import dev.burhan.kernel.reasoning.ReasoningSplitter.Beginning;
import dev.burhan.kernel.reasoning.ReasoningSplitter.Piece;
import dev.burhan.kernel.reasoning.StopTexts;
import dev.burhan.text.TokenDecoder;
import dev.burhan.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Turns one sequence's tokens into text events: decodes, separates thought from answer, watches for
 * stop texts.
 */
final class OutputText {
  /** DeepSeek's chat templates end a prompt with it, or with it and an opened thought. */
  private static final String ASSISTANT = "<｜Assistant｜>";

  private final Optional<TokenDecoder> decoder;
  private final OptionalInt open;
  private final OptionalInt close;
  private final ReasoningSplitter splitter;
  private final StopTexts stops;
  private List<GeneratedToken> unreported = new ArrayList<>();
  private int reasoning;
  private int answer;
  private int undecided;

  /**
   * Begins an answer.
   *
   * @param tokenizer empty for a checkpoint without one: then events carry tokens only
   * @param beginning what the prompt says of how it begins
   */
  OutputText(Optional<Tokenizer> tokenizer, Beginning beginning, List<String> stops) {
    this.decoder = tokenizer.map(known -> known.decoder(true));
    this.open =
        tokenizer.map(known -> known.id(ReasoningSplitter.OPEN)).orElse(OptionalInt.empty());
    this.close =
        tokenizer.map(known -> known.id(ReasoningSplitter.CLOSE)).orElse(OptionalInt.empty());
    this.splitter = new ReasoningSplitter(beginning);
    this.stops = new StopTexts(stops);
  }

  /**
   * How the text after a prompt begins, as the prompt's last tokens tell. Where they give the turn
   * to a DeepSeek model that can think without opening its thought for it, it may not do so either.
   */
  static Beginning beginning(Optional<Tokenizer> tokenizer, List<Integer> prompt) {
    if (tokenizer.isEmpty()) {
      return Beginning.TAGGED;
    }
    int[] last =
        prompt.subList(Math.max(0, prompt.size() - 12), prompt.size()).stream()
            .mapToInt(i -> i)
            .toArray();
    String end = tokenizer.get().decode(last, false).stripTrailing();
    if (end.endsWith(ReasoningSplitter.OPEN)) {
      return Beginning.IN_THOUGHT;
    }
    boolean thinks = tokenizer.get().id(ReasoningSplitter.CLOSE).isPresent();
    return thinks && end.endsWith(ASSISTANT) ? Beginning.PERHAPS_UNTAGGED : Beginning.TAGGED;
  }

  /** Tokens so far. */
  int generated() {
    return reasoning + answer + undecided;
  }

  /** Whether the next token may belong to a thought. */
  boolean mayBeThought() {
    return splitter.mayBeThought();
  }

  boolean stopped() {
    return stops.found();
  }

  /** Counts a token that ends the answer and has no text. */
  void countEnd() {
    count(splitter.inThought(), splitter.undecided());
  }

  List<Text> accept(GeneratedToken token) {
    unreported.add(token);
    boolean thoughtBefore = splitter.inThought();
    List<Piece> pieces = splitter.accept(textOf(token.id()));
    boolean thought = thoughtBefore || pieces.stream().anyMatch(Piece::reasoning);
    count(thought || splitter.inThought(), splitter.undecided());
    return events(pieces, decoder.isEmpty());
  }

  private void count(boolean thought, boolean notYetKnown) {
    if (notYetKnown) {
      undecided++;
    } else if (thought) {
      reasoning += 1 + undecided;
      undecided = 0;
    } else {
      answer += 1 + undecided;
      undecided = 0;
    }
  }

  /** Tags are special tokens in some vocabularies, and would be left out of the text. */
  private String textOf(int token) {
    if (decoder.isEmpty()) {
      return "";
    }
    if (open.isPresent() && open.getAsInt() == token) {
      return decoder.get().end() + ReasoningSplitter.OPEN;
    }
    if (close.isPresent() && close.getAsInt() == token) {
      return decoder.get().end() + ReasoningSplitter.CLOSE;
    }
    return decoder.get().next(token);
  }

  List<Text> end() {
    List<Piece> pieces = new ArrayList<>();
    decoder.ifPresent(text -> pieces.addAll(splitter.accept(text.end())));
    pieces.addAll(splitter.end());
    List<Text> events = new ArrayList<>(events(pieces, true));
    String held = stops.end();
    if (!held.isEmpty()) {
      events.add(event(false, held));
    }
    return events;
  }

  private List<Text> events(List<Piece> pieces, boolean always) {
    List<Text> events = new ArrayList<>(pieces.size());
    for (Piece piece : pieces) {
      String text = piece.reasoning() ? piece.text() : stops.accept(piece.text());
      if (!text.isEmpty()) {
        events.add(event(piece.reasoning(), text));
      }
    }
    if (always && events.isEmpty() && !unreported.isEmpty()) {
      events.add(event(splitter.inThought(), ""));
    }
    return events;
  }

  private Text event(boolean thought, String text) {
    Text event = new Text(thought, text, unreported);
    unreported = new ArrayList<>();
    return event;
  }

  Usage usage(int promptTokens) {
    return new Usage(promptTokens, reasoning, answer + undecided);
  }
}
