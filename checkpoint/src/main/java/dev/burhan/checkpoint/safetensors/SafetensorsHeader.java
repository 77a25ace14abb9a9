package dev.burhan.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonToken;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.checkpoint.file.Content;
import dev.burhan.checkpoint.file.Layout;
import dev.burhan.checkpoint.file.ModelFile;
import dev.burhan.checkpoint.file.Text;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file: its length as a 64-bit number, then JSON, then the tensors'
 * bytes without gaps. As in the format's own reader, the tensors must fill the rest of the file
 * exactly.
 *
 * @param metadata the texts under {@code __metadata__}
 * @param tensors by their place in the file
 */
record SafetensorsHeader(Map<String, Object> metadata, Map<String, TensorInfo> tensors) {
  private static final int LENGTH_BYTES = 8;
  private static final long LONGEST = 100_000_000; // the limit of the format's own reader
  private static final int MOST_DIMENSIONS = 32;

  private record Described(DataType type, Shape shape, long begin, long end) {}

  /** Whether the first bytes look like this format. */
  static boolean recognises(ModelFile file) {
    if (file.size() < LENGTH_BYTES + 2) {
      return false;
    }
    var start = ByteBuffer.allocate(LENGTH_BYTES + 1).order(ByteOrder.LITTLE_ENDIAN);
    file.read(0, start);
    long length = start.getLong(0);
    return length >= 2
        && length <= LONGEST
        && length <= file.size() - LENGTH_BYTES
        && start.get(LENGTH_BYTES) == '{';
  }

  static SafetensorsHeader read(ModelFile file) {
    byte[] json = headerBytes(file);
    long dataStart = LENGTH_BYTES + json.length;
    String origin =
        file.path()
            + ": safetensors header ("
            + json.length
            + " bytes from byte "
            + LENGTH_BYTES
            + ")";
    var metadata = new LinkedHashMap<String, Object>();
    var tensors = new LinkedHashMap<String, TensorInfo>();
    Json.read(
        origin,
        json,
        in -> {
          in.expect(JsonToken.START_OBJECT, "expected an object");
          for (String name = in.member(); name != null; name = in.member()) {
            if (name.equals("__metadata__")) {
              texts(in, metadata);
            } else if (tensors.put(name, place(file, name, describe(in, name), dataStart))
                != null) {
              throw in.fail("tensor " + Text.quoted(name) + " is there twice");
            }
          }
          return null;
        });
    return new SafetensorsHeader(metadata, contiguous(file, tensors, dataStart));
  }

  private static byte[] headerBytes(ModelFile file) {
    if (file.size() < LENGTH_BYTES) {
      throw new CheckpointException(
          file.path()
              + ": not a safetensors file: it should begin with a header's length in 8 bytes; "
              + (file.size() == 0
                  ? "the file is empty"
                  : "the file has " + file.size() + " bytes"));
    }
    var start = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    file.read(0, start);
    long length = start.getLong(0);
    if (length < 2 || length > LONGEST) {
      throw new CheckpointException(
          file.path()
              + ": not a safetensors file: the header's length at byte 0 should be from 2 to "
              + LONGEST
              + ", found "
              + Long.toUnsignedString(length)
              + "; "
              + Content.describe(file));
    }
    if (length > file.size() - LENGTH_BYTES) {
      throw new CheckpointException(
          file.path()
              + ": the header should take "
              + length
              + " bytes from byte 8, but the file has "
              + file.size()
              + " bytes; it is cut off or damaged");
    }
    byte[] json = new byte[(int) length];
    file.read(LENGTH_BYTES, ByteBuffer.wrap(json));
    return json;
  }

  private static void texts(Json in, Map<String, Object> metadata) throws IOException {
    in.expect(JsonToken.START_OBJECT, "'__metadata__' should be an object of strings");
    for (String key = in.member(); key != null; key = in.member()) {
      metadata.put(key, in.text("'__metadata__' should hold strings only"));
    }
  }

  private static Described describe(Json in, String name) throws IOException {
    String tensor = "tensor " + Text.quoted(name);
    in.expect(JsonToken.START_OBJECT, tensor + " should be an object");
    DataType type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    for (String key = in.member(); key != null; key = in.member()) {
      switch (key) {
        case "dtype" -> type = type(in, tensor);
        case "shape" ->
            shape =
                naturals(
                    in,
                    tensor + ": 'shape' should be an array of integers from 0",
                    MOST_DIMENSIONS);
        case "data_offsets" ->
            offsets = naturals(in, tensor + ": 'data_offsets' should be two integers from 0", 2);
        default -> in.skip();
      }
    }
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw in.fail(tensor + " should have 'dtype', 'shape' and two 'data_offsets'");
    }
    return new Described(type, new Shape(shape), offsets.get(0), offsets.get(1));
  }

  private static DataType type(Json in, String tensor) throws IOException {
    String found = in.text(tensor + ": 'dtype' should be a string");
    return SafetensorsTypes.named(found)
        .orElseThrow(
            () ->
                in.fail(
                    tensor
                        + ": dtype "
                        + Text.quoted(found)
                        + " is unknown; known are "
                        + SafetensorsTypes.known()));
  }

  private static List<Long> naturals(Json in, String what, int most) throws IOException {
    in.expect(JsonToken.START_ARRAY, what);
    var values = new ArrayList<Long>();
    while (in.next() != JsonToken.END_ARRAY) {
      if (values.size() == most) {
        throw in.fail(what + ", at most " + most + " of them");
      }
      values.add(in.natural(what));
    }
    return values;
  }

  private static TensorInfo place(ModelFile file, String name, Described tensor, long dataStart) {
    long room = file.size() - dataStart;
    if (tensor.begin > tensor.end || tensor.end > room) {
      throw fail(
          file,
          name,
          "data_offsets ["
              + tensor.begin
              + ", "
              + tensor.end
              + "] should lie within the "
              + room
              + " bytes of data, which begin at byte "
              + dataStart
              + "; the file is cut off or damaged");
    }
    long expected = bytes(file, name, tensor);
    if (expected != tensor.end - tensor.begin) {
      throw fail(
          file,
          name,
          tensor.type
              + " "
              + tensor.shape
              + " needs "
              + expected
              + " bytes, but data_offsets ["
              + tensor.begin
              + ", "
              + tensor.end
              + "] give it "
              + (tensor.end - tensor.begin));
    }
    return new TensorInfo(
        name, tensor.type, tensor.shape, file.path(), dataStart + tensor.begin, expected);
  }

  private static long bytes(ModelFile file, String name, Described tensor) {
    try {
      return tensor.type.bytes(tensor.shape.elements());
    } catch (ArithmeticException e) {
      throw fail(file, name, "the shape " + tensor.shape + " is too large");
    } catch (IllegalArgumentException e) {
      throw fail(file, name, e.getMessage());
    }
  }

  private static Map<String, TensorInfo> contiguous(
      ModelFile file, Map<String, TensorInfo> tensors, long dataStart) {
    var ordered = new LinkedHashMap<String, TensorInfo>();
    long end = dataStart;
    for (TensorInfo tensor : Layout.ordered(file.path(), tensors.values())) {
      if (tensor.offset() != end && tensor.bytes() > 0) {
        throw fail(
            file,
            tensor.name(),
            "begins at byte "
                + tensor.offset()
                + ", but bytes "
                + end
                + " to "
                + tensor.offset()
                + " belong to no tensor");
      }
      end += tensor.bytes();
      ordered.put(tensor.name(), tensor);
    }
    if (end != file.size()) {
      throw new CheckpointException(
          file.path()
              + ": the tensors end at byte "
              + end
              + ", but the file has "
              + file.size()
              + " bytes; it is damaged");
    }
    return ordered;
  }

  private static CheckpointException fail(ModelFile file, String name, String message) {
    return new CheckpointException(file.path() + ": tensor " + Text.quoted(name) + ": " + message);
  }
}
