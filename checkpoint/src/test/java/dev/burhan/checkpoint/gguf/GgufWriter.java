package dev.burhan.checkpoint.gguf;

import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes GGUF version 3. Values keep the type they are given in; a plain {@code Long} becomes an
 * UINT32 where it fits (as llama.cpp expects of most keys), else an INT64; use {@link Typed} for
 * another one.
 */
public final class GgufWriter {
  private static final int DEFAULT_ALIGNMENT = 32;

  /** A value with the number of its GGUF type; an array's type is its elements' type. */
  public record Typed(int type, Object value) {}

  /** Where the parts of a header begin: what a fuzzer wants to aim at. */
  interface Marks {
    void mark(String what, int offset);
  }

  private record Tensor(int type, Shape shape, byte[] data, long bytes) {}

  private final Map<String, Object> values = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private int alignment = DEFAULT_ALIGNMENT;
  private int version = 3;

  GgufWriter version(int version) {
    this.version = version;
    return this;
  }

  GgufWriter alignment(int alignment) {
    this.alignment = alignment;
    return put(GgufHeader.ALIGNMENT, (long) alignment);
  }

  /** A String, Boolean, Long, Integer, Double, Float, an array of these, or {@link Typed}. */
  public GgufWriter put(String key, Object value) {
    values.put(key, value);
    return this;
  }

  /**
   * Adds a tensor.
   *
   * @param shape outermost dimension first
   * @param data as many bytes as type and shape need
   */
  public GgufWriter tensor(String name, DataType type, Shape shape, byte[] data) {
    if (data.length != type.bytes(shape.elements())) {
      throw new IllegalArgumentException(
          "tensor "
              + name
              + " needs "
              + type.bytes(shape.elements())
              + " bytes, found "
              + data.length);
    }
    int number =
        GgmlTypes.number(type)
            .orElseThrow(() -> new IllegalArgumentException("GGUF has no type " + type));
    tensors.put(name, new Tensor(number, shape, data, data.length));
    return this;
  }

  /** Describes a tensor whose data someone else writes. */
  GgufWriter described(String name, DataType type, Shape shape) {
    int number =
        GgmlTypes.number(type)
            .orElseThrow(() -> new IllegalArgumentException("GGUF has no type " + type));
    tensors.put(name, new Tensor(number, shape, new byte[0], type.bytes(shape.elements())));
    return this;
  }

  /** The keys in the order of the file. */
  java.util.List<String> keys() {
    return java.util.List.copyOf(values.keySet());
  }

  /** The whole file. */
  byte[] bytes() {
    var out = new ByteArrayOutputStream();
    write(out);
    return out.toByteArray();
  }

  public void write(Path path) {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path))) {
      write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(OutputStream out) {
    try {
      byte[] header = header((what, offset) -> {});
      out.write(header);
      long end = header.length;
      for (Tensor tensor : tensors.values()) {
        end += pad(out, end);
        out.write(tensor.data);
        end += tensor.data.length;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int pad(OutputStream out, long end) throws IOException {
    int gap = (int) (-end & alignment - 1);
    out.write(new byte[gap]);
    return gap;
  }

  byte[] header(Marks marks) {
    var out = new Out(marks);
    out.marked("magic").int32(GgufHeader.MAGIC);
    out.marked("version").int32(version);
    out.marked("tensor count").int64(tensors.size());
    out.marked("key count").int64(values.size());
    values.forEach(
        (key, value) -> {
          out.marked("key " + key).string(key);
          out.typed(value);
        });
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      out.marked("tensor " + entry.getKey()).string(entry.getKey());
      out.marked("rank").int32(tensor.shape.rank());
      for (int axis = tensor.shape.rank() - 1; axis >= 0; axis--) {
        out.marked("dimension").int64(tensor.shape.dim(axis));
      }
      out.marked("tensor type").int32(tensor.type);
      out.marked("offset").int64(offset);
      offset += tensor.bytes + (-tensor.bytes & alignment - 1);
    }
    return out.bytes();
  }

  /** Little-endian primitives of the format. */
  private static final class Out {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ByteBuffer scratch = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    private final Marks marks;

    Out(Marks marks) {
      this.marks = marks;
    }

    Out marked(String what) {
      marks.mark(what, bytes.size());
      return this;
    }

    byte[] bytes() {
      return bytes.toByteArray();
    }

    void int8(long value) {
      bytes.write((int) value);
    }

    void int16(long value) {
      bytes.write(scratch.putShort(0, (short) value).array(), 0, 2);
    }

    void int32(long value) {
      bytes.write(scratch.putInt(0, (int) value).array(), 0, 4);
    }

    void int64(long value) {
      bytes.write(scratch.putLong(0, value).array(), 0, 8);
    }

    void string(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      marked("string length").int64(utf8.length);
      marked("string").bytes.write(utf8, 0, utf8.length);
    }

    void typed(Object value) {
      int type = type(value);
      marked("value type").int32(isArray(value) ? GgufValues.ARRAY : type);
      marked("value");
      if (isArray(value)) {
        array(type, value instanceof Typed typed ? typed.value : value);
      } else {
        scalar(type, value instanceof Typed typed ? typed.value : value);
      }
    }

    private static boolean isArray(Object value) {
      return (value instanceof Typed typed ? typed.value : value).getClass().isArray();
    }

    private void array(int type, Object array) {
      int count = java.lang.reflect.Array.getLength(array);
      marked("element type").int32(type);
      marked("array count").int64(count);
      for (int i = 0; i < count; i++) {
        Object element = java.lang.reflect.Array.get(array, i);
        if (type == GgufValues.ARRAY) {
          array(type(element), element instanceof Typed typed ? typed.value : element);
        } else {
          scalar(type, element);
        }
      }
    }

    private void scalar(int type, Object value) {
      switch (type) {
        case GgufValues.STRING -> string((String) value);
        case GgufValues.BOOL -> int8((Boolean) value ? 1 : 0);
        case GgufValues.FLOAT32 -> int32(Float.floatToRawIntBits(((Number) value).floatValue()));
        case GgufValues.FLOAT64 ->
            int64(Double.doubleToRawLongBits(((Number) value).doubleValue()));
        case GgufValues.UINT8, GgufValues.INT8 -> int8(((Number) value).longValue());
        case GgufValues.UINT16, GgufValues.INT16 -> int16(((Number) value).longValue());
        case GgufValues.UINT32, GgufValues.INT32 -> int32(((Number) value).longValue());
        default -> int64(((Number) value).longValue());
      }
    }

    private static int type(Object value) {
      return switch (value) {
        case Typed typed -> typed.type;
        case String _, String[] _ -> GgufValues.STRING;
        case Boolean _, boolean[] _ -> GgufValues.BOOL;
        case Float _, float[] _ -> GgufValues.FLOAT32;
        case Double _, double[] _ -> GgufValues.FLOAT64;
        case Integer _, int[] _ -> GgufValues.INT32;
        case Long number ->
            number >= 0 && number <= 0xffff_ffffL ? GgufValues.UINT32 : GgufValues.INT64;
        case long[] _ -> GgufValues.INT64;
        case Object[] _ -> GgufValues.ARRAY;
        default -> throw new IllegalArgumentException("GGUF has no type for " + value.getClass());
      };
    }
  }
}
