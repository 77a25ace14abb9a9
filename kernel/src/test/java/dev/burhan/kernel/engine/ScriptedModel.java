package dev.burhan.kernel.engine;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointFormat;
import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.InverseFrequencies;
import dev.burhan.graph.Op;
import dev.burhan.graph.Plane;
import dev.burhan.graph.Source;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.kernel.registry.KernelHost;
import dev.burhan.kernel.registry.ProviderRegistry;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.model.ModelArchitecture;
import dev.burhan.model.ModelGraph;
import dev.burhan.model.ModelInfo;
import dev.burhan.provider.Provider;
import dev.burhan.provider.Settings;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.TextFormat;
import dev.burhan.text.TokenDecoder;
import dev.burhan.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * A real, tiny, one-layer transformer whose greedy answer is known: token i is followed by token i
 * + 1. Its attention is random but so faint that it never changes which token is likeliest, only by
 * how much. It runs on the oracle through the real kernel.
 */
public final class ScriptedModel {
  public static final int CONTEXT = 400;
  private static final int HEADS = 2;

  private final List<String> script;
  private final int size; // vocabulary and width
  private final Path path;
  private boolean beginsTexts;
  private Optional<IntPredicate> wrongGuesses = Optional.empty();
  private final List<MemoryCheckpoint> opened = new ArrayList<>();

  /**
   * A model.
   *
   * @param path an existing file, which is not read
   * @param script the text of each token; the last one ends the answer
   */
  public ScriptedModel(Path path, String... script) {
    this.path = path;
    this.script = List.of(script);
    this.size = Math.ceilDiv(script.length, 8) * 8;
  }

  /** The tokenizer begins each text with token 0, as Llama's does. */
  public ScriptedModel beginningTexts() {
    beginsTexts = true;
    return this;
  }

  /**
   * It has a draft head, which guesses the next token but one from the hidden row at a position and
   * the token after it, and only if the two belong together.
   *
   * @param wrong after which tokens it guesses wrongly
   */
  public ScriptedModel drafting(IntPredicate wrong) {
    wrongGuesses = Optional.of(wrong);
    return this;
  }

  /** A kernel that knows this model, and whatever else the test brings. */
  public KernelHost host(Provider... others) {
    return host(Settings.none(), others);
  }

  /** The same, configured. */
  public KernelHost host(Settings settings, Provider... others) {
    ProviderRegistry registry = new ProviderRegistry();
    registry.add(new Format());
    registry.add(new Architecture());
    registry.add(new Text());
    registry.add(new OracleProvider());
    for (Provider other : others) {
      registry.add(other);
    }
    return new KernelHost(registry, settings);
  }

  public boolean allClosed() {
    return opened.stream().allMatch(MemoryCheckpoint::isClosed);
  }

  /** Whether a tensor's numbers were read from any checkpoint that was opened. */
  public boolean anyRead() {
    return opened.stream().anyMatch(MemoryCheckpoint::wasRead);
  }

  private final class Format implements CheckpointFormat {
    @Override
    public String name() {
      return "memory";
    }

    @Override
    public boolean recognises(Path candidate) {
      return candidate.equals(path);
    }

    @Override
    public Checkpoint open(Path candidate) {
      MemoryCheckpoint checkpoint =
          new MemoryCheckpoint("memory").key("general.architecture", "scripted");
      float[] identity = new float[size * size];
      float[] next = new float[size * size];
      for (int i = 0; i < size; i++) {
        identity[i * size + i] = 1;
        next[(i + 1) % script.size() * size + i] = i < script.size() ? 1 : 0;
      }
      checkpoint.tensor("embed", Shape.of(size, size), identity);
      checkpoint.tensor("head", Shape.of(size, size), next);
      Random random = new Random(11);
      for (String name : new String[] {"q", "k", "v", "o"}) {
        float[] faint = new float[size * size];
        for (int i = 0; i < faint.length; i++) {
          faint[i] = (float) random.nextGaussian() * 0.1f;
        }
        checkpoint.tensor(name, Shape.of(size, size), faint);
      }
      wrongGuesses.ifPresent(wrong -> addDraft(checkpoint, wrong));
      float[] ones = new float[size];
      java.util.Arrays.fill(ones, 1);
      checkpoint.tensor("norm", Shape.of(size), ones);
      opened.add(checkpoint);
      return checkpoint;
    }
  }

  private void addDraft(MemoryCheckpoint checkpoint, IntPredicate wrong) {
    float[] join = new float[size * 2 * size];
    float[] guess = new float[size * size];
    for (int token = 0; token < script.size(); token++) {
      int next = (token + 1) % script.size();
      int afterNext = (token + 2) % script.size();
      join[token * 2 * size + token] = 0.5f;
      join[next * 2 * size + size + token] = 0.5f; // the hidden row's next one
      guess[(wrong.test(token) ? afterNext : next) * size + token] = 1;
    }
    checkpoint.tensor("join", Shape.of(size, 2 * size), join);
    checkpoint.tensor("guess", Shape.of(size, size), guess);
  }

  private static Weight weight(Checkpoint checkpoint, String name, Weight.Use use) {
    return new Weight(
        name, DataType.F32, checkpoint.tensor(name).shape(), new Source.Stored(name), use);
  }

  private final class Architecture implements ModelArchitecture {
    @Override
    public String name() {
      return "scripted";
    }

    @Override
    public List<String> architectures() {
      return List.of("scripted");
    }

    @Override
    public ModelGraph graph(Checkpoint checkpoint) {
      ModelInfo info =
          new ModelInfo("scripted", Optional.empty(), 1, size, size, CONTEXT, 6L * size * size);
      return new ModelGraph(info, main(checkpoint), wrongGuesses.map(_ -> draft(checkpoint)));
    }

    private Graph main(Checkpoint checkpoint) {
      GraphBuilder b = new GraphBuilder();
      Value x = b.embed("embed", weight(checkpoint, "embed", Weight.Use.GATHER));
      b.layer(0);
      return rest(b, x, "head", checkpoint);
    }

    private Graph draft(Checkpoint checkpoint) {
      Weight norm = weight(checkpoint, "norm", Weight.Use.VECTOR);
      GraphBuilder b = new GraphBuilder();
      b.layer(1);
      Value hidden = b.input(Graph.HIDDEN, size);
      Value token = b.embed("token", weight(checkpoint, "embed", Weight.Use.GATHER));
      Value both =
          b.concat(
              "both",
              b.rmsNorm("token.norm", token, norm, 1e-6f),
              b.rmsNorm("hidden.norm", hidden, norm, 1e-6f));
      Weight join = weight(checkpoint, "join", Weight.Use.MATRIX);
      return rest(b, b.linear("joined", both, join, Optional.empty()), "guess", checkpoint);
    }

    /** Attention and head. */
    private Graph rest(GraphBuilder b, Value x, String head, Checkpoint checkpoint) {
      int headDim = size / HEADS;
      Weight norm = weight(checkpoint, "norm", Weight.Use.VECTOR);
      float[] frequencies = new float[headDim / 2];
      for (int j = 0; j < frequencies.length; j++) {
        frequencies[j] = (float) Math.pow(100, -2.0 * j / headDim);
      }
      Op.Rope rope = new Op.Rope(HEADS, headDim, 0, false, new InverseFrequencies(frequencies), 1);
      Value h = b.rmsNorm("norm", x, norm, 1e-6f);
      Value q = b.linear("q", h, weight(checkpoint, "q", Weight.Use.MATRIX), Optional.empty());
      Value k = b.linear("k", h, weight(checkpoint, "k", Weight.Use.MATRIX), Optional.empty());
      Value v = b.linear("v", h, weight(checkpoint, "v", Weight.Use.MATRIX), Optional.empty());
      Value qr = b.rope("qr", q, rope);
      Value kr = b.rope("kr", k, rope);
      Plane key = new Plane("key", size, List.of(DataType.F32, DataType.F16));
      Plane value = new Plane("value", size, List.of(DataType.F32, DataType.F16));
      Op.Attention attention =
          new Op.Attention(
              b.cache(0, key, value), HEADS, HEADS, headDim, (float) (1 / Math.sqrt(headDim)));
      Value a = b.attention("attention", qr, kr, v, attention);
      Value o = b.linear("o", a, weight(checkpoint, "o", Weight.Use.MATRIX), Optional.empty());
      Value sum = b.add("sum", x, o);
      b.output(Graph.HIDDEN, sum);
      b.layer(1);
      b.logits(
          "logits",
          b.rmsNorm("final", sum, norm, 1e-6f),
          weight(checkpoint, head, Weight.Use.MATRIX));
      return b.build();
    }
  }

  private final class Text implements TextFormat {
    @Override
    public String name() {
      return "scripted";
    }

    @Override
    public boolean supports(Checkpoint checkpoint) {
      return checkpoint instanceof MemoryCheckpoint;
    }

    @Override
    public Tokenizer tokenizer(Checkpoint checkpoint) {
      return new ScriptTokenizer();
    }

    @Override
    public Optional<ChatFormat> chatFormat(Checkpoint checkpoint) {
      return Optional.empty();
    }
  }

  private final class ScriptTokenizer implements Tokenizer {
    @Override
    public int size() {
      return size;
    }

    @Override
    public int[] encode(String text, boolean addSpecial) {
      IntStream.Builder ids = IntStream.builder();
      if (addSpecial && beginsTexts) {
        ids.add(0);
      }
      if (script.contains(text)) {
        ids.add(script.indexOf(text));
      } else {
        text.chars().map(c -> script.indexOf(Character.toString(c))).forEach(ids::add);
      }
      return ids.build().toArray();
    }

    @Override
    public int[] encodePlain(String text) {
      return encode(text, false);
    }

    @Override
    public String decode(int[] ids, boolean skipSpecial) {
      StringBuilder text = new StringBuilder();
      for (int id : ids) {
        text.append(piece(id));
      }
      return text.toString();
    }

    @Override
    public TokenDecoder decoder(boolean skipSpecial) {
      return new TokenDecoder() {
        @Override
        public String next(int id) {
          return piece(id);
        }

        @Override
        public String end() {
          return "";
        }
      };
    }

    @Override
    public byte[] bytes(int id) {
      return piece(id).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String piece(int id) {
      return id < script.size() ? script.get(id) : "";
    }

    @Override
    public OptionalInt id(String piece) {
      int id = script.indexOf(piece);
      return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public boolean isSpecial(int id) {
      return false;
    }

    @Override
    public OptionalInt beginOfText() {
      return beginsTexts ? OptionalInt.of(0) : OptionalInt.empty();
    }

    @Override
    public Set<Integer> endOfGeneration() {
      return Set.of(script.size() - 1);
    }
  }
}
