package dev.burhan.checkpoint.gguf;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.checkpoint.file.Closer;
import dev.burhan.checkpoint.file.Text;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model in several files, as llama.cpp's gguf-split writes them: {@code NAME-00001-of-00003.gguf}
 * and so on. The first holds the model's keys, and every one says which it is ({@code split.no},
 * from 0), of how many ({@code split.count}), and how many tensors they hold together ({@code
 * split.tensors.count}).
 */
final class GgufSplit {
  private static final String NUMBER = "split.no";
  private static final String COUNT = "split.count";
  private static final String TENSORS = "split.tensors.count";
  private static final Pattern NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

  private final Path first;
  private final String prefix;
  private final int count;
  private final long tensorCount;

  private GgufSplit(Path first, String prefix, int count, long tensorCount) {
    this.first = first;
    this.prefix = prefix;
    this.count = count;
    this.tensorCount = tensorCount;
  }

  /** What the opened file says of further ones; empty if it stands alone. */
  static Optional<GgufSplit> of(Path path, GgufHeader header) {
    long count = number(path, header, COUNT, 0);
    if (count <= 1) { // a merged file says 0
      return Optional.empty();
    }
    long number = number(path, header, NUMBER, -1);
    String file = path.getFileName().toString();
    Matcher name = NAME.matcher(file);
    if (count > 99_999 || number < 0 || number >= count) {
      throw new CheckpointException(
          path
              + ": key '"
              + NUMBER
              + "' is "
              + number
              + " and key '"
              + COUNT
              + "' is "
              + count
              + "; expected part 0 of at most 99999");
    }
    if (number != 0) {
      String firstName =
          name.matches()
              ? shard(name.group(1), 0, (int) count)
              : "the one whose name has -00001-of-" + digits(count);
      throw new CheckpointException(
          path
              + ": this is part "
              + (number + 1)
              + " of a model in "
              + count
              + " files; open the first, "
              + firstName);
    }
    if (!name.matches() || !file.equals(shard(name.group(1), 0, (int) count))) {
      throw new CheckpointException(
          path
              + ": this is the first of "
              + count
              + " files of a model, so its name should end in '-00001-of-"
              + digits(count)
              + ".gguf', beside the others; rename it");
    }
    return Optional.of(
        new GgufSplit(path, name.group(1), (int) count, number(path, header, TENSORS, -1)));
  }

  /** Opens the other files and adds their tensors. */
  void addShards(Map<String, TensorInfo> tensors, Closer files) {
    for (int i = 1; i < count; i++) {
      Path path = first.resolveSibling(shard(prefix, i, count));
      if (!Files.exists(path)) {
        throw new CheckpointException(
            path
                + ": this file is missing; it is part "
                + (i + 1)
                + " of "
                + count
                + " of the model "
                + first);
      }
      GgufHeader header = GgufHeader.read(files.open(path));
      require(path, header, NUMBER, i);
      require(path, header, COUNT, count);
      header.tensors().forEach((name, tensor) -> add(tensors, name, tensor));
    }
    if (tensorCount >= 0 && tensors.size() != tensorCount) {
      throw new CheckpointException(
          first
              + ": key '"
              + TENSORS
              + "' says that the "
              + count
              + " files hold "
              + tensorCount
              + " tensors, found "
              + tensors.size()
              + "; are they of the same model?");
    }
  }

  private static void add(Map<String, TensorInfo> tensors, String name, TensorInfo tensor) {
    TensorInfo other = tensors.put(name, tensor);
    if (other != null) {
      throw new CheckpointException(
          tensor.file()
              + ": tensor "
              + Text.quoted(name)
              + " is there already, in "
              + other.file());
    }
  }

  private static void require(Path path, GgufHeader header, String key, long expected) {
    long found = number(path, header, key, -1);
    if (found != expected) {
      throw new CheckpointException(
          path
              + ": key '"
              + key
              + "' should be "
              + expected
              + ", found "
              + (found == -1 ? "none" : found)
              + "; is this file of another model?");
    }
  }

  private static long number(Path path, GgufHeader header, String key, long otherwise) {
    Object found = header.values().get(key);
    if (found == null) {
      return otherwise;
    }
    if (found instanceof Long number && number >= 0) {
      return number;
    }
    throw new CheckpointException(
        path + ": key '" + key + "' should be an integer from 0, found another value");
  }

  private static String shard(String prefix, int number, int count) {
    return prefix + "-" + digits(number + 1) + "-of-" + digits(count) + ".gguf";
  }

  private static String digits(long number) {
    return String.format("%05d", number);
  }
}
