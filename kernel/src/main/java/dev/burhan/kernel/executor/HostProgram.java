package dev.burhan.kernel.executor;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.KvPages;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Outcome;
import dev.burhan.backend.Outputs;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.backend.WeightStore;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.provider.HostMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A graph bound to host memory. A step walks the parallel regions that its {@link Schedule} made of
 * the graph's nodes.
 */
final class HostProgram implements Program {
  private final Plan plan;
  private final KvMemory kv;
  private final ProgramMemory memory;
  private final StepRegion[] regions;
  private final Workers.Crew crew;
  private final int vocabulary; // token ids must lie below; 0 if no op looks one up
  private final ReentrantLock step = new ReentrantLock();
  private final Runnable onClose;
  private boolean closed;

  HostProgram(
      Plan plan,
      List<NamedKernels> libraries,
      WeightStore weights,
      HostMemory hostMemory,
      Workers workers,
      Runnable onClose) {
    this.plan = plan;
    this.onClose = onClose;
    Graph graph = plan.graph();
    NodeGroups nodeGroups = NodeGroups.of(graph);
    KvMemory kvMemory = null;
    ProgramMemory programMemory = null;
    try {
      kvMemory = new KvMemory(graph, plan.limits(), hostMemory);
      programMemory =
          new ProgramMemory(graph, nodeGroups, plan.limits(), weights, kvMemory, hostMemory);
      regions = bind(nodeGroups, libraries, programMemory);
      programMemory.finish();
    } catch (RuntimeException | Error e) {
      if (programMemory != null) {
        programMemory.close();
      }
      if (kvMemory != null) {
        kvMemory.close();
      }
      throw e;
    }
    kv = kvMemory;
    memory = programMemory;
    vocabulary =
        graph.nodes().stream()
            .filter(node -> node.op() instanceof Op.Embed)
            .mapToInt(node -> Math.toIntExact(((Op.Embed) node.op()).table().shape().rows()))
            .min()
            .orElse(0);
    crew = workers.take(plan.limits().threads());
  }

  /**
   * Binds all kernels; the forms of a value that they ask for are made right after the group that
   * writes it.
   */
  private StepRegion[] bind(
      NodeGroups nodeGroups, List<NamedKernels> libraries, ProgramMemory memory) {
    Map<Node, Placement> placement = new IdentityHashMap<>();
    List<ProgramMemory.Wanted> wanted = new ArrayList<>();
    for (int i = 0; i < plan.placement().size(); i++) {
      Node node = plan.graph().nodes().get(i);
      Placement placed = Placement.named(plan.placement().get(i), libraries);
      placement.put(node, placed);
      for (NamedKernels library : placed.libraries()) {
        for (Weight weight : library.kernels().weights(node)) {
          wanted.add(new ProgramMemory.Wanted(weight, library.kernels()));
        }
      }
    }
    memory.fetch(wanted);
    List<List<Kernel>> kernels = new ArrayList<>();
    Map<Node, Kernel> byNode = new IdentityHashMap<>();
    for (List<Node> group : nodeGroups.groups()) {
      List<Kernel> bound = new ArrayList<>();
      memory.nextGroup();
      for (Node node : group) {
        bound.addAll(placement.get(node).bind(node, memory::bindings));
        byNode.put(node, bound.getLast());
      }
      kernels.add(bound);
    }
    Schedule schedule = new Schedule(plan.limits().threads());
    addEncodings(plan.graph().inputs(), memory, schedule);
    for (int i = 0; i < kernels.size(); i++) {
      List<Node> group = nodeGroups.groups().get(i);
      schedule.add(kernels.get(i), NodeGroups.byColumn(group));
      addEncodings(group.stream().flatMap(node -> node.out().stream()).toList(), memory, schedule);
      announce(nodeGroups.groups(), byNode, i, schedule);
    }
    return schedule.regions();
  }

  /** Experts are told as soon as a group has written the last of their inputs, the choice. */
  private static void announce(
      List<List<Node>> groups, Map<Node, Kernel> kernels, int written, Schedule schedule) {
    for (int i = written + 1; i < groups.size(); i++) {
      for (Node node : groups.get(i)) {
        if (node.op() instanceof Op.Experts && writer(groups, node) == written) {
          schedule.announce(kernels.get(node));
        }
      }
    }
  }

  /** The group that writes the last of a node's inputs; -1 if they are the graph's. */
  private static int writer(List<List<Node>> groups, Node node) {
    for (int i = groups.size() - 1; i >= 0; i--) {
      for (Node other : groups.get(i)) {
        if (other.out().stream().anyMatch(node.in()::contains)) {
          return i;
        }
      }
    }
    return -1;
  }

  private static void addEncodings(List<Value> written, ProgramMemory memory, Schedule schedule) {
    List<EncodeKernel> encodings = new ArrayList<>();
    for (Value value : written) {
      for (ProgramMemory.Encoded form : memory.encodedForms(value)) {
        encodings.add(
            new EncodeKernel(value, memory.value(value), form.encoding(), form.segment()));
      }
    }
    if (!encodings.isEmpty()) {
      schedule.add(encodings, encodings.stream().allMatch(EncodeKernel::byColumn));
    }
  }

  @Override
  public Plan plan() {
    return plan;
  }

  @Override
  public KvPages pages() {
    return kv;
  }

  @Override
  public Outcome step(Batch batch, Map<String, MemorySegment> inputs, Outputs outputs, Stop stop) {
    step.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the program is closed");
      }
      check(batch);
      for (Value input : plan.graph().inputs()) {
        copy(require(inputs, input), memory.value(input), input, batch.columns());
      }
      if (!run(batch, stop)) {
        return Outcome.STOPPED;
      }
      deliver(batch, outputs);
      return Outcome.DONE;
    } finally {
      step.unlock();
    }
  }

  /** Runs all regions; returns false if it was stopped. */
  private boolean run(Batch batch, Stop stop) {
    crew.begin();
    try {
      for (StepRegion region : regions) {
        if (stop.requested()) {
          return false;
        }
        crew.run(region, batch);
      }
      return true;
    } finally {
      crew.end();
    }
  }

  private static MemorySegment require(Map<String, MemorySegment> inputs, Value input) {
    MemorySegment given = inputs.get(input.name());
    if (given == null) {
      throw new IllegalArgumentException("the graph's input " + input.name() + " is missing");
    }
    return given;
  }

  private static void copy(MemorySegment from, MemorySegment to, Value value, int rows) {
    MemorySegment.copy(from, 0, to, 0, rows * value.type().bytes(value.width()));
  }

  private void check(Batch batch) {
    Limits limits = plan.limits();
    if (batch.columns() < 1
        || batch.columns() > limits.columns()
        || batch.sequences() > limits.sequences()
        || batch.logitRows() > limits.logitRows()) {
      throw new IllegalArgumentException(
          "a batch of "
              + batch.columns()
              + " columns, "
              + batch.sequences()
              + " sequences and "
              + batch.logitRows()
              + " rows of logits is outside of "
              + limits);
    }
    for (int column = 0; column < batch.columns(); column++) {
      if (vocabulary > 0 && (batch.token(column) < 0 || batch.token(column) >= vocabulary)) {
        throw new IllegalArgumentException(
            "token " + batch.token(column) + " is not in the vocabulary of " + vocabulary);
      }
      int index = batch.position(column) / limits.tokensPerPage();
      if (batch.position(column) < 0 || index >= batch.pages(batch.sequence(column))) {
        throw new IllegalArgumentException(
            "position " + batch.position(column) + " has no KV page");
      }
    }
    for (int sequence = 0; sequence < batch.sequences(); sequence++) {
      for (int index = 0; index < batch.pages(sequence); index++) {
        if (batch.page(sequence, index) < 0 || batch.page(sequence, index) >= limits.pages()) {
          throw new IllegalArgumentException("there is no KV page " + batch.page(sequence, index));
        }
      }
    }
    for (int row = 0; row < batch.logitRows(); row++) {
      if (batch.logitColumn(row) < 0 || batch.logitColumn(row) >= batch.columns()) {
        throw new IllegalArgumentException("there is no column " + batch.logitColumn(row));
      }
    }
  }

  private void deliver(Batch batch, Outputs outputs) {
    if (outputs.sampling().isPresent()) {
      throw new IllegalArgumentException("this program does not sample; ask for logits");
    }
    Value logits = plan.graph().outputs().get(Graph.LOGITS);
    if (logits != null && outputs.logits().isPresent()) {
      copy(memory.value(logits), outputs.logits().get(), logits, batch.logitRows());
    }
    if (!outputs.values().isEmpty()) { // nothing is allocated where nothing is asked for
      outputs.values().forEach((name, to) -> copy(output(name), to, batch.columns()));
    }
  }

  private Value output(String name) {
    Value value = plan.graph().outputs().get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "the graph has no output " + name + "; it has " + plan.graph().outputs().keySet());
    }
    return value;
  }

  private void copy(Value value, MemorySegment to, int rows) {
    copy(memory.value(value), to, value, rows);
  }

  @Override
  public void close() {
    step.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      crew.close();
      memory.close();
      kv.close();
    } finally {
      step.unlock();
    }
    onClose.run();
  }
}
