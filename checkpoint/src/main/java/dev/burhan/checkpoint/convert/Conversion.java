package dev.burhan.checkpoint.convert;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.gguf.GgufOutput;
import dev.burhan.checkpoint.quantise.Quantiser;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * Writes a folder as a GGUF file, some rows at a time: never more than a few million numbers are in
 * memory. The file is written under another name and gets its own once it is whole.
 */
final class Conversion {
  private static final int PART = 1 << 22; // numbers that are converted at a time
  private static final int QUANTISATION_VERSION = 2;

  private final Source source;
  private final Family family;
  private final Map<String, Rows> tensors;
  private final TypeChoice choice;
  private final Map<DataType, Integer> written = new LinkedHashMap<>();
  private boolean tokenizer;

  /**
   * Checks the folder whole: what is missing or of a wrong shape is told before anything is
   * written.
   */
  Conversion(Checkpoint folder, DataType wanted) {
    this.source = new Source(Family.requireFolder(folder));
    this.family = Family.of(source);
    this.tensors = family.tensors();
    this.choice = new TypeChoice(wanted, !tensors.containsKey("output.weight"));
  }

  /** How many tensors were written in each type, by the type's name. */
  Map<String, Integer> types() {
    Map<String, Integer> byName = new TreeMap<>();
    written.forEach((type, count) -> byName.put(type.name(), count));
    return byName;
  }

  /** Whether the folder had a tokenizer. */
  boolean hasTokenizer() {
    return tokenizer;
  }

  private GgufOutput described() {
    GgufOutput out = new GgufOutput();
    out.put("general.architecture", family.architecture());
    out.put("general.type", "model");
    Path name = source.folder().path().toAbsolutePath().normalize().getFileName();
    out.put("general.name", name == null ? "model" : name.toString());
    out.put("general.file_type", choice.fileType());
    out.put("general.quantization_version", QUANTISATION_VERSION);
    family.keys(out);
    tokenizer = TokenizerKeys.add(source.folder(), source.number("vocab_size"), out);
    tensors.forEach(
        (tensor, rows) -> {
          DataType type = choice.of(tensor, rows.shape());
          written.merge(type, 1, Integer::sum);
          out.tensor(tensor, type, rows.shape());
        });
    return out;
  }

  /**
   * Writes it.
   *
   * @return bytes of the file
   */
  long write(Path file, Progress progress) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new BurhanException("there is no folder " + folder + " to write " + file + " into");
    }
    GgufOutput out = described();
    long bytes = out.fileBytes();
    long room = Files.getFileStore(folder).getUsableSpace();
    if (room < bytes) {
      throw new BurhanException(
          folder + " has room for " + room + " bytes; " + file + " needs " + bytes);
    }
    // no temporary file of Java's, which nobody but its owner could read
    Path partial = folder.resolve(file.getFileName() + "." + UUID.randomUUID() + ".partial");
    try {
      try (FileChannel channel =
          FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        put(channel, ByteBuffer.wrap(out.header()));
        for (Map.Entry<String, Rows> tensor : tensors.entrySet()) {
          write(channel, tensor.getKey(), tensor.getValue(), bytes, progress);
        }
        channel.force(true);
      }
      Files.move(
          partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
    return bytes;
  }

  private void write(FileChannel to, String name, Rows rows, long all, Progress progress)
      throws IOException {
    Shape shape = rows.shape();
    DataType type = choice.of(name, shape);
    int cols = Math.toIntExact(shape.cols());
    int rowBytes = Math.toIntExact(type.bytes(cols));
    int part = (int) Math.clamp(PART / cols, 1, Math.max(1, shape.rows()));
    float[] numbers = new float[Math.multiplyExact(part, cols)];
    byte[] bytes = new byte[Math.multiplyExact(part, rowBytes)];
    for (long row = 0; row < shape.rows(); row += part) {
      int count = (int) Math.min(part, shape.rows() - row);
      for (int i = 0; i < count; i++) {
        rows.read(row + i, numbers, i * cols);
      }
      encode(name, type, numbers, cols, count, bytes);
      put(to, ByteBuffer.wrap(bytes, 0, count * rowBytes));
      progress.update("converting", to.position(), all);
    }
    put(to, ByteBuffer.allocate(GgufOutput.padding(to.position())));
  }

  private void encode(
      String name, DataType type, float[] numbers, int cols, int rows, byte[] bytes) {
    int rowBytes = bytes.length / (numbers.length / cols);
    try {
      IntStream.range(0, rows)
          .parallel()
          .forEach(
              row ->
                  Quantiser.encode(
                      type,
                      numbers,
                      row * cols,
                      cols,
                      ByteBuffer.wrap(bytes, row * rowBytes, rowBytes)
                          .order(ByteOrder.LITTLE_ENDIAN)));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          source.folder().path()
              + ": tensor '"
              + name
              + "': "
              + e.getMessage()
              + "; try BF16 or F32 if the number is finite",
          e);
    }
  }

  private static void put(FileChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }
}
