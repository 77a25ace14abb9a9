package dev.burhan.tensor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The tables that ggml's IQ types index: an entry is several small integers. They are part of the
 * formats ({@code ggml-common.h}), see {@link DataType} for how each type uses its own.
 */
public enum Codebook {
  /** For IQ1_S and IQ1_M: 2048 entries of 8 numbers, -1 to 1. */
  IQ1,
  /** 256 entries of 8 numbers: 8, 25 or 43. */
  IQ2_XXS,
  /** 512 entries of 8 numbers: 8, 25 or 43. */
  IQ2_XS,
  /** 1024 entries of 8 numbers: 8, 25 or 43. */
  IQ2_S,
  /** 256 entries of 4 numbers from 4 to 62. */
  IQ3_XXS,
  /** 512 entries of 4 odd numbers from 1 to 15. */
  IQ3_S,
  /** For IQ4_NL and IQ4_XS: 16 entries of one number, -127 to 113. */
  IQ4;

  private final byte[] numbers; // (size, width)
  private final int width;

  Codebook() {
    Table table = Tables.BY_NAME.get(name());
    this.numbers = table.numbers;
    this.width = table.width;
  }

  /** How many entries. */
  public int size() {
    return numbers.length / width;
  }

  /** Numbers an entry. */
  public int width() {
    return width;
  }

  /** Number {@code place} of an entry. */
  public byte number(int entry, int place) {
    return numbers[entry * width + place];
  }

  private record Table(byte[] numbers, int width) {}

  private static final class Tables {
    private static final String RESOURCE = "codebooks.txt";
    private static final int DIGITS = 4; // an entry
    private static final byte[] IQ4_NUMBERS = {
      -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
    };

    static final Map<String, Table> BY_NAME = read();

    private static Map<String, Table> read() {
      Map<String, Table> tables = new HashMap<>();
      tables.put("IQ4", new Table(IQ4_NUMBERS, 1));
      try (var in = Codebook.class.getResourceAsStream(RESOURCE);
          var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
        String[] head = null;
        StringBuilder entries = new StringBuilder();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          if (line.startsWith("IQ")) {
            put(tables, head, entries);
            head = line.split(" ");
          } else if (!line.startsWith("#")) {
            entries.append(line);
          }
        }
        put(tables, head, entries);
      } catch (IOException e) {
        throw new UncheckedIOException("resource " + RESOURCE + " can't be read", e);
      }
      return tables;
    }

    /** Takes the entries that were read since the head line, if there was one. */
    private static void put(Map<String, Table> tables, String[] head, StringBuilder entries) {
      if (head == null) {
        return;
      }
      int width = Integer.parseInt(head[1]);
      int bits = 4 * DIGITS / width;
      byte[] numbers = new byte[entries.length() / DIGITS * width];
      for (int i = 0; i < numbers.length; i++) {
        int at = i / width * DIGITS;
        int entry = Integer.parseInt(entries, at, at + DIGITS, 16);
        int value = entry >> i % width * bits & (1 << bits) - 1;
        numbers[i] = Byte.parseByte(head[2 + value]);
      }
      tables.put(head[0], new Table(numbers, width));
      entries.setLength(0);
    }
  }
}
