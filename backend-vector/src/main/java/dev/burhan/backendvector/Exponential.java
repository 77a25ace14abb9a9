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
 *
 * <p>Some 30 vector operations, which is about all that the compiler makes instructions of in one
 * method: callers load from arrays, do little else, and are called where they are not inlined.
 */
final class Exponential {
  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Leaves the nearest integer in the low bits, and none above them in the lowest nine. */
  private static final float ROUND = 0x1.8p23f;

  /** Below it the result counts as 0, above it as the power of the bound. */
  private static final float LEAST = -87.0f;

  private static final float GREATEST = 88.0f;

  private Exponential() {}

  static FloatVector of(FloatVector x, Lanes lanes) {
    FloatVector bounded = x.min(GREATEST).max(LEAST);
    FloatVector rounded = bounded.mul(LOG2_E).add(ROUND);
    FloatVector n = rounded.sub(ROUND);
    FloatVector r = n.fma(broadcast(lanes, -LN2_HIGH), bounded);
    r = n.fma(broadcast(lanes, -LN2_LOW), r);
    FloatVector p = r.fma(broadcast(lanes, 1f / 5040), broadcast(lanes, 1f / 720));
    p = p.fma(r, broadcast(lanes, 1f / 120));
    p = p.fma(r, broadcast(lanes, 1f / 24));
    p = p.fma(r, broadcast(lanes, 1f / 6));
    p = p.fma(r, broadcast(lanes, 0.5f));
    FloatVector one = broadcast(lanes, 1);
    p = p.fma(r, one);
    p = p.fma(r, one);
    IntVector exponent = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    FloatVector power = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    return power.blend(0f, x.compare(VectorOperators.LT, LEAST));
  }

  /** By a species that is a constant: {@code x.species()} is none, and its vectors are objects. */
  private static FloatVector broadcast(Lanes lanes, float number) {
    return FloatVector.broadcast(lanes.floats(), number);
  }

  /** The same of one number, bit for bit. */
  static float of(float x) {
    if (x < LEAST) {
      return 0;
    }
    float bounded = Math.min(x, GREATEST);
    float rounded = bounded * LOG2_E + ROUND;
    float n = rounded - ROUND;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, bounded));
    float p = Math.fma(r, 1f / 5040, 1f / 720);
    p = Math.fma(p, r, 1f / 120);
    p = Math.fma(p, r, 1f / 24);
    p = Math.fma(p, r, 1f / 6);
    p = Math.fma(p, r, 0.5f);
    p = Math.fma(p, r, 1);
    p = Math.fma(p, r, 1);
    return Float.intBitsToFloat(
        Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(rounded) << 23));
  }
}
