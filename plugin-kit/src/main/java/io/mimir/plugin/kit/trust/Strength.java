package io.mimir.plugin.kit.trust;

import java.math.BigInteger;

/** Which keys are strong enough. */
final class Strength {

  private static final int LEAST_RSA = 2048;
  private static final int MOST_RSA = 8192;

  private Strength() {}

  static void checkRsa(BigInteger modulus, BigInteger exponent) throws KeyException {
    if (modulus.bitLength() < LEAST_RSA) {
      throw new KeyException(
          "The RSA key has " + modulus.bitLength() + " bits: use one of 2048 at least, or Ed25519");
    }
    if (modulus.bitLength() > MOST_RSA) {
      throw new KeyException("The RSA key has more than " + MOST_RSA + " bits");
    }
    if (!modulus.testBit(0)
        || !exponent.testBit(0)
        || exponent.compareTo(BigInteger.valueOf(3)) < 0
        || exponent.bitLength() > 64) {
      throw new KeyException("The RSA key protects nothing: make another one");
    }
  }
}
