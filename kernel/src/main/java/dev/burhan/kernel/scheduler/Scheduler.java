package dev.burhan.kernel.scheduler;

import dev.burhan.backend.Limits;
import dev.burhan.backend.Stop;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.NoBackendException;
import dev.burhan.provider.BurhanException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses what each step of a model computes: requests join and leave at every step (continuous
 * batching, Yu et al. 2022), their caches are paged (Kwon et al. 2023). Generated tokens come
 * first, one of each request or several if some are guessed; what room is left goes to prompts, in
 * chunks.
 *
 * <p>Requests have one order: by the time at which they came, as if one of a higher priority had
 * come {@link #AGING} earlier for each. Where pages run out, the last in this order gives its own
 * back and is computed again later; so the first always gets on, and everybody becomes the first.
 *
 * <p>Not thread-safe: the model's thread owns it. Has no clock of its own.
 */
final class Scheduler {
  private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);

  /** How much earlier a request seems to have come for each step of priority, in nanoseconds. */
  static final long AGING = TimeUnit.SECONDS.toNanos(30);

  /** Most tokens of prompts in a step that generates too: how long a stream may stall. */
  static final int CHUNK_BESIDE = 64;

  private static final long NEVER = Long.MIN_VALUE;

  private static final String FORSAKEN =
      "no backend is left that could run the model; start one, or ask for another with burhan:backend";

  private static final Comparator<Request> ORDER =
      Comparator.<Request>comparingLong(r -> r.arrived() - r.service().priority() * AGING)
          .thenComparingLong(Request::number);

  private StepRunner steps;
  private Limits limits;
  private PagePool pages;
  private Sharing sharing;
  private final LongSupplier clock;
  private final long patience;
  private long suspended = NEVER;
  private final Report report;
  private final TreeSet<Request> waiting = new TreeSet<>(ORDER);
  private final TreeSet<Request> running = new TreeSet<>(ORDER);
  private StepPlan plan; // the step that is put together
  private final List<Request> prompts = new ArrayList<>();
  private long submitted;
  private int tokens; // drawn from it

  /**
   * Makes a scheduler without requests.
   *
   * @param report told of what it does
   * @param patience nanoseconds that a request waits for a backend where there is none
   * @param clock nanoseconds since any time
   */
  Scheduler(StepRunner steps, Sharing sharing, Report report, long patience, LongSupplier clock) {
    this.patience = patience;
    this.steps = steps;
    this.limits = steps.limits();
    this.pages = steps.pages();
    this.plan = new StepPlan(steps);
    this.sharing = sharing;
    this.clock = clock;
    this.report = report;
  }

  /** Takes a request; it fails at once if its pages can never be enough. */
  void submit(Request request) {
    request.arrivedAt(clock.getAsLong(), submitted++);
    request.begin(pages, limits.tokensPerPage(), sharing.keys(request.service().tenant()));
    if (request.sequence().missingPages(request.sequence().length()) > pages.count()) {
      fail(request, full(request));
      return;
    }
    waiting.add(request);
    told();
  }

  boolean idle() {
    return waiting.isEmpty() && running.isEmpty();
  }

  /** The time at which the next request's time is up; {@link Long#MAX_VALUE} if none has one. */
  long nextDeadline() {
    long next = Long.MAX_VALUE;
    for (TreeSet<Request> requests : List.of(waiting, running)) {
      for (Request request : requests) {
        next = Math.min(next, request.deadline());
        if (suspended != NEVER) {
          next = Math.min(next, Math.max(suspended, request.arrived()) + patience);
        }
      }
    }
    return next;
  }

  /**
   * Runs one step.
   *
   * @param stop asks to give up the step; nothing that it computed counts then
   * @return false if there was nothing to compute
   */
  boolean step(Stop stop) {
    long began = clock.getAsLong();
    endOverdue(began);
    endForsaken(began);
    if (suspended != NEVER) {
      told();
      return false;
    }
    assemble();
    if (plan.placed().isEmpty()) {
      told();
      return false;
    }
    long kernels = steps.nanos();
    tokens = 0;
    int sequences = plan.placed().size();
    int promptColumns = plan.promptColumns();
    try {
      if (steps.run(() -> stop.requested() || plan.nobodyCares())) {
        if (promptColumns == 0) {
          steps.costs().ifPresent(known -> known.record(steps.columns(), steps.nanos() - kernels));
        }
        settle();
      }
    } catch (RuntimeException | Error e) {
      failPlaced(e);
    }
    told();
    report.stepped(
        began,
        clock.getAsLong() - began,
        steps.nanos() - kernels,
        sequences,
        promptColumns,
        steps.columns() - promptColumns,
        tokens);
    return true;
  }

  private void endOverdue(long now) {
    for (TreeSet<Request> requests : List.of(waiting, running)) {
      List<Request> over = new ArrayList<>();
      for (Request request : requests) {
        if (request.cancelled() || request.deadline() <= now) {
          over.add(request);
        }
      }
      over.forEach(
          request ->
              end(request, request.cancelled() ? FinishReason.CANCELLED : FinishReason.TIMEOUT));
    }
  }

  /** Puts a step together; if nobody has pages to go on, the last one makes room for the others. */
  private void assemble() {
    while (true) {
      plan.clear();
      prompts.clear();
      placeGenerating();
      int budget = limits.columns() - steps.columns();
      budget = plan.placed().isEmpty() ? budget : Math.min(budget, CHUNK_BESIDE);
      if (budget > 0) {
        admit();
        prompts.sort(ORDER);
        plan.placePrompts(prompts, budget);
      }
      if (!plan.placed().isEmpty() || !plan.starved()) {
        return;
      }
      if (running.size() == 1) {
        fail(running.first(), full(running.first()));
      } else {
        preempt(running.last());
      }
    }
  }

  private BurhanException full(Request request) {
    return new BurhanException(
        "the KV cache of %d pages of %d tokens is full at %d tokens; load the model with more kv-memory"
            .formatted(pages.count(), limits.tokensPerPage(), request.sequence().length()));
  }

  /** Those whose last token alone is not computed; the others are listed as prompts. */
  private void placeGenerating() {
    Request next = running.isEmpty() ? null : running.first();
    while (next != null) {
      if (next.ready()) {
        if (next.remaining() > 1) {
          prompts.add(next);
        } else if (steps.columns() < limits.columns() && steps.logitRows() < limits.logitRows()) {
          generate(next);
        }
      }
      next = running.higher(next); // those behind may have been preempted meanwhile
    }
  }

  private void generate(Request request) {
    int room = Math.min(limits.columns() - steps.columns(), limits.logitRows() - steps.logitRows());
    int others = running.size() - 1;
    int guesses =
        request.guess(Math.max(0, room - 1 - others), others, others == 0 && waiting.isEmpty());
    int count = 1 + guesses;
    if (!makeRoom(request, request.sequence().computed() + count)) {
      request.sequence().truncate(request.sequence().length() - guesses);
      request.withdrawn();
      if (running.size() == 1) {
        fail(request, full(request));
      } else {
        preempt(request);
      }
      return;
    }
    plan.place(request, count);
  }

  /** Preempts those behind a request until it has pages for so many tokens. */
  private boolean makeRoom(Request request, int end) {
    while (!request.sequence().reserve(end)) {
      Request last = running.last();
      if (last == request) {
        return false;
      }
      preempt(last); // it is not placed: those behind come later
    }
    return true;
  }

  private void preempt(Request request) {
    running.remove(request);
    prompts.remove(request);
    request.preempted();
    waiting.add(request);
  }

  /**
   * Lets those who wait begin, in order, as long as there are pages for all that is known of them
   * and of those before, and one more for each that will generate.
   */
  private void admit() {
    if (waiting.isEmpty()) {
      return;
    }
    int promised = running.size();
    for (Request prompt : prompts) {
      promised += prompt.sequence().missingPages(prompt.sequence().length());
    }
    Request next = waiting.first();
    while (next != null && running.size() < limits.sequences()) {
      Request after = waiting.higher(next);
      if (!aboutToBeShared(next)) {
        Sequence sequence = next.sequence();
        if (sequence.neededPages() + promised > pages.available() && !running.isEmpty()) {
          return;
        }
        waiting.remove(next);
        running.add(next);
        sequence.attach(steps::copyPage);
        next.admitted(steps);
        prompts.add(next);
        promised += 1 + sequence.missingPages(sequence.length());
      }
      next = after;
    }
  }

  private boolean aboutToBeShared(Request request) {
    for (Request other : running) {
      if (request.sequence().waitsFor(other.sequence())) {
        return true;
      }
    }
    return false;
  }

  /** Hands out what the step computed. */
  private void settle() {
    for (StepPlan.Part part : plan.placed()) {
      Sequence sequence = part.request().sequence();
      sequence.computedTo(sequence.computed() + part.count());
    }
    for (StepPlan.Part part : plan.placed()) {
      Request request = part.request();
      try {
        int before = request.generated();
        Optional<FinishReason> over =
            request.computed(steps, part.count(), part.column(), part.row());
        tokens += request.generated() - before;
        request.sequence().publish(request.finalLength());
        over.ifPresent(reason -> end(request, reason));
      } catch (RuntimeException e) { // of this request alone
        LOG.error("a request failed", e);
        fail(request, wrapped(e));
      }
    }
  }

  private void failPlaced(Throwable e) {
    if (!(e instanceof BurhanException)) {
      LOG.error("a step failed", e);
    }
    plan.placed().forEach(part -> fail(part.request(), wrapped(e)));
  }

  private static BurhanException wrapped(Throwable e) {
    return e instanceof BurhanException known
        ? known
        : new BurhanException("the model failed: " + e, e);
  }

  private void end(Request request, FinishReason reason) {
    leave(request);
    request.ended(reason);
    report.ended(request, Optional.of(reason), Optional.empty());
  }

  private void fail(Request request, RuntimeException cause) {
    leave(request);
    request.fail(cause);
    report.ended(request, Optional.empty(), Optional.of(String.valueOf(cause.getMessage())));
  }

  private void leave(Request request) {
    waiting.remove(request);
    running.remove(request);
    request.release();
    told();
  }

  /**
   * Goes on with another program. What runs is taken along, or computed again from its tokens.
   *
   * @param copier copies a page of the old program's cache to one of the new; empty if all is to be
   *     computed again
   */
  Moved exchange(StepRunner next, Sharing shared, Optional<Sequence.PageCopier> copier) {
    int copied = 0;
    List<Request> all = List.copyOf(running);
    for (Request request : List.copyOf(waiting)) {
      move(request, next, shared, Optional.empty());
      request.moved(next); // it may have run before
    }
    for (Request request : all) {
      boolean fits = copied < next.limits().sequences();
      if (move(request, next, shared, fits ? copier : Optional.empty())) {
        copied++;
      } else {
        running.remove(request);
        waiting.add(request);
      }
      request.moved(next);
    }
    steps = next;
    limits = next.limits();
    pages = next.pages();
    plan = new StepPlan(next);
    sharing = shared;
    suspended = NEVER;
    told();
    return new Moved(copied, all.size() - copied);
  }

  /** How many running requests were taken along, and how many will be computed again. */
  record Moved(int copied, int recomputed) {}

  private static boolean move(
      Request request, StepRunner to, Sharing shared, Optional<Sequence.PageCopier> copier) {
    return request.sequence().move(to.pages(), shared.keys(request.service().tenant()), copier);
  }

  /** Runs no step until {@link #exchange}: the program goes away. */
  void suspend() {
    for (Request request : List.copyOf(running)) {
      running.remove(request);
      request.sequence().release();
      waiting.add(request);
    }
    suspended = clock.getAsLong();
    told();
  }

  private void endForsaken(long now) {
    if (suspended != NEVER && now - suspended >= patience) {
      for (Request request : List.copyOf(waiting)) {
        if (now - Math.max(suspended, request.arrived()) >= patience) {
          fail(request, new NoBackendException(FORSAKEN));
        }
      }
    }
  }

  /** Fails all that runs or waits. */
  void failAll(BurhanException cause) {
    for (TreeSet<Request> requests : List.of(running, waiting)) {
      List.copyOf(requests).forEach(request -> fail(request, cause));
    }
  }

  /** Ends what runs, and fails what waits. */
  void close() {
    List.copyOf(running).forEach(request -> end(request, FinishReason.CANCELLED));
    List.copyOf(waiting)
        .forEach(
            request ->
                fail(request, new BurhanException("the model was closed before the request ran")));
    pages.save();
  }

  private void told() {
    report.now(running.size(), waiting.size(), pages.count(), pages.held(), pages.idle());
  }
}
