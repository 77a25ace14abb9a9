package dev.burhan.kernel.packed;

import dev.burhan.backend.Resident;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.kernel.packed.PackedFile.Step;
import dev.burhan.kernel.packed.PackedFile.Watch;
import dev.burhan.kernel.testing.MappedCheckpoint;
import dev.burhan.kernel.testing.PaddedPanels;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.tensor.DataType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that keeps packed weights, for tests: a whole start, or one that dies while writing.
 */
final class PackedProcess {
  private PackedProcess() {}

  /** Arguments: the model, the folder of packed weights, and where to die if so. */
  public static void main(String[] arguments) throws Exception {
    Path model = Path.of(arguments[0]);
    PackedFolder folder = new PackedFolder(Path.of(arguments[1]), Long.MAX_VALUE);
    MappedCheckpoint checkpoint =
        MappedCheckpoint.of(
            model, DataType.Q8_0, PackedCheckpointTest.SHAPE, PackedCheckpointTest.TENSORS);
    PackedCheckpoint kept =
        PackedCheckpoint.of(checkpoint, folder, 0, PackedCheckpointTest.later()).orElseThrow();
    PaddedPanels packer = new PaddedPanels();
    List<Resident> held = new ArrayList<>();
    try (CheckpointWeightStore store =
        new CheckpointWeightStore(checkpoint, new NativeHostMemory(), kept)) {
      for (String tensor : PackedCheckpointTest.TENSORS) {
        held.add(
            store.acquire(
                PackedCheckpointTest.weight(tensor), PackedCheckpointTest.PANELS, packer));
      }
      if (arguments.length > 2) {
        die(folder, model, held.getFirst(), Step.valueOf(arguments[2]));
      }
      kept.begin();
      kept.settle();
      held.forEach(Resident::close);
    }
  }

  private static void die(PackedFolder folder, Path model, Resident weight, Step where)
      throws Exception {
    ContentHash hashes = folder.hashes();
    String hash = hashes.compute(ContentHash.State.of(model), () -> false).orElseThrow();
    Path place = folder.place(hash, weight.layout());
    Files.createDirectories(place);
    byte[] identity =
        WeightIdentity.of(
            hash,
            dev.burhan.kernel.weights.PackerProbe.of(weight.weight(), new PaddedPanels()),
            dev.burhan.kernel.weights.WeightKey.of(weight.weight(), weight.layout()));
    Watch watch =
        new Watch() {
          @Override
          public boolean stopped() {
            return false;
          }

          @Override
          public void reached(Step step) {
            if (step == where) {
              Runtime.getRuntime().halt(9); // no finally, no hook: as kill -9
            }
          }
        };
    PackedFile.write(folder.file(place, identity), identity, weight.segment(), watch);
  }
}
