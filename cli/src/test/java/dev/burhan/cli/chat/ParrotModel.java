package dev.burhan.cli.chat;

import dev.burhan.backend.Limits;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.Plan;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.model.ModelInfo;
import dev.burhan.provider.BurhanException;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.TokenDecoder;
import dev.burhan.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;

/**
 * Thinks "hm" and repeats the last message; characters are its tokens. At the message {@code fail}
 * it fails, at {@code endless} it goes on until it is stopped.
 */
final class ParrotModel implements LoadedModel {
  static final int CONTEXT = 200;

  private final LoadRequest request;
  private final boolean chats;
  final List<String> prompts = new ArrayList<>();
  final List<GenerationRequest> requests = new ArrayList<>();
  boolean closed;

  ParrotModel(LoadRequest request, boolean chats) {
    this.request = request;
    this.chats = chats;
  }

  @Override
  public Generation generate(GenerationRequest generation) {
    String prompt =
        generation.prompt().stream()
            .map(id -> String.valueOf((char) (int) id))
            .collect(Collectors.joining());
    prompts.add(prompt);
    requests.add(generation);
    String last = prompt.substring(prompt.lastIndexOf(':') + 1);
    if (last.equals("fail")) {
      throw new BurhanException("the parrot is asleep");
    }
    var events = new LinkedBlockingQueue<GenerationEvent>();
    events.add(new GenerationEvent.Started(prompt.length()));
    events.add(new GenerationEvent.Text(true, "hm", List.of()));
    events.add(new GenerationEvent.Text(false, "\n\n" + last, List.of()));
    if (!last.equals("endless")) {
      events.add(finished(FinishReason.STOP, prompt.length()));
    }
    return new Said(events, prompt.length());
  }

  private static GenerationEvent finished(FinishReason reason, int prompt) {
    return new GenerationEvent.Finished(
        reason,
        new GenerationEvent.Usage(prompt, 1, 3),
        new GenerationEvent.Timings(0, 1_000_000_000, 2_000_000_000));
  }

  private static final class Said implements Generation {
    private final LinkedBlockingQueue<GenerationEvent> events;
    private final int prompt;
    private boolean over;

    Said(LinkedBlockingQueue<GenerationEvent> events, int prompt) {
      this.events = events;
      this.prompt = prompt;
    }

    @Override
    public GenerationEvent next() throws InterruptedException {
      GenerationEvent event = over ? null : events.take();
      over = over || event instanceof GenerationEvent.Finished;
      return event;
    }

    @Override
    public void cancel() {
      events.add(finished(FinishReason.CANCELLED, prompt));
    }

    @Override
    public void close() {}
  }

  @Override
  public String name() {
    return request.model();
  }

  @Override
  public ModelInfo info() {
    return new ModelInfo("parrot", Optional.empty(), 1, 1, 65_536, CONTEXT, 1);
  }

  @Override
  public Checkpoint checkpoint() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Plan plan() {
    Limits limits = new Limits(1, 1, 1, CONTEXT, 1, 1, 1, Map.of());
    return new Plan(
        null, limits, List.of(), 0, 0, 0, 0, 0, new Numerics("parrot", true), List.of());
  }

  @Override
  public String backend() {
    return request.backend().orElse("perch");
  }

  @Override
  public Tokenizer tokenizer() {
    return new Characters();
  }

  @Override
  public Optional<ChatFormat> chatFormat() {
    return chats ? Optional.of(new Lines()) : Optional.empty();
  }

  @Override
  public SamplingParameters recommended(long seed) {
    return SamplingParameters.reasoning(seed);
  }

  @Override
  public void score(int[] tokens, int promptTokens, LogitSink sink) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    closed = true;
  }

  private static final class Lines implements ChatFormat {
    @Override
    public String template() {
      return "role:content";
    }

    @Override
    public String render(ChatPrompt prompt) {
      return prompt.messages().stream()
          .map(message -> message.get("role") + ":" + message.get("content"))
          .collect(Collectors.joining("\n"));
    }
  }

  private static final class Characters implements Tokenizer {
    @Override
    public int size() {
      return 65_536;
    }

    @Override
    public int[] encode(String text, boolean addSpecial) {
      return text.chars().toArray();
    }

    @Override
    public int[] encodePlain(String text) {
      return text.chars().toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecial) {
      throw new UnsupportedOperationException();
    }

    @Override
    public TokenDecoder decoder(boolean skipSpecial) {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte[] bytes(int id) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String piece(int id) {
      throw new UnsupportedOperationException();
    }

    @Override
    public OptionalInt id(String piece) {
      return OptionalInt.empty();
    }

    @Override
    public boolean isSpecial(int id) {
      return false;
    }

    @Override
    public OptionalInt beginOfText() {
      return OptionalInt.empty();
    }

    @Override
    public Set<Integer> endOfGeneration() {
      return Set.of();
    }
  }
}
