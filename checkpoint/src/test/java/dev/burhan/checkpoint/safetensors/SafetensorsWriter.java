package dev.burhan.checkpoint.safetensors;

import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes safetensors files, correct ones and, with {@link #file(String, int)}, others. */
final class SafetensorsWriter {
  private final List<String> entries = new ArrayList<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  SafetensorsWriter metadata(String json) {
    entries.add("\"__metadata__\":" + json);
    return this;
  }

  SafetensorsWriter tensor(String name, DataType type, Shape shape, byte[] bytes) {
    int begin = data.size();
    data.writeBytes(bytes);
    entries.add(
        "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
            .formatted(name, type.name(), shape.dims(), begin, data.size()));
    return this;
  }

  byte[] bytes() {
    return file("{" + String.join(",", entries) + "}", data.toByteArray());
  }

  void write(Path path) {
    try {
      Files.write(path, bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Any header before so many zero bytes. */
  static byte[] file(String header, int dataBytes) {
    return file(header, new byte[dataBytes]);
  }

  private static byte[] file(String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }
}
