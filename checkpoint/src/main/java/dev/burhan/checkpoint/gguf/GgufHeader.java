package dev.burhan.checkpoint.gguf;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.checkpoint.file.Content;
import dev.burhan.checkpoint.file.Layout;
import dev.burhan.checkpoint.file.ModelFile;
import dev.burhan.checkpoint.file.Text;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The header of one GGUF file, versions 2 and 3: magic, version, number of tensors, number of
 * pairs, the pairs, the tensors' descriptions. The data begins at the next multiple of {@code
 * general.alignment}.
 *
 * @param values the key-value pairs in file order
 * @param tensors in file order, offsets counted from the file's start
 */
record GgufHeader(Map<String, Object> values, Map<String, TensorInfo> tensors) {
  static final int MAGIC = 0x46554747; // "GGUF", little-endian
  static final String ALIGNMENT = "general.alignment";
  private static final int DEFAULT_ALIGNMENT = 32;
  private static final int FIXED_BYTES = 24;
  private static final int LEAST_PAIR = 8 + 4 + 1;
  private static final int LEAST_TENSOR = 8 + 4 + 4 + 8;
  private static final int LONGEST_NAME = 65_535;
  private static final int MOST_DIMENSIONS = 4;

  static GgufHeader read(ModelFile file) {
    requireMagic(file);
    var in = new HeaderCursor(file);
    in.int32();
    requireVersion(in);
    in.subject("the number of tensors");
    long tensorCount = in.count("tensors", LEAST_TENSOR);
    in.subject("the number of keys");
    long pairCount = in.count("keys", LEAST_PAIR);
    Map<String, Object> values = pairs(in, pairCount);
    return new GgufHeader(values, new Tensors(file, in, alignment(file, values)).read(tensorCount));
  }

  private static void requireMagic(ModelFile file) {
    var start = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    if (file.size() >= 4) {
      file.read(0, start);
    }
    if (start.getInt(0) != MAGIC) {
      throw new CheckpointException(
          file.path()
              + ": not a GGUF file: it should begin with 'GGUF' at byte 0; "
              + Content.describe(file));
    }
    if (file.size() < FIXED_BYTES) {
      throw new CheckpointException(
          file.path()
              + ": cut off at byte "
              + file.size()
              + ", within the "
              + FIXED_BYTES
              + " bytes that every GGUF file begins with");
    }
  }

  private static void requireVersion(HeaderCursor in) {
    int version = in.int32();
    in.subject("the version");
    if (version == 2 || version == 3) {
      return;
    }
    int reversed = Integer.reverseBytes(version);
    if (reversed > 0 && reversed < 256) {
      throw in.fail(
          4,
          "this is a big-endian GGUF file of version "
              + reversed
              + "; only little-endian files are supported: convert it with gguf-py's gguf_convert_endian");
    }
    if (version == 1) {
      throw in.fail(4, "GGUF version 1 is not supported, only 2 and 3: convert the model anew");
    }
    throw in.fail(4, "should be 2 or 3, found " + Integer.toUnsignedString(version));
  }

  private static Map<String, Object> pairs(HeaderCursor in, long count) {
    var values = new LinkedHashMap<String, Object>();
    var reader = new GgufValues(in);
    for (long i = 0; i < count; i++) {
      in.subject("key " + (i + 1) + " of " + count);
      String key = in.string("the key", LONGEST_NAME);
      in.subject("key " + Text.quoted(key));
      if (values.put(key, reader.read()) != null) {
        throw in.fail("it is there twice");
      }
    }
    return values;
  }

  private static int alignment(ModelFile file, Map<String, Object> values) {
    Object found = values.get(ALIGNMENT);
    if (found == null) {
      return DEFAULT_ALIGNMENT;
    }
    if (found instanceof Long number
        && number > 0
        && number <= 1 << 30
        && Long.bitCount(number) == 1) {
      return number.intValue();
    }
    throw new CheckpointException(
        file.path()
            + ": key '"
            + ALIGNMENT
            + "' should be a power of two up to "
            + (1 << 30)
            + ", found "
            + (found.getClass().isArray() ? "an array" : Text.quoted(found.toString())));
  }

  /** Reads the tensors' descriptions and checks them against the file. */
  private record Tensors(ModelFile file, HeaderCursor in, int alignment) {

    private record Described(DataType type, Shape shape, long offset, long at) {}

    Map<String, TensorInfo> read(long count) {
      var described = new LinkedHashMap<String, Described>();
      for (long i = 0; i < count; i++) {
        in.subject("tensor " + (i + 1) + " of " + count);
        String name = in.string("the tensor's name", LONGEST_NAME);
        in.subject("tensor " + Text.quoted(name));
        if (described.put(name, description()) != null) {
          throw in.fail("a tensor of that name is there already");
        }
      }
      long dataStart = roundUp(in.position());
      var tensors = new LinkedHashMap<String, TensorInfo>();
      described.forEach((name, tensor) -> tensors.put(name, place(name, tensor, dataStart)));
      Layout.ordered(file.path(), tensors.values());
      return tensors;
    }

    private Described description() {
      long at = in.position();
      long rank = in.unsigned32();
      if (rank > MOST_DIMENSIONS) {
        throw in.fail(4, "should have at most " + MOST_DIMENSIONS + " dimensions, found " + rank);
      }
      var dims = new long[(int) rank];
      for (int i = dims.length - 1; i >= 0; i--) { // the file lists the innermost first
        dims[i] = in.int64();
        if (dims[i] < 0) {
          throw in.fail(8, "the dimension " + Long.toUnsignedString(dims[i]) + " is too large");
        }
      }
      long number = in.unsigned32();
      DataType type =
          (number > Integer.MAX_VALUE
                  ? java.util.Optional.<DataType>empty()
                  : GgmlTypes.type((int) number))
              .orElseThrow(() -> in.fail(4, GgmlTypes.unknown(number)));
      return new Described(type, Shape.of(dims), in.int64(), at);
    }

    private TensorInfo place(String name, Described tensor, long dataStart) {
      DataType type = tensor.type;
      long bytes = bytes(name, tensor);
      if (tensor.offset < 0 || tensor.offset % alignment != 0) {
        throw fail(
            name,
            tensor,
            "its offset "
                + Long.toUnsignedString(tensor.offset)
                + " should be a multiple of the alignment, "
                + alignment);
      }
      long room = file.size() - dataStart;
      if (bytes > 0 && (tensor.offset > room || bytes > room - tensor.offset)) {
        throw fail(
            name,
            tensor,
            "its "
                + bytes
                + " bytes ("
                + type
                + " "
                + tensor.shape
                + ") should begin at byte "
                + Long.toUnsignedString(dataStart + tensor.offset)
                + ", but the file has "
                + file.size()
                + " bytes; it is cut off or damaged");
      }
      return new TensorInfo(
          name, type, tensor.shape, file.path(), bytes == 0 ? 0 : dataStart + tensor.offset, bytes);
    }

    private long bytes(String name, Described tensor) {
      long cols = tensor.shape.cols();
      if (cols % tensor.type.blockElements() != 0) {
        throw fail(
            name,
            tensor,
            "rows of "
                + cols
                + " numbers are not a whole number of "
                + tensor.type
                + " blocks of "
                + tensor.type.blockElements()
                + " (shape "
                + tensor.shape
                + ")");
      }
      try {
        return tensor.type.bytes(tensor.shape.elements());
      } catch (ArithmeticException e) {
        throw fail(name, tensor, "the shape " + tensor.shape + " is too large");
      }
    }

    private CheckpointException fail(String name, Described tensor, String message) {
      return new CheckpointException(
          file.path()
              + ": tensor "
              + Text.quoted(name)
              + ", described at byte "
              + tensor.at
              + ": "
              + message);
    }

    private long roundUp(long position) {
      return (position + alignment - 1) & -(long) alignment;
    }
  }
}
