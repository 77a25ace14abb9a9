package dev.burhan.text.format;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.provider.Provider;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.TextFormat;
import dev.burhan.text.Tokenizer;
import java.nio.file.Files;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/**
 * Byte-level BPE tokenizers and Jinja chat templates, from GGUF metadata and from Hugging Face
 * folders.
 */
@Component(service = Provider.class)
public final class CheckpointText implements TextFormat {

  @Override
  public String name() {
    return "byte-level-bpe";
  }

  @Override
  public boolean supports(Checkpoint checkpoint) {
    if (isGguf(checkpoint)) {
      return checkpoint
          .metadata()
          .value(GgufTokenizer.MODEL)
          .filter(GgufTokenizer.BYTE_LEVEL_BPE::equals)
          .isPresent();
    }
    // the file is megabytes: look whether it is there before reading it only to know that it is
    return Files.isRegularFile(checkpoint.path().resolve(HuggingFaceTokenizer.FILE))
        || checkpoint.document(HuggingFaceTokenizer.FILE).isPresent();
  }

  @Override
  public Tokenizer tokenizer(Checkpoint checkpoint) {
    if (isGguf(checkpoint)) {
      return GgufTokenizer.open(checkpoint);
    }
    byte[] document =
        checkpoint
            .document(HuggingFaceTokenizer.FILE)
            .orElseThrow(
                () ->
                    new CheckpointException(
                        checkpoint.path()
                            + ": there is no tokenizer.json; a vocabulary in other files is not supported"));
    return HuggingFaceTokenizer.open(checkpoint, document);
  }

  @Override
  public Optional<ChatFormat> chatFormat(Checkpoint checkpoint) {
    return ChatTemplates.of(checkpoint);
  }

  private static boolean isGguf(Checkpoint checkpoint) {
    return checkpoint.format().equals("gguf");
  }
}
