package dev.burhan.checkpoint.file;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.TensorInfo;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Checks that hold for the tensors of one file in any format. */
public final class Layout {
  private Layout() {}

  /** The tensors by their place in the file; two that share bytes are an error. */
  public static List<TensorInfo> ordered(Path file, Collection<TensorInfo> tensors) {
    List<TensorInfo> ordered =
        tensors.stream()
            .sorted(
                Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes))
            .toList();
    TensorInfo before = null;
    for (TensorInfo tensor : ordered) {
      if (before != null && tensor.offset() < before.offset() + before.bytes()) {
        throw new CheckpointException(
            file
                + ": tensor "
                + Text.quoted(tensor.name())
                + " at byte "
                + tensor.offset()
                + " overlaps tensor "
                + Text.quoted(before.name())
                + ", which takes bytes "
                + before.offset()
                + " to "
                + (before.offset() + before.bytes()));
      }
      before = tensor.bytes() == 0 ? before : tensor; // an empty tensor shares nothing
    }
    return ordered;
  }
}
