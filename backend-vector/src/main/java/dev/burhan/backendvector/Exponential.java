package dev.burhan.backendvector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * e to the power of x, within 2 units in the last place. Own code and not {@code lanewise(EXP)},
 * whose bits differ between interpreted and compiled code and between platforms.
 *
 * <p>x = n ln 2 + r with |r| at most ln(2) / 2 (Cody and Waite's reduction in two parts), e^r by
 * its Taylor polynomial of degree 7, times 2^n by adding n to the exponent.
 */
final class Exponential {
  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float ROUND = 0x1.8p23f;

  /** Below it the result counts as 0, above it as the power of the bound. */
  private static final float LEAST = -87.0f;

  private static final float GREATEST = 88.0f;

  private Exponential() {}

  static FloatVector of(FloatVector x) {
    FloatVector bounded = x.min(GREATEST).max(LEAST);
    FloatVector rounded = bounded.mul(LOG2_E).add(ROUND);
    FloatVector n = rounded.sub(ROUND);
    FloatVector r = n.fma(broadcast(x, -LN2_HIGH), bounded);
    r = n.fma(broadcast(x, -LN2_LOW), r);
    FloatVector p = r.fma(broadcast(x, 1f / 5040), broadcast(x, 1f / 720));
    p = p.fma(r, broadcast(x, 1f / 120));
    p = p.fma(r, broadcast(x, 1f / 24));
    p = p.fma(r, broadcast(x, 1f / 6));
    p = p.fma(r, broadcast(x, 0.5f));
    p = p.fma(r, broadcast(x, 1));
    p = p.fma(r, broadcast(x, 1));
    IntVector exponent =
        rounded
            .reinterpretAsInts()
            .sub(Float.floatToRawIntBits(ROUND))
            .lanewise(VectorOperators.LSHL, 23);
    FloatVector power = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    return power.blend(0f, x.compare(VectorOperators.LT, LEAST));
  }

  private static FloatVector broadcast(FloatVector like, float number) {
    return FloatVector.broadcast(like.species(), number);
  }
}
