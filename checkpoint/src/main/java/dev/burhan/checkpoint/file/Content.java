package dev.burhan.checkpoint.file;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Says in words what a file is that is not what was expected, by its first bytes. */
public final class Content {
  private static final int LOOK = 64;

  private Content() {}

  /** Such as {@code "found a Git LFS pointer instead of the file itself: run git lfs pull"}. */
  public static String describe(ModelFile file) {
    if (file.size() == 0) {
      return "the file is empty";
    }
    byte[] start = new byte[(int) Math.min(LOOK, file.size())];
    file.read(0, ByteBuffer.wrap(start));
    String text = new String(start, StandardCharsets.ISO_8859_1);
    String lower = text.stripLeading().toLowerCase(Locale.ROOT);
    if (text.startsWith("version https://git-lfs")) {
      return "found a Git LFS pointer instead of the file itself: run git lfs pull";
    }
    if (lower.startsWith("<!doctype") || lower.startsWith("<html")) {
      return "found a web page; the download was answered by a page instead of the file";
    }
    if (text.startsWith("PK\3\4")) {
      return "found a zip archive (a PyTorch or Keras file?)";
    }
    if (text.startsWith("\u001f\u008b")) {
      return "found gzip data: unpack it first";
    }
    if (text.startsWith("lmgg")
        || text.startsWith("fmgg")
        || text.startsWith("tjgg")
        || text.startsWith("algg")) {
      return "found a GGML file from before GGUF: convert it with llama.cpp's tools";
    }
    if (text.startsWith("GGUF")) {
      return "found a GGUF file";
    }
    if (text.chars().allMatch(c -> c >= ' ' && c < 127 || c == '\n' || c == '\r' || c == '\t')) {
      return "found text: " + Text.quoted(text.substring(0, Math.min(24, text.length())));
    }
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < Math.min(4, start.length); i++) {
      hex.append(String.format(" %02x", start[i]));
    }
    return "found the bytes" + hex;
  }
}
