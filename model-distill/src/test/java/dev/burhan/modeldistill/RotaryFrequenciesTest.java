package dev.burhan.modeldistill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Expected numbers are NumPy's, F32, from Hugging Face's formulas (YaRN: DeepSeek's, float64). */
class RotaryFrequenciesTest {

  private static void assertClose(float[] expected, float[] found) {
    assertEquals(expected.length, found.length);
    for (int j = 0; j < expected.length; j++) {
      assertEquals(expected[j], found[j], expected[j] * 2.5e-7f, "pair " + j);
    }
  }

  @Test
  void plainFrequencies() {
    assertClose(
        new float[] {
          1.0f,
          0.17782793939113617f,
          0.03162277862429619f,
          0.005623413249850273f,
          0.0010000000474974513f,
          0.00017782794020604342f,
          3.162277425872162e-05f,
          5.62341347176698e-06f
        },
        RotaryFrequencies.plain(1e6, 16));
  }

  @Test
  void llama3ScalesLongWavesOnly() {
    float[] plain = RotaryFrequencies.plain(5e5, 16);
    assertClose(
        new float[] {
          1.0f,
          0.07940301299095154f,
          0.004700753837823868f,
          0.0009115831344388425f,
          0.00017677668074611574f,
          3.428102354519069e-05f,
          6.647870577580761e-06f,
          1.289173155782919e-06f
        },
        RotaryFrequencies.llama3(plain, 8, 1, 4, 64));
    assertClose(
        new float[] {
          1.0f,
          0.193922758102417f,
          0.03760603070259094f,
          0.00729266507551074f,
          0.0005248460220173001f,
          3.428102354519069e-05f,
          6.647870577580761e-06f,
          1.289173155782919e-06f
        },
        RotaryFrequencies.llama3(plain, 8, 1, 4, 8192));
  }

  @Test
  void yarnBlendsByPair() {
    assertClose(
        new float[] {
          1.0f,
          0.17782793939113617f,
          0.03162277489900589f,
          0.004217559937387705f,
          0.0005000000237487257f,
          4.4456985051510856e-05f,
          7.905694474175107e-06f,
          1.405853367941745e-06f
        },
        RotaryFrequencies.yarn(RotaryFrequencies.plain(1e6, 16), 4, 32, 1, 32768, 1e6));
    assertEquals(1.138629436111989, RotaryFrequencies.yarnAttention(4, 1), 1e-15);
    assertEquals(1, RotaryFrequencies.yarnAttention(1, 1));
  }

  @Test
  void linearDividesAll() {
    assertClose(new float[] {0.25f, 0.0025f}, RotaryFrequencies.linear(new float[] {1, 0.01f}, 4));
  }
}
