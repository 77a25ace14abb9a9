package dev.burhan.checkpoint.safetensors;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.file.ModelFile;
import dev.burhan.checkpoint.file.Text;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A Hugging Face folder: files by their plain names. Symbolic links are followed, as the hub's own
 * cache consists of them.
 */
record Folder(Path path) {
  static final String CONFIG = "config.json";
  static final String GENERATION = "generation_config.json";
  static final String WEIGHTS = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";
  static final List<String> TOKENIZERS = List.of("tokenizer.json", "tokenizer_config.json");

  private static final long LARGEST_DOCUMENT = 256L << 20;
  private static final int LONGEST_NAME = 255;
  private static final int SHOWN = 5;

  boolean has(String name) {
    return Files.exists(path.resolve(name)) || Files.isSymbolicLink(path.resolve(name));
  }

  /**
   * A file's path.
   *
   * @param namedBy where the name comes from, for the error about a name that is a path or
   *     otherwise not plain
   */
  Path file(String name, String namedBy) {
    boolean plain =
        !name.isEmpty()
            && name.length() <= LONGEST_NAME
            && !name.startsWith(".")
            && name.chars()
                .noneMatch(c -> c == '/' || c == '\\' || c == ':' || Character.isISOControl(c));
    if (plain) {
      try {
        return path.resolve(name);
      } catch (InvalidPathException e) {
        // falls through: a name that this system's file names can't spell
      }
    }
    throw new CheckpointException(
        namedBy
            + ": "
            + Text.quoted(name)
            + " should be the plain name of a file in the folder "
            + path);
  }

  /** A side file's bytes, if it is there. */
  Optional<byte[]> document(String name) {
    Path file = file(name, path.toString());
    return has(name) ? Optional.of(bytes(file, LARGEST_DOCUMENT)) : Optional.empty();
  }

  static byte[] bytes(Path path, long largest) {
    try (ModelFile file = ModelFile.open(path)) {
      if (file.size() > largest) {
        throw new CheckpointException(
            path + ": has " + file.size() + " bytes; the limit for such a file is " + largest);
      }
      byte[] bytes = new byte[(int) file.size()];
      file.read(0, ByteBuffer.wrap(bytes));
      return bytes;
    }
  }

  /** What is in the folder instead of what was expected, in words. */
  String describe() {
    var names = new ArrayList<String>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    } catch (IOException e) {
      return "the folder can't be listed: " + e.getMessage();
    }
    if (names.isEmpty()) {
      return "the folder is empty";
    }
    List<String> gguf =
        names.stream().filter(name -> name.endsWith(".gguf")).sorted().limit(SHOWN).toList();
    if (!gguf.isEmpty()) {
      return "it holds GGUF files: name one of them (" + String.join(", ", gguf) + ")";
    }
    if (names.stream()
        .anyMatch(
            name ->
                name.startsWith("pytorch_model")
                    || name.endsWith(".pth")
                    || name.endsWith(".pt"))) {
      return "it holds PyTorch files, which are not read: convert them to safetensors";
    }
    if (names.contains("snapshots") && names.contains("blobs")) {
      return "it is the root of a model in the hub's cache: name the folder under 'snapshots'";
    }
    List<String> shown = names.stream().sorted().limit(SHOWN).map(Text::quoted).toList();
    return "it holds "
        + String.join(", ", shown)
        + (names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "");
  }
}
