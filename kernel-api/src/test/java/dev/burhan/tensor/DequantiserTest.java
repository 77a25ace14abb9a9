package dev.burhan.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DequantiserTest {

  private static List<String> vectors() throws IOException {
    try (var reader =
        new BufferedReader(
            new InputStreamReader(
                DequantiserTest.class.getResourceAsStream("dequantised.txt"),
                StandardCharsets.US_ASCII))) {
      return reader.lines().filter(line -> !line.startsWith("#")).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void everyFormatEqualsItsReferenceToTheBit(String vector) throws GeneralSecurityException {
    String[] fields = vector.split(" ");
    DataType type = DataType.named(fields[0]).orElseThrow();
    byte[] stored = HexFormat.of().parseHex(fields[1]);
    int count = stored.length / type.blockBytes() * type.blockElements();

    float[] numbers = Dequantiser.decode(type, count, MemorySegment.ofArray(stored), 0);

    for (int i = 0; i < 4; i++) {
      assertEquals(Float.parseFloat(fields[3 + i]), numbers[i], type + " number " + i);
    }
    assertEquals(fields[2], sha256(numbers), type.name());
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void offsetsAreRespected(String vector) {
    String[] fields = vector.split(" ");
    DataType type = DataType.named(fields[0]).orElseThrow();
    byte[] stored = HexFormat.of().parseHex(fields[1]);
    int count = stored.length / type.blockBytes() * type.blockElements();
    byte[] shifted = new byte[stored.length + 3];
    System.arraycopy(stored, 0, shifted, 3, stored.length);

    float[] there = new float[count + 1];
    Dequantiser.decode(
        type, count, MemorySegment.ofArray(shifted), 3, MemorySegment.ofArray(there), 4);

    assertEquals(0, there[0]);
    assertArrayEquals(
        Dequantiser.decode(type, count, MemorySegment.ofArray(stored), 0),
        java.util.Arrays.copyOfRange(there, 1, count + 1));
  }

  @Test
  void wideFloatsAndQ8KFollowTheirDefinition() {
    ByteBuffer bytes = ByteBuffer.allocate(292).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(0, 0.5f).put(4, (byte) -3).put(259, (byte) 127);
    float[] q8k = Dequantiser.decode(DataType.Q8_K, 256, MemorySegment.ofBuffer(bytes), 0);
    assertEquals(-1.5f, q8k[0]);
    assertEquals(0, q8k[1]);
    assertEquals(63.5f, q8k[255]);

    bytes.putDouble(0, 0.1).putFloat(8, -7.25f);
    MemorySegment segment = MemorySegment.ofBuffer(bytes);
    assertEquals(0.1f, Dequantiser.decode(DataType.F64, 1, segment, 0)[0]);
    assertEquals(-7.25f, Dequantiser.decode(DataType.F32, 1, segment, 8)[0]);
  }

  @Test
  void nanOfE4M3StaysNaN() {
    assertTrue(Float.isNaN(Dequantiser.e4m3((byte) 0x7f)));
    assertTrue(Float.isNaN(Dequantiser.e4m3((byte) 0xff)));
    assertEquals(448f, Dequantiser.e4m3((byte) 0x7e));
  }

  @Test
  void unknownTypesAreRefused() {
    assertFalse(Dequantiser.supports(DataType.I32));
    assertThrows(
        IllegalArgumentException.class,
        () -> Dequantiser.decode(DataType.I32, 1, MemorySegment.ofArray(new byte[4]), 0));
  }

  private static String sha256(float[] numbers) throws GeneralSecurityException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
  }
}
