package io.mimir.plugin.kit.trust;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;

/**
 * A line of an SSH {@code .pub} file. Sources: RFC 4253, section 6.6 (ssh-rsa); RFC 5656, section
 * 3.1 (ecdsa-sha2-nistp256); RFC 8709, section 4 (ssh-ed25519).
 */
final class SshKey extends PublisherKey {

  static final String ED25519 = "ssh-ed25519";
  static final String RSA = "ssh-rsa";
  static final String ECDSA = "ecdsa-sha2-nistp256";

  private static final X9ECParameters P256 = ECNamedCurveTable.getByName("P-256");
  private static final ECDomainParameters DOMAIN = new ECDomainParameters(P256);

  private final byte[] blob;
  private final String algorithm;
  private final byte[] edwards;
  private final RSAPublicKeySpec rsa;
  private final ECPublicKeyParameters ecdsa;

  private SshKey(
      String text,
      byte[] blob,
      String algorithm,
      byte[] edwards,
      RSAPublicKeySpec rsa,
      ECPublicKeyParameters ecdsa) {
    super(KeyKind.SSH, text, fingerprint(blob));
    this.blob = blob;
    this.algorithm = algorithm;
    this.edwards = edwards;
    this.rsa = rsa;
    this.ecdsa = ecdsa;
  }

  static SshKey read(String text) throws KeyException {
    String[] parts = text.split("[ \t]+", 3);
    byte[] blob =
        parts.length < 2 || text.indexOf('\n') >= 0 ? null : Encoding.base64(parts[1]).orElse(null);
    if (blob == null) {
      throw new KeyException(
          "An SSH key is the one line of a .pub file: ssh-ed25519, then Base64, then a comment");
    }
    try {
      SshBuffer in = new SshBuffer(blob);
      if (!in.text().equals(parts[0])) {
        throw new KeyException("The SSH key is broken");
      }
      SshKey key = read(text, blob, parts[0], in);
      in.end();
      return key;
    } catch (SshBuffer.BrokenException e) {
      throw new KeyException("The SSH key is broken");
    }
  }

  private static SshKey read(String text, byte[] blob, String algorithm, SshBuffer in)
      throws SshBuffer.BrokenException, KeyException {
    switch (algorithm) {
      case ED25519 -> {
        byte[] key = in.bytes();
        if (!Ed25519.isKey(key)) {
          throw new KeyException("The SSH key is no Ed25519 key, or one that protects nothing");
        }
        return new SshKey(text, blob, algorithm, key, null, null);
      }
      case RSA -> {
        BigInteger exponent = in.positive();
        BigInteger modulus = in.positive();
        Strength.checkRsa(modulus, exponent);
        return new SshKey(
            text, blob, algorithm, null, new RSAPublicKeySpec(modulus, exponent), null);
      }
      case ECDSA -> {
        if (!in.text().equals("nistp256")) {
          throw new KeyException("The SSH key is broken");
        }
        return new SshKey(text, blob, algorithm, null, null, point(in.bytes()));
      }
      default ->
          throw new KeyException("An SSH key must be ssh-ed25519, ssh-rsa or ecdsa-sha2-nistp256");
    }
  }

  private static ECPublicKeyParameters point(byte[] encoded) throws KeyException {
    if (encoded.length != 65 || encoded[0] != 4) {
      throw new KeyException("The SSH key is broken");
    }
    try {
      return new ECPublicKeyParameters(P256.getCurve().decodePoint(encoded), DOMAIN);
    } catch (IllegalArgumentException e) {
      throw new KeyException("The SSH key is no point of its curve");
    }
  }

  private static String fingerprint(byte[] blob) {
    return "SHA256:"
        + Base64.getEncoder().withoutPadding().encodeToString(Sha256.digest().digest(blob));
  }

  /**
   * Verifies the field {@code signature} of SSHSIG.
   *
   * @throws SshBuffer.BrokenException when it is none of this kind of key
   */
  boolean verify(byte[] field, byte[] message) throws SshBuffer.BrokenException {
    SshBuffer in = new SshBuffer(field);
    String form = in.text();
    byte[] signature = in.bytes();
    in.end();
    if (algorithm.equals(ED25519) && form.equals(ED25519)) {
      return Ed25519.verify(edwards, signature, message, message.length);
    }
    if (algorithm.equals(ECDSA) && form.equals(ECDSA)) {
      return verifyEcdsa(signature, message);
    }
    if (algorithm.equals(RSA) && (form.equals("rsa-sha2-256") || form.equals("rsa-sha2-512"))) {
      return verifyRsa(
          form.endsWith("512") ? "SHA512withRSA" : "SHA256withRSA", signature, message);
    }
    return false;
  }

  private boolean verifyEcdsa(byte[] signature, byte[] message) throws SshBuffer.BrokenException {
    SshBuffer in = new SshBuffer(signature);
    BigInteger r = in.positive();
    BigInteger s = in.positive();
    in.end();
    ECDSASigner signer = new ECDSASigner();
    signer.init(false, ecdsa);
    return signer.verifySignature(Sha256.digest().digest(message), r, s);
  }

  private boolean verifyRsa(String algorithm, byte[] signature, byte[] message) {
    try {
      PublicKey key = KeyFactory.getInstance("RSA").generatePublic(rsa);
      var verifier = java.security.Signature.getInstance(algorithm);
      verifier.initVerify(key);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      // Among others when its length is not the key's.
      return false;
    }
  }

  boolean hasBlob(byte[] other) {
    return Arrays.equals(blob, other);
  }
}
