package dev.burhan.checkpoint.gguf;

import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The header of a GGUF file, version 3, to be written: pairs and descriptions of tensors. Whoever
 * writes the file puts the tensors' bytes behind it in the order of their description, each at the
 * next multiple of {@link #ALIGNMENT}.
 */
public final class GgufOutput {
  /** In bytes; the format's default, so no key says it. */
  public static final int ALIGNMENT = 32;

  private static final int VERSION = 3;

  private final Map<String, Object> values = new LinkedHashMap<>();
  private final Map<String, Described> tensors = new LinkedHashMap<>();

  private record Described(int type, Shape shape, long bytes) {}

  /**
   * Adds a pair. As other readers expect of the keys there are: an {@code Integer} becomes an
   * UINT32, an {@code int[]} an array of INT32, a {@code Float} a FLOAT32; beside these String,
   * Boolean and {@code String[]}.
   */
  public GgufOutput put(String key, Object value) {
    if (value instanceof Integer number && number < 0) {
      throw new IllegalArgumentException(key + " is negative: " + number);
    }
    values.put(key, value);
    return this;
  }

  /** Describes the next tensor. */
  public void tensor(String name, DataType type, Shape shape) {
    int number =
        GgmlTypes.number(type)
            .orElseThrow(() -> new IllegalArgumentException("GGUF has no type " + type));
    long bytes = Math.multiplyExact(shape.rows(), type.bytes(shape.cols()));
    if (tensors.put(name, new Described(number, shape, bytes)) != null) {
      throw new IllegalArgumentException("tensor " + name + " is described twice");
    }
  }

  /** Zeros that follow so many bytes. */
  public static int padding(long bytes) {
    return (int) (-bytes & ALIGNMENT - 1);
  }

  /** Bytes of the whole file. */
  public long fileBytes() {
    long bytes = header().length;
    for (Described tensor : tensors.values()) {
      bytes += tensor.bytes + padding(tensor.bytes);
    }
    return bytes;
  }

  /** Up to where the first tensor begins. */
  public byte[] header() {
    Out out = new Out();
    out.int32(GgufHeader.MAGIC);
    out.int32(VERSION);
    out.int64(tensors.size());
    out.int64(values.size());
    values.forEach(
        (key, value) -> {
          out.string(key);
          out.value(value);
        });
    long offset = 0;
    for (Map.Entry<String, Described> entry : tensors.entrySet()) {
      Described tensor = entry.getValue();
      out.string(entry.getKey());
      out.int32(tensor.shape.rank());
      for (int axis = tensor.shape.rank() - 1; axis >= 0; axis--) {
        out.int64(tensor.shape.dim(axis)); // the file lists the innermost first
      }
      out.int32(tensor.type);
      out.int64(offset);
      offset += tensor.bytes + padding(tensor.bytes);
    }
    out.bytes.write(new byte[padding(out.bytes.size())], 0, padding(out.bytes.size()));
    return out.bytes.toByteArray();
  }

  /** Little-endian primitives of the format. */
  private static final class Out {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ByteBuffer scratch = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

    void int32(int value) {
      bytes.write(scratch.putInt(0, value).array(), 0, 4);
    }

    void int64(long value) {
      bytes.write(scratch.putLong(0, value).array(), 0, 8);
    }

    void string(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      int64(utf8.length);
      bytes.write(utf8, 0, utf8.length);
    }

    void value(Object value) {
      switch (value) {
        case String text -> {
          int32(GgufValues.STRING);
          string(text);
        }
        case Boolean flag -> {
          int32(GgufValues.BOOL);
          bytes.write(flag ? 1 : 0);
        }
        case Integer number -> {
          int32(GgufValues.UINT32);
          int32(number);
        }
        case Float number -> {
          int32(GgufValues.FLOAT32);
          int32(Float.floatToRawIntBits(number));
        }
        case String[] texts -> {
          array(GgufValues.STRING, texts.length);
          for (String text : texts) {
            string(text);
          }
        }
        case int[] numbers -> {
          array(GgufValues.INT32, numbers.length);
          for (int number : numbers) {
            int32(number);
          }
        }
        default ->
            throw new IllegalArgumentException("a value can't be a " + value.getClass().getName());
      }
    }

    private void array(int type, int count) {
      int32(GgufValues.ARRAY);
      int32(type);
      int64(count);
    }
  }
}
