package dev.burhan.checkpoint.gguf;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.file.ModelFile;
import dev.burhan.checkpoint.file.Utf8;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;

/**
 * Reads a file's header forwards, little-endian, through a window. Every length is checked against
 * what is left of the file before anything is allocated for it; every error names the file, the
 * subject and the byte.
 */
final class HeaderCursor {
  private static final int WINDOW = 1 << 18;

  private final ModelFile file;
  private final byte[] window;
  private final ByteBuffer buffer;
  private long windowEnd;
  private String subject = "header";

  HeaderCursor(ModelFile file) {
    this.file = file;
    this.window = new byte[(int) Math.min(WINDOW, file.size())];
    this.buffer = ByteBuffer.wrap(window).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  }

  /** What errors are about from here on: a key, a tensor. */
  void subject(String subject) {
    this.subject = subject;
  }

  long position() {
    return windowEnd - buffer.remaining();
  }

  long remaining() {
    return file.size() - position();
  }

  int unsigned8() {
    need(1, "a byte");
    return buffer.get() & 0xff;
  }

  byte signed8() {
    need(1, "a byte");
    return buffer.get();
  }

  short int16() {
    need(2, "a 16-bit number");
    return buffer.getShort();
  }

  int int32() {
    need(4, "a 32-bit number");
    return buffer.getInt();
  }

  long unsigned32() {
    return int32() & 0xffff_ffffL;
  }

  long int64() {
    need(8, "a 64-bit number");
    return buffer.getLong();
  }

  /**
   * An unsigned 64-bit number of things, each at least {@code each} bytes long, that must fit into
   * the rest of the file.
   */
  long count(String things, long each) {
    long count = int64();
    if (count < 0 || count > remaining() / each) {
      throw fail(
          8,
          "should count "
              + things
              + ", found "
              + Long.toUnsignedString(count)
              + ", but the "
              + remaining()
              + " bytes left in the file have room for "
              + remaining() / each
              + " at most");
    }
    return count;
  }

  /** A string: its length as an unsigned 64-bit number, then so many bytes of UTF-8. */
  String string(String what, int longest) {
    need(8, "the length of " + what);
    long length = buffer.getLong();
    if (length == 0) {
      return "";
    }
    if (length < 0 || length > remaining()) {
      throw fail(
          8,
          what
              + " should be "
              + Long.toUnsignedString(length)
              + " bytes long, but the file ends after "
              + remaining());
    }
    if (length > longest) {
      throw fail(8, what + " is " + length + " bytes long; the limit is " + longest);
    }
    int count = (int) length;
    if (count <= window.length) {
      need(count, what);
      String text = decode(what, window, buffer.position(), count);
      buffer.position(buffer.position() + count);
      return text;
    }
    byte[] bytes = new byte[count];
    long at = position();
    file.read(at, ByteBuffer.wrap(bytes));
    windowEnd = at + count;
    buffer.position(buffer.limit());
    return decode(what, bytes, 0, count);
  }

  private String decode(String what, byte[] bytes, int from, int count) {
    try {
      return Utf8.decode(bytes, from, count);
    } catch (CharacterCodingException e) {
      throw fail(what + " is not UTF-8 (" + e.getMessage() + ")");
    }
  }

  /** Makes so many bytes available in the window. */
  void need(int bytes, String what) {
    if (buffer.remaining() < bytes) {
      refill(bytes, what);
    }
  }

  private void refill(int bytes, String what) {
    long left = remaining();
    if (left < bytes) {
      throw fail(
          0,
          "the file ends where "
              + what
              + " of "
              + bytes
              + " bytes should be; it is cut off or damaged");
    }
    long at = position();
    int count = (int) Math.min(window.length, left);
    buffer.clear().limit(count);
    file.read(at, buffer);
    buffer.flip();
    windowEnd = at + count;
  }

  CheckpointException fail(String message) {
    return fail(0, message);
  }

  /** An error about something that began {@code back} bytes ago. */
  CheckpointException fail(int back, String message) {
    return new CheckpointException(
        file.path() + ": " + subject + " at byte " + (position() - back) + ": " + message);
  }
}
