package dev.burhan.kernel.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** NumPy's file format, version 1.0 (NEP 1), for float32 matrices. */
final class NumpyFile {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  private static final int ALIGNMENT = 64;

  private NumpyFile() {}

  static void writeHeader(OutputStream out, int rows, int cols) throws IOException {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + cols + "), }";
    int unpadded = MAGIC.length + 2 + header.length() + 1;
    String padded =
        header + " ".repeat(Math.ceilDiv(unpadded, ALIGNMENT) * ALIGNMENT - unpadded) + "\n";
    out.write(MAGIC);
    out.write(padded.length() & 0xff);
    out.write(padded.length() >>> 8);
    out.write(padded.getBytes(StandardCharsets.US_ASCII));
  }

  static void writeRow(OutputStream out, float[] row) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(row.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(row);
    out.write(bytes.array());
  }
}
