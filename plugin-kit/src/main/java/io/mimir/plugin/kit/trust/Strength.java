package io.mimir.plugin.kit.trust;

import java.math.BigInteger;

/** Which keys are strong enough. */
final class Strength {

  private static final int LEAST_RSA = 2048;
  private static final int MAX_RSA_BITS = 8192;

  private Strength() {}

  static void checkRsa(BigInteger modulus, BigInteger exponent) throws KeyException {
    if (modulus.bitLength() < LEAST_RSA) {
      throw new KeyException(
          "The RSA key has " + modulus.bitLength() + " bits: use one of 2048 at least, or Ed25519");
    }
    if (modulus.bitLength() > MAX_RSA_BITS) {
      throw new KeyException("The RSA key has more than " + MAX_RSA_BITS + " bits");
    }
    if (!modulus.testBit(0)
        || !exponent.testBit(0)
        || exponent.compareTo(BigInteger.valueOf(3)) < 0
        || exponent.bitLength() > 64) {
      throw new KeyException("The RSA key protects nothing: make another one");
    }
  }
}
