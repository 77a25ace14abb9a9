package dev.burhan.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.EngineEvent;
import dev.burhan.engine.EngineEvent.Change;
import dev.burhan.engine.EngineEvent.Failed;
import dev.burhan.engine.EngineEvent.Replanned;
import dev.burhan.engine.EngineEvent.Resumed;
import dev.burhan.engine.Exchange;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.WarmUp;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.kernel.registry.KernelHost;
import dev.burhan.model.ModelArchitecture;
import dev.burhan.model.ModelGraph;
import dev.burhan.model.ModelInfo;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Providers of graphs that are updated while a model answers. */
@Timeout(60)
class ArchitecturesComeAndGoTest {
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz.";
  private static final int LONG = 200;
  private static final int ASKERS = 8;

  /** A library that may be chosen and goes. */
  private record Named(String name) implements HostKernelsProvider {
    @Override
    public HostKernels open(Map<String, String> options) {
      return new OracleProvider().open(options);
    }
  }

  /** What the bundle's next version registers. */
  private static class Updated implements ModelArchitecture {
    private final ModelArchitecture before;
    private final UnaryOperator<ModelGraph> change;

    Updated(ModelArchitecture before, UnaryOperator<ModelGraph> change) {
      this.before = before;
      this.change = change;
    }

    @Override
    public String name() {
      return before.name();
    }

    @Override
    public List<String> architectures() {
      return before.architectures();
    }

    @Override
    public ModelGraph graph(Checkpoint checkpoint) {
      return change.apply(before.graph(checkpoint));
    }
  }

  @TempDir Path folder;
  private final BlockingQueue<EngineEvent> events = new LinkedBlockingQueue<>();
  private final Named library = new Named("library");
  private Path file;
  private KernelHost host;
  private ModelArchitecture first;
  private int versions;

  @BeforeEach
  void makeFile() throws Exception {
    file = Files.createFile(folder.resolve("scripted.model"));
    host = new ScriptedModel(file, LETTERS.split("")).host(library);
    first = host.providers(ModelArchitecture.class).getFirst();
  }

  private LoadedModel load() {
    LoadedModel model =
        host.engine()
            .load(
                new LoadRequest(
                    file.toString(), Optional.empty(), 2, 0, Map.of(), Optional.of(WarmUp.OFF)),
                Progress.NONE);
    host.engine().listen(events::add);
    return model;
  }

  private <E extends EngineEvent> E next(Class<E> type) throws InterruptedException {
    return assertInstanceOf(type, events.poll(30, TimeUnit.SECONDS));
  }

  private void update(UnaryOperator<ModelGraph> change) {
    host.providers(ModelArchitecture.class).stream()
        .filter(one -> one.architectures().equals(first.architectures()))
        .forEach(host::remove);
    host.add(new Updated(first, change));
  }

  /** As a bundle's next version may write it: nearly the same mathematics. */
  private ModelGraph withOtherNorms(ModelGraph model) {
    versions++;
    Graph graph = model.graph();
    List<Node> nodes =
        graph.nodes().stream()
            .map(
                node ->
                    node.op() instanceof Op.RmsNorm norm
                        ? new Node(
                            new Op.RmsNorm(norm.gain(), norm.epsilon() * (1 + versions)),
                            node.in(),
                            node.out(),
                            node.layer())
                        : node)
            .toList();
    return new ModelGraph(
        model.info(), new Graph(graph.inputs(), nodes, graph.caches(), graph.outputs()));
  }

  private static ModelGraph withVocabulary(ModelGraph model, int tokens) {
    ModelInfo info = model.info();
    return new ModelGraph(
        new ModelInfo(
            info.architecture(),
            info.title(),
            info.layers(),
            info.hidden(),
            tokens,
            info.context(),
            info.parameters()),
        model.graph());
  }

  private static Generation ask(LoadedModel model) {
    return model.generate(
        new GenerationRequest(
            List.of(0), LONG, SamplingParameters.greedy(), List.of(), true, Map.of()));
  }

  private static void assertComplete(Generation generation) throws InterruptedException {
    StringBuilder text = new StringBuilder();
    for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
      if (event instanceof GenerationEvent.Text more) {
        text.append(more.text());
      }
    }
    for (int i = 0; i < text.length(); i++) {
      assertEquals(LETTERS.charAt((i + 1) % 27), text.charAt(i));
    }
    assertTrue(text.length() > LONG - 12, "the end token has no text, all others have");
    generation.close();
  }

  /** Updates while answers are asked for all the time, until some that run are moved. */
  private Exchange updateUnderAnswers(LoadedModel model, UnaryOperator<ModelGraph> change)
      throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    try (ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> asking = new ArrayList<>();
      for (int i = 0; i < ASKERS; i++) {
        asking.add(
            askers.submit(
                () -> {
                  while (!enough.get()) {
                    assertComplete(ask(model));
                  }
                  return null;
                }));
      }
      try {
        while (true) {
          update(change);
          Replanned told = next(Replanned.class);
          assertEquals("scripted", told.architecture());
          if (told.exchange().copied() + told.exchange().recomputed() > 0) {
            return told.exchange();
          }
        }
      } finally {
        enough.set(true);
        for (Future<?> each : asking) {
          each.get();
        }
      }
    }
  }

  @Test
  void anAnswerGoesOnWithCopiedKeysWhereTheGraphIsTheSame() throws Exception {
    try (LoadedModel model = load()) {
      Exchange exchange = updateUnderAnswers(model, UnaryOperator.identity());
      assertEquals(List.of("library", "library"), List.of(exchange.from(), exchange.to()));
      assertTrue(exchange.copied() > 0);
      assertEquals(0, exchange.recomputed());
    }
  }

  @Test
  void anAnswerIsComputedAgainWhereTheGraphIsAnother() throws Exception {
    try (LoadedModel model = load()) {
      Graph before = model.plan().graph();
      Exchange exchange = updateUnderAnswers(model, this::withOtherNorms);
      assertEquals(0, exchange.copied());
      assertNotEquals(before, model.plan().graph());
    }
  }

  @Test
  void withoutAProviderTheModelRunsOnAndNoOtherIsLoaded() throws Exception {
    try (LoadedModel model = load()) {
      Generation answer = ask(model);
      host.remove(first);
      String message = assertThrows(BurhanException.class, this::load).getMessage();
      assertTrue(message.contains("no bundle knows the architecture 'scripted'"), message);
      assertComplete(answer);
      Generation another = ask(model);
      model.exchange(Optional.of("oracle"), false);
      assertComplete(another);
    }
  }

  @Test
  void anArchitectureThatComesForOtherModelsChangesNothing() throws Exception {
    try (LoadedModel model = load()) {
      host.add(
          new Updated(first, UnaryOperator.identity()) {
            @Override
            public List<String> architectures() {
              return List.of("another");
            }
          });
      model.exchange(Optional.empty(), false);
      next(EngineEvent.Exchanged.class);
      update(this::withOtherNorms);
      next(Replanned.class);
    }
  }

  @Test
  void aGraphThatCannotBeOrDoesNotFitLeavesTheOldOneRunning() throws Exception {
    try (LoadedModel model = load()) {
      Generation answer = ask(model);
      update(
          _ -> {
            throw new IllegalStateException("a bundle's own trouble, logged by this test");
          });
      assertEquals(Change.REPLAN, next(Failed.class).change());
      update(graph -> withVocabulary(graph, 8));
      assertTrue(next(Failed.class).reason().contains("vocabulary of 8"));
      assertComplete(answer);
      assertEquals(32, model.info().vocabulary());
    }
  }

  @Test
  void aModelThatWaitsForABackendGoesOnWithTheNewGraph() throws Exception {
    try (LoadedModel model = load()) {
      Generation answer = ask(model);
      host.remove(library);
      next(EngineEvent.Suspended.class);
      Graph before = model.plan().graph();
      update(this::withOtherNorms);
      host.add(library);
      next(Resumed.class);
      assertComplete(answer);
      while (before.equals(model.plan().graph())) {
        Thread.onSpinWait(); // where the backend came before the graph was written
      }
    }
  }

  @Test
  void aGraphThatCameWhileAModelWasLoadedIsTakenOverAtOnce() throws Exception {
    host.remove(first);
    ModelArchitecture leaving =
        new Updated(
            first,
            graph -> {
              update(this::withOtherNorms);
              return graph;
            });
    host.add(leaving);
    try (LoadedModel model = load()) {
      assertEquals(2e-6f, epsilon(model));
    }
  }

  private static float epsilon(LoadedModel model) {
    return model.plan().graph().nodes().stream()
        .map(Node::op)
        .filter(Op.RmsNorm.class::isInstance)
        .map(op -> ((Op.RmsNorm) op).epsilon())
        .findFirst()
        .orElseThrow();
  }
}
