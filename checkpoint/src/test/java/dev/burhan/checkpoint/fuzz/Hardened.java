package dev.burhan.checkpoint.fuzz;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointFormat;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.checkpoint.fuzz.Fuzz.Depth;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** Opens a damaged checkpoint and, where it opens, reads from each of its tensors. */
public final class Hardened {
  private static final int MOST_READ = 4_096;

  private Hardened() {}

  /** Ends in the stages "opened" and "read", or in an error of the reader. */
  public static void read(CheckpointFormat format, Path path, Depth depth) {
    format.recognises(path);
    try (Checkpoint checkpoint = format.open(path)) {
      depth.at("opened");
      for (TensorInfo tensor : checkpoint.tensors().values()) {
        read(checkpoint, tensor);
      }
      depth.at("read");
    }
  }

  private static void read(Checkpoint checkpoint, TensorInfo tensor) {
    long size = tensor.file().toFile().length();
    if (tensor.offset() < 0 || tensor.bytes() < 0 || tensor.bytes() > size - tensor.offset()) {
      throw new AssertionError(tensor + " does not lie within " + size + " bytes");
    }
    if (tensor.bytes() != tensor.type().bytes(tensor.shape().elements())) {
      throw new AssertionError(tensor + " has not the bytes of its shape");
    }
    MemorySegment data = checkpoint.data(tensor.name());
    if (data.byteSize() != tensor.bytes()) {
      throw new AssertionError(tensor + " is mapped with " + data.byteSize() + " bytes");
    }
    if (tensor.bytes() > 0) {
      int count = (int) Math.min(MOST_READ, tensor.bytes());
      var read = new byte[count];
      checkpoint.read(tensor.name(), tensor.bytes() - count, MemorySegment.ofArray(read));
      byte last = data.get(ValueLayout.JAVA_BYTE, tensor.bytes() - 1); // must not be a signal
      if (last != read[count - 1]) {
        throw new AssertionError(tensor + " is mapped elsewhere than it is read");
      }
    }
  }
}
