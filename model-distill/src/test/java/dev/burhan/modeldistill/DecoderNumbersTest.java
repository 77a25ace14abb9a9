package dev.burhan.modeldistill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the reference models don't cover: qwen3, sliding windows, GGUF's order of rows. */
class DecoderNumbersTest {
  private static final int[] IDS = {1, 7, 3, 3, 9, 0, 4};

  /** Last position's logits of a float64 forward in NumPy, written from the papers. */
  private static final float[] QWEN3 = {
    -0.3284218f,
    -0.6700639f,
    -0.7109356f,
    -0.4326909f,
    0.0397750f,
    0.4943872f,
    0.7270847f,
    0.6334169f,
    0.2554284f,
    -0.2372137f
  };

  private static float[] last(float[] logits) {
    return Arrays.copyOfRange(logits, logits.length - TinyDecoder.VOCABULARY, logits.length);
  }

  @Test
  void qwen3NormalisesHeadsAndItsLaterLayersSeeAWindow() {
    TinyDecoder tiny = TinyDecoder.huggingFace("qwen3", true);
    tiny.key("use_sliding_window", true).key("sliding_window", 3L).key("max_window_layers", 1L);
    assertArrayEquals(QWEN3, last(OracleRun.logits(new Qwen3(), tiny.checkpoint(), IDS)), 2e-6f);

    tiny.keys.remove("max_window_layers");
    tiny.key("layer_types", new String[] {"full_attention", "sliding_attention"});
    assertArrayEquals(QWEN3, last(OracleRun.logits(new Qwen3(), tiny.checkpoint(), IDS)), 2e-6f);

    tiny.key("use_sliding_window", false);
    float[] unwindowed = last(OracleRun.logits(new Qwen3(), tiny.checkpoint(), IDS));
    assertFalse(Math.abs(unwindowed[0] - QWEN3[0]) < 1e-4);
  }

  @Test
  void ggufGivesTheSameLogitsAsTheFolderItWasConvertedFrom() {
    float[] llama =
        OracleRun.logits(new Llama(), TinyDecoder.huggingFace("llama", false).checkpoint(), IDS);
    assertArrayEquals(
        llama,
        OracleRun.logits(
            new Llama(), TinyDecoder.gguf("llama", false).permuted().checkpoint(), IDS),
        1e-6f);
    float[] qwen2 =
        OracleRun.logits(
            new Qwen2(), TinyDecoder.huggingFace("qwen2", false).biased().checkpoint(), IDS);
    assertArrayEquals(
        qwen2,
        OracleRun.logits(new Qwen2(), TinyDecoder.gguf("qwen2", false).biased().checkpoint(), IDS));
    float[] qwen3 =
        OracleRun.logits(new Qwen3(), TinyDecoder.huggingFace("qwen3", true).checkpoint(), IDS);
    assertArrayEquals(
        qwen3, OracleRun.logits(new Qwen3(), TinyDecoder.gguf("qwen3", true).checkpoint(), IDS));
  }

  @Test
  void frequencyFactorsInGgufEqualTheConfigsScaling() {
    TinyDecoder folder = TinyDecoder.huggingFace("llama", false);
    folder
        .key("rope_theta", 100.0)
        .key("rope_scaling.rope_type", "llama3")
        .key("rope_scaling.factor", 8.0)
        .key("rope_scaling.low_freq_factor", 1.0)
        .key("rope_scaling.high_freq_factor", 4.0)
        .key("rope_scaling.original_max_position_embeddings", 16L);
    float[] plain = RotaryFrequencies.plain(100, TinyDecoder.HEAD_DIM);
    float[] scaled = RotaryFrequencies.llama3(plain, 8, 1, 4, 16);
    TinyDecoder gguf = TinyDecoder.gguf("llama", false).permuted();
    gguf.key("llama.rope.freq_base", 100.0);
    var checkpoint = gguf.checkpoint();
    checkpoint.tensor(
        GgufSettings.ROPE_FACTORS,
        dev.burhan.tensor.Shape.of(3),
        plain[0] / scaled[0],
        plain[1] / scaled[1],
        plain[2] / scaled[2]);
    assertFalse(Arrays.equals(plain, scaled));
    assertArrayEquals(
        OracleRun.logits(new Llama(), folder.checkpoint(), IDS),
        OracleRun.logits(new Llama(), checkpoint, IDS),
        1e-6f);
  }

  @Test
  void oldFoldersMayStoreTheirFrequenciesAndACopyOfATiedHead() {
    TinyDecoder tied = TinyDecoder.huggingFace("llama", false).key("tie_word_embeddings", true);
    float[] withCopy = OracleRun.logits(new Llama(), tied.checkpoint(), IDS);
    tied.remove("lm_head.weight").put("model.layers.0.self_attn.rotary_emb.inv_freq", 0, 0, 3);
    assertArrayEquals(withCopy, OracleRun.logits(new Llama(), tied.checkpoint(), IDS));
    TinyDecoder gguf = TinyDecoder.gguf("llama", false).permuted().remove("output.weight");
    assertArrayEquals(withCopy, OracleRun.logits(new Llama(), gguf.checkpoint(), IDS), 1e-6f);
  }
}
