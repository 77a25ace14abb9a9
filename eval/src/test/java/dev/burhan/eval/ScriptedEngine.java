package dev.burhan.eval;

import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.engine.Engine;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Timings;
import dev.burhan.engine.GenerationEvent.Usage;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.Tokenizer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A host whose models answer as a function says; one character is one token. */
final class ScriptedEngine {

  /** What a model says: a thought, an answer. */
  @FunctionalInterface
  interface Script {
    List<String> answer(String backend, String prompt);
  }

  final List<GenerationRequest> requests = Collections.synchronizedList(new ArrayList<>());
  private final Script script;
  private int open;

  ScriptedEngine(Script script) {
    this.script = script;
  }

  boolean allClosed() {
    return open == 0;
  }

  Host host() {
    Engine engine = (request, progress) -> load(request);
    return interfaceOf(
        Host.class,
        Map.of(
            "engine", _ -> engine,
            "providers",
                arguments ->
                    arguments[0] == HostKernelsProvider.class
                        ? List.of(kernels("plain"), kernels("quick"))
                        : List.of()));
  }

  @FunctionalInterface
  private interface Answer {
    Object to(Object[] arguments) throws Exception;
  }

  /** An implementation of those methods; all others fail. */
  private static <T> T interfaceOf(Class<T> type, Map<String, Answer> methods) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          Answer answer = methods.get(method.getName());
          if (answer != null) {
            return answer.to(arguments);
          }
          return method.isDefault()
              ? InvocationHandler.invokeDefault(proxy, method, arguments)
              : unexpected(method.getName());
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object unexpected(String method) {
    throw new UnsupportedOperationException(method);
  }

  private static Provider kernels(String name) {
    return interfaceOf(HostKernelsProvider.class, Map.of("name", _ -> name));
  }

  private LoadedModel load(LoadRequest request) {
    open++;
    String backend = request.backend().orElse("plain");
    Tokenizer tokenizer =
        interfaceOf(Tokenizer.class, Map.of("encode", a -> ((String) a[0]).chars().toArray()));
    ChatFormat format =
        interfaceOf(
            ChatFormat.class,
            Map.of(
                "render",
                a -> "<user>" + ((ChatPrompt) a[0]).messages().getFirst().get("content")));
    return interfaceOf(
        LoadedModel.class,
        Map.of(
            "name", _ -> request.model(),
            "backend", _ -> backend,
            "tokenizer", _ -> tokenizer,
            "chatFormat", _ -> Optional.of(format),
            "recommended", a -> SamplingParameters.reasoning((long) a[0]),
            "generate", a -> generate(backend, (GenerationRequest) a[0]),
            "close",
                _ -> {
                  open--;
                  return null;
                }));
  }

  private Generation generate(String backend, GenerationRequest request) {
    requests.add(request);
    String prompt =
        request.prompt().stream().map(Character::toString).collect(Collectors.joining());
    List<String> said = script.answer(backend, prompt);
    boolean cut = said.get(0).length() + said.get(1).length() > request.maxTokens();
    ArrayDeque<GenerationEvent> events = new ArrayDeque<>();
    events.add(new GenerationEvent.Started(prompt.length()));
    events.add(new GenerationEvent.Text(true, said.get(0), List.of()));
    events.add(new GenerationEvent.Text(false, said.get(1), List.of()));
    events.add(
        new Finished(
            cut ? FinishReason.LENGTH : FinishReason.STOP,
            new Usage(prompt.length(), said.get(0).length(), said.get(1).length()),
            new Timings(0, 1, 1)));
    return interfaceOf(Generation.class, Map.of("next", _ -> events.poll(), "close", _ -> null));
  }
}
