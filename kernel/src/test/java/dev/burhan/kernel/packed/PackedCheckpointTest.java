package dev.burhan.kernel.packed;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Layout;
import dev.burhan.backend.Packer;
import dev.burhan.backend.Resident;
import dev.burhan.backend.Rows;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.kernel.testing.MappedCheckpoint;
import dev.burhan.kernel.testing.PaddedPanels;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.kernel.weights.PackedWeights;
import dev.burhan.kernel.weights.WeightKey;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PackedCheckpointTest {
  static final Layout PANELS = new Layout("test-panels", 1);
  static final Shape SHAPE = Shape.of(1000, 320);
  static final long FILE_BYTES = 1000 * 340;
  static final long PACKED_BYTES = 1024 * 340;
  static final String[] TENSORS = {"a", "b", "c"};

  @TempDir private Path temporary;
  private final NativeHostMemory memory = new NativeHostMemory();
  private Path model;
  private Path root;

  @BeforeEach
  void makeModel() throws IOException {
    model = temporary.resolve("model");
    root = temporary.resolve("cache").resolve("packed");
    writeModel(model, 1);
  }

  @AfterEach
  void everythingIsGivenBack() {
    assertEquals(0, memory.liveBlocks());
  }

  static void writeModel(Path file, int seed) throws IOException {
    byte[] bytes = new byte[(int) (TENSORS.length * FILE_BYTES)];
    new Random(seed).nextBytes(bytes);
    Files.write(file, bytes);
  }

  private PackedFolder folder() {
    return new PackedFolder(root, Long.MAX_VALUE);
  }

  static Weight weight(String tensor) {
    return new Weight(tensor, DataType.Q8_0, SHAPE, new Source.Stored(tensor), Weight.Use.MATRIX);
  }

  /** A start: the model is opened, all of its weights are wanted, what is missing is kept. */
  final class Start implements AutoCloseable {
    final MappedCheckpoint checkpoint;
    final Optional<PackedCheckpoint> kept;
    final CheckpointWeightStore store;
    final PaddedPanels packer = new PaddedPanels();
    final List<Resident> held = new ArrayList<>();

    Start(Path file, PackedFolder folder, Layout layout) {
      checkpoint = MappedCheckpoint.of(file, DataType.Q8_0, SHAPE, TENSORS);
      kept = PackedCheckpoint.of(checkpoint, folder, 0, later());
      store =
          new CheckpointWeightStore(
              checkpoint, memory, kept.map(k -> (PackedWeights) k).orElse(PackedWeights.NONE));
      for (String tensor : TENSORS) {
        held.add(store.acquire(weight(tensor), layout, packer));
      }
      kept.ifPresent(PackedCheckpoint::begin);
    }

    Start(Path file) {
      this(file, folder(), PANELS);
    }

    Start settled() throws InterruptedException {
      kept.orElseThrow().settle();
      return this;
    }

    /** All bytes are the file's, whatever way they came. */
    void assertRight() {
      for (int i = 0; i < TENSORS.length; i++) {
        MemorySegment rows = held.get(i).segment().asSlice(0, FILE_BYTES);
        assertEquals(-1, rows.mismatch(checkpoint.data(TENSORS[i])), TENSORS[i]);
        assertEquals(PACKED_BYTES, held.get(i).segment().byteSize());
      }
    }

    void assertPacked(int weights) {
      assertRight();
      assertEquals(weights * PACKED_BYTES, store.madeBytes());
      assertEquals((TENSORS.length - weights) * PACKED_BYTES, store.cachedBytes());
      assertEquals(weights == 0, packer.parts().isEmpty());
    }

    @Override
    public void close() {
      held.forEach(Resident::close);
      store.close();
    }
  }

  /** When the file that a test wrote has been left alone for long enough. */
  static Instant later() {
    return Instant.now().plus(ContentHash.QUIET).plusSeconds(1);
  }

  private List<Path> files(String suffix) throws IOException {
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  @Test
  void theSecondStartPacksNothing() throws Exception {
    try (Start first = new Start(model).settled()) {
      first.assertPacked(3);
    }
    assertEquals(3, files(".packed").size());
    assertEquals(List.of(), files(PackedFile.UNFINISHED));
    try (Start second = new Start(model)) {
      second.assertPacked(0);
      assertEquals(0, memory.liveBlocks());
    }
  }

  @Test
  void aModelAtAnotherPathIsHashedAndThenFound() throws Exception {
    new Start(model).settled().close();
    Path copy = temporary.resolve("copy");
    Files.copy(model, copy);
    List<FileTime> before = times();
    try (Start unknown = new Start(copy).settled()) {
      unknown.assertPacked(3); // its hash was not known
    }
    assertEquals(before, times(), "nothing was written again");
    try (Start known = new Start(copy)) {
      known.assertPacked(0);
    }
  }

  private List<FileTime> times() throws IOException {
    List<FileTime> times = new ArrayList<>();
    for (Path file : files(".packed")) {
      times.add(Files.getLastModifiedTime(file));
    }
    return times;
  }

  @Test
  void aChangedModelIsAnotherModel() throws Exception {
    new Start(model).settled().close();
    FileTime time = Files.getLastModifiedTime(model);
    writeModel(model, 2);
    Files.setLastModifiedTime(model, time); // as copying tools do
    Assumptions.assumeTrue(
        Files.getFileStore(model).supportsFileAttributeView("unix")
            || !time.equals(Files.getLastModifiedTime(model)),
        "skipped: no change time here");
    try (Start changed = new Start(model).settled()) {
      changed.assertPacked(3);
    }
    try (Start again = new Start(model)) {
      again.assertPacked(0);
    }
    assertEquals(6, files(".packed").size());
  }

  @Test
  void aModelThatChangedJustNowIsNotKept() throws Exception {
    try (MappedCheckpoint checkpoint = MappedCheckpoint.of(model, DataType.Q8_0, SHAPE, TENSORS)) {
      assertTrue(PackedCheckpoint.of(checkpoint, folder(), 0, Instant.now()).isEmpty());
    }
  }

  @Test
  void layoutsAndTheirVersionsAreKeptApart() throws Exception {
    new Start(model).settled().close();
    for (Layout other : List.of(new Layout("test-panels", 2), new Layout("Test_Panels", 1))) {
      try (Start start = new Start(model, folder(), other).settled()) {
        start.assertPacked(3);
      }
    }
    assertEquals(3, folder().entries().size());
  }

  /** As {@link PaddedPanels}, but someone changed the arrangement and forgot the version. */
  private static final class Inverted implements Packer {
    private final PaddedPanels panels = new PaddedPanels();

    @Override
    public long bytes(Weight weight) {
      return panels.bytes(weight);
    }

    @Override
    public int rowsPerPanel() {
      return panels.rowsPerPanel();
    }

    @Override
    public void pack(Weight weight, Rows rows, long first, long count, MemorySegment to) {
      panels.pack(weight, rows, first, count, to);
      long rowBytes = weight.type().bytes(weight.shape().cols());
      for (long at = first * rowBytes; at < (first + count) * rowBytes; at++) {
        to.set(JAVA_BYTE, at, (byte) ~to.get(JAVA_BYTE, at));
      }
    }
  }

  @Test
  void anArrangementThatChangedUnderItsOldNameIsPackedAgain() throws Exception {
    new Start(model).settled().close();
    MappedCheckpoint checkpoint = MappedCheckpoint.of(model, DataType.Q8_0, SHAPE, TENSORS);
    PackedCheckpoint kept = PackedCheckpoint.of(checkpoint, folder(), 0, later()).orElseThrow();
    try (CheckpointWeightStore store = new CheckpointWeightStore(checkpoint, memory, kept);
        Resident packed = store.acquire(weight("a"), PANELS, new Inverted())) {
      assertEquals(PACKED_BYTES, store.madeBytes());
      assertEquals(
          (byte) ~checkpoint.data("a").get(JAVA_BYTE, 5), packed.segment().get(JAVA_BYTE, 5));
    }
  }

  @Test
  void damagedFilesArePackedAgainAndReplaced() throws Exception {
    new Start(model).settled().close();
    List<Path> files = files(".packed");
    byte[] whole = Files.readAllBytes(files.get(0));
    whole[5000] ^= 4;
    Files.write(files.get(0), whole);
    Files.write(files.get(1), new byte[100]);
    try (Start damaged = new Start(model).settled()) {
      damaged.assertPacked(2);
    }
    try (Start healed = new Start(model)) {
      healed.assertPacked(0);
    }
  }

  @Test
  void oneWeightsFileInAnothersPlaceIsNotTaken() throws Exception {
    new Start(model).settled().close();
    List<Path> files = files(".packed");
    Files.write(files.get(0), Files.readAllBytes(files.get(1)));
    try (Start start = new Start(model)) {
      start.assertPacked(1);
    }
  }

  @Test
  void whatAnInterruptedWriterLeftIsSweptAndCompleted() throws Exception {
    new Start(model).settled().close();
    Path first = files(".packed").getFirst();
    Files.delete(first);
    Files.write(first.resolveSibling("x.packed.abc" + PackedFile.UNFINISHED), new byte[10]);
    try (Start start = new Start(model).settled()) {
      start.assertPacked(1);
    }
    assertEquals(3, files(".packed").size());
    assertEquals(List.of(), files(PackedFile.UNFINISHED));
  }

  @Test
  void programsShareOneCopyAndTheLastOneGivesItBack() throws Exception {
    new Start(model).settled().close();
    try (Start start = new Start(model)) {
      Resident another = start.store.acquire(weight("a"), PANELS, start.packer);
      assertEquals(start.held.getFirst().segment().address(), another.segment().address());
      assertEquals(3 * PACKED_BYTES, start.store.cachedBytes());
      start.held.getFirst().close();
      assertEquals(
          -1, another.segment().asSlice(0, FILE_BYTES).mismatch(start.checkpoint.data("a")));
      another.close();
      assertEquals(2, start.store.residents());
    }
  }

  @Test
  void twoAtOnceEndWithOneWholeCache() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> starts = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        starts.add(
            threads.submit(
                () -> {
                  try (Start start = new Start(model).settled()) {
                    start.assertRight();
                  }
                  return null;
                }));
      }
      for (Future<?> start : starts) {
        start.get();
      }
    }
    try (Start after = new Start(model).settled()) {
      after.assertRight();
    }
    try (Start last = new Start(model)) {
      last.assertPacked(0);
    }
    assertEquals(List.of(), files(PackedFile.UNFINISHED));
  }

  private Process process(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                PackedProcess.class.getName(),
                model.toString(),
                root.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(temporary.resolve("process.log").toFile())
        .start();
  }

  @Test
  void processesAtOnceEndWithOneWholeCache() throws Exception {
    List<Process> processes = List.of(process(), process(), process());
    for (Process process : processes) {
      assertEquals(0, process.waitFor(), Files.readString(temporary.resolve("process.log")));
    }
    try (Start last = new Start(model)) {
      last.assertPacked(0);
    }
    assertEquals(3, files(".packed").size());
    assertEquals(List.of(), files(PackedFile.UNFINISHED));
  }

  @ParameterizedTest
  @EnumSource(PackedFile.Step.class)
  void aProcessKilledWhileItWritesLeavesNothingThatIsTaken(PackedFile.Step step) throws Exception {
    assertEquals(
        9, process(step.name()).waitFor(), Files.readString(temporary.resolve("process.log")));
    assertEquals(step == PackedFile.Step.RENAMED ? 1 : 0, files(".packed").size());
    try (Start next = new Start(model).settled()) {
      next.assertPacked(step == PackedFile.Step.RENAMED ? 2 : 3);
    }
    assertEquals(List.of(), files(PackedFile.UNFINISHED));
    try (Start last = new Start(model)) {
      last.assertPacked(0);
    }
  }

  /** Without the lock, which only spares work: the last name wins, every file is whole. */
  @Test
  void writersOfTheSameFileDontDisturbEachOther() throws Exception {
    byte[] identity = WeightIdentity.of("m", "p", WeightKey.of(weight("a"), PANELS));
    Files.createDirectories(root);
    Path target = root.resolve("w.packed");
    MemorySegment payload = memory.map(3 << 20);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Boolean>> writers = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        writers.add(threads.submit(() -> PackedFile.write(target, identity, payload, () -> false)));
      }
      for (Future<Boolean> writer : writers) {
        assertTrue(writer.get());
        PackedFile.open(target, identity, payload.byteSize()).close();
      }
    } finally {
      memory.unmap(payload);
    }
    assertEquals(List.of(target), files("d").stream().filter(Files::isRegularFile).toList());
  }

  @Test
  void closingEndsTheWriterAndLeavesOnlyWholeFiles() throws Exception {
    try (Start start = new Start(model)) {
      start.assertRight(); // and is closed at once, whatever the writer is about
    }
    assertEquals(List.of(), files(PackedFile.UNFINISHED));
    try (Start next = new Start(model).settled()) {
      next.assertRight();
    }
    try (Start last = new Start(model)) {
      last.assertPacked(0);
    }
  }

  @Test
  void aFolderThatCantBeWrittenIsNoError() throws Exception {
    Files.writeString(temporary.resolve("cache"), "a file where a folder should be");
    try (Start start = new Start(model).settled()) {
      start.assertPacked(3);
    }
  }

  @Test
  void smallModelsAreNotKept() throws Exception {
    MappedCheckpoint checkpoint = MappedCheckpoint.of(model, DataType.Q8_0, SHAPE, TENSORS);
    PackedCheckpoint kept =
        PackedCheckpoint.of(checkpoint, folder(), PACKED_BYTES + 1, later()).orElseThrow();
    try (CheckpointWeightStore store = new CheckpointWeightStore(checkpoint, memory, kept);
        Resident _ = store.acquire(weight("a"), PANELS, new PaddedPanels())) {
      kept.begin();
      kept.settle();
    }
    assertFalse(Files.exists(root));
  }

  @Test
  void theLeastRecentlyUsedMakeRoom() throws Exception {
    Path second = temporary.resolve("second");
    Path third = temporary.resolve("third");
    writeModel(second, 2);
    writeModel(third, 3);
    long each = 3 * (PACKED_BYTES + PackedFile.HEADER + 4) + 200; // and a little for markers
    PackedFolder narrow = new PackedFolder(root, 2 * each);
    new Start(model, narrow, PANELS).settled().close();
    new Start(second, narrow, PANELS).settled().close();
    age(model, 100);
    age(second, 200);
    try (Start again = new Start(second, narrow, PANELS)) { // is the older one, and used now
      again.assertPacked(0);
      new Start(third, narrow, PANELS).settled().close();
      again.assertRight();
    }
    List<String> left = narrow.entries().stream().map(PackedFolder.Entry::source).toList();
    assertEquals(List.of(second.toRealPath().toString(), third.toRealPath().toString()), left);
  }

  private void age(Path source, int seconds) throws IOException {
    for (PackedFolder.Entry entry : folder().entries()) {
      if (entry.source().equals(source.toRealPath().toString())) {
        Files.setLastModifiedTime(
            entry.folder().resolve("used"), FileTime.from(Instant.now().minusSeconds(seconds)));
      }
    }
  }

  @Test
  void whatDoesNotFitAtAllIsNotKept() throws Exception {
    try (Start start = new Start(model, new PackedFolder(root, 1000), PANELS).settled()) {
      start.assertPacked(3);
    }
    assertEquals(List.of(), files(".packed"));
  }

  @Test
  void clearingDeletesWhatIsKeptAndNothingElse() throws Exception {
    new Start(model).settled().close();
    Path own = root.resolve("notes.txt");
    Files.writeString(own, "mine");
    assertEquals(1, folder().entries().size());
    assertTrue(folder().clear() > 3 * PACKED_BYTES);
    try (Stream<Path> left = Files.walk(root)) {
      assertEquals(List.of(root, own), left.sorted().toList());
    }
  }

  @Test
  void identitiesTellEveryPartOfAKeyApart() {
    Source a = new Source.Stored("a");
    List<WeightKey> keys =
        List.of(
            new WeightKey(a, DataType.Q8_0, SHAPE, PANELS),
            new WeightKey(new Source.Stored("b"), DataType.Q8_0, SHAPE, PANELS),
            new WeightKey(a, DataType.Q4_0, SHAPE, PANELS),
            new WeightKey(a, DataType.Q8_0, Shape.of(320, 1000), PANELS),
            new WeightKey(a, DataType.Q8_0, SHAPE, new Layout("test-panels", 2)),
            new WeightKey(a, DataType.Q8_0, SHAPE, new Layout("test", 1)),
            new WeightKey(new Source.Transpose(a), DataType.Q8_0, SHAPE, PANELS),
            new WeightKey(new Source.Slice(a, 0, 0, 1), DataType.Q8_0, SHAPE, PANELS),
            new WeightKey(new Source.Slice(a, 0, 1, 2), DataType.Q8_0, SHAPE, PANELS),
            new WeightKey(new Source.Stack(List.of(a)), DataType.Q8_0, SHAPE, PANELS),
            new WeightKey(new Source.Stack(List.of(a, a)), DataType.Q8_0, SHAPE, PANELS),
            new WeightKey(new Source.Reshape(a, List.of(1L)), DataType.Q8_0, SHAPE, PANELS),
            new WeightKey(new Source.BlockScaled(a, a, 1, 2), DataType.Q8_0, SHAPE, PANELS),
            new WeightKey(new Source.BlockScaled(a, a, 2, 1), DataType.Q8_0, SHAPE, PANELS));
    List<String> identities =
        keys.stream()
            .map(key -> java.util.HexFormat.of().formatHex(WeightIdentity.of("m", "p", key)))
            .distinct()
            .toList();
    assertEquals(keys.size(), identities.size());
    for (String[] other : new String[][] {{"n", "p"}, {"m", "q"}, {"mp", ""}}) {
      byte[] identity = WeightIdentity.of(other[0], other[1], keys.getFirst());
      assertNotEquals(identities.getFirst(), java.util.HexFormat.of().formatHex(identity));
    }
  }
}
