package dev.burhan.eval;

import dev.burhan.command.Arguments;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.ReasoningOptions;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import dev.burhan.reasoning.FinalAnswer;
import dev.burhan.text.ChatPrompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How problems are asked: as a user would, several at once.
 *
 * @param temperature what somebody said; empty: greedy, or the model's recommendation where several
 *     answers are voted on
 * @param atOnce most problems that are worked on at a time
 */
record Exam(
    Task task,
    List<Problem> problems,
    Reasoning reasoning,
    OptionalDouble temperature,
    int maxTokens,
    long seed,
    int atOnce) {

  /** Outcomes in the problems' order, and how long all of them took. */
  record Result(List<Outcome> outcomes, double seconds) {
    double tokensPerSecond() {
      return outcomes.stream().mapToLong(Outcome::tokens).sum() / seconds;
    }
  }

  static Exam of(Task task, Arguments arguments) {
    int limit =
        arguments.integer("limit", 1, ExamOptions.MOST_PROBLEMS).orElse(ExamOptions.PROBLEMS);
    long seed = ExamOptions.seed(arguments);
    return new Exam(
        task,
        task.problems(new Task.Wish(limit, seed, arguments.text("digits"))),
        ReasoningOptions.reasoning(arguments),
        arguments.number("temperature", 0, 100),
        arguments.integer("max-tokens", 1, Integer.MAX_VALUE).orElse(ExamOptions.MAX_TOKENS),
        seed,
        arguments.integer(LoadRequest.SEQUENCES, 1, 1024).orElse(LoadRequest.DEFAULT_SEQUENCES));
  }

  /** The first few of the problems alone. */
  Exam first(int count) {
    return new Exam(
        task,
        problems.subList(0, Math.min(count, problems.size())),
        reasoning,
        temperature,
        maxTokens,
        seed,
        atOnce);
  }

  /** Asks all of them; interrupted, it cancels what runs. */
  Result sit(LoadedModel model, String what, Progress progress) throws InterruptedException {
    Semaphore places = new Semaphore(atOnce);
    AtomicInteger done = new AtomicInteger();
    List<Future<Outcome>> coming = new ArrayList<>();
    long began = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        for (int i = 0; i < problems.size(); i++) {
          places.acquire();
          Problem problem = problems.get(i);
          GenerationRequest request = request(model, problem, i);
          coming.add(
              threads.submit(
                  () -> {
                    try {
                      Outcome outcome = ask(model, problem, request);
                      progress.update(what, done.incrementAndGet(), problems.size());
                      return outcome;
                    } finally {
                      places.release();
                    }
                  }));
          failEarly(coming);
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (Future<Outcome> outcome : coming) {
          outcomes.add(get(outcome));
        }
        return new Result(outcomes, (System.nanoTime() - began) / 1e9);
      } finally {
        threads.shutdownNow();
      }
    }
  }

  /** What fails for one problem, such as votes without a temperature, fails for all. */
  private static void failEarly(List<Future<Outcome>> coming) throws InterruptedException {
    for (Future<Outcome> outcome : coming) {
      if (outcome.state() == Future.State.FAILED) {
        get(outcome);
      }
    }
  }

  private static Outcome get(Future<Outcome> outcome) throws InterruptedException {
    try {
      return outcome.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new BurhanException("a problem could not be asked: " + e.getCause(), e.getCause());
    }
  }

  private GenerationRequest request(LoadedModel model, Problem problem, int number) {
    ChatPrompt conversation = ChatPrompt.user(problem.question());
    int[] prompt =
        model
            .chatFormat()
            .map(format -> model.tokenizer().encode(format.render(conversation), false))
            .orElseGet(() -> model.tokenizer().encode(problem.question(), true));
    GenerationRequest request =
        GenerationRequest.of(prompt, maxTokens, sampling(model, number)).withReasoning(reasoning);
    return model.chatFormat().isPresent() ? request.withConversation(conversation) : request;
  }

  /** Each problem has seeds of its own, as many as there can be votes. */
  private SamplingParameters sampling(LoadedModel model, int number) {
    if (reasoning.votes() == 1 && temperature.orElse(0) == 0) {
      return SamplingParameters.greedy();
    }
    SamplingParameters recommended =
        model.recommended(seed + (long) number * 2 * Reasoning.MOST_VOTES);
    return temperature.isPresent()
        ? recommended.withTemperature(temperature.getAsDouble())
        : recommended;
  }

  private Outcome ask(LoadedModel model, Problem problem, GenerationRequest request)
      throws InterruptedException {
    StringBuilder thought = new StringBuilder();
    StringBuilder text = new StringBuilder();
    int tokens = 0;
    boolean finished = false;
    try (Generation generation = model.generate(request)) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        switch (event) {
          case GenerationEvent.Text more -> (more.reasoning() ? thought : text).append(more.text());
          case GenerationEvent.Finished end -> {
            tokens = end.usage().generated();
            finished = end.reason() == FinishReason.STOP;
          }
          case GenerationEvent.Started _, GenerationEvent.Weighing _ -> {}
        }
      }
    }
    Optional<FinalAnswer> answer = finished ? task.answer(text.toString()) : Optional.empty();
    return new Outcome(
        problem,
        thought.toString(),
        text.toString(),
        answer,
        task.isRight(problem, answer),
        tokens,
        finished,
        task.selfCheck(problem, thought.toString()));
  }
}
