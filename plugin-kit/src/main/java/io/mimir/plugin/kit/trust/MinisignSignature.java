package io.mimir.plugin.kit.trust;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.crypto.digests.Blake2bDigest;

/**
 * A signature of minisign. Source: the "Signature format" of minisign's manual. {@code "Ed"} signs
 * the file, {@code "ED"} its BLAKE2b-512; a second signature covers the first and the trusted
 * comment.
 */
final class MinisignSignature implements DetachedSignature {

  private static final String COMMENT = "untrusted comment: ";
  private static final String TRUSTED = "trusted comment: ";
  private static final int DIGEST = 64;

  private final boolean hashed;
  private final byte[] keyId;
  private final byte[] signature;
  private final byte[] trusted;
  private final byte[] global;

  private MinisignSignature(byte[] first, byte[] trusted, byte[] global) {
    this.hashed = first[1] == 'D';
    this.keyId = Arrays.copyOfRange(first, 2, 2 + MinisignKey.ID_LENGTH);
    this.signature = Arrays.copyOfRange(first, 2 + MinisignKey.ID_LENGTH, first.length);
    this.trusted = trusted;
    this.global = global;
  }

  static boolean looksLike(byte[] bytes) {
    byte[] start = COMMENT.getBytes(StandardCharsets.US_ASCII);
    return bytes.length > start.length
        && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }

  static MinisignSignature read(byte[] bytes) throws MalformedSignatureException {
    // A character for each byte: what is signed are the bytes of the comment.
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String[] lines = text.split("\r?\n", -1);
    boolean whole = lines.length == 4 || lines.length == 5 && lines[4].isEmpty();
    if (!whole || !lines[2].startsWith(TRUSTED)) {
      throw new MalformedSignatureException(
          "A minisign signature has four lines, the third of them a trusted comment");
    }
    byte[] first = Encoding.base64(lines[1]).orElse(new byte[0]);
    byte[] global = Encoding.base64(lines[3]).orElse(new byte[0]);
    if (first.length != 2 + MinisignKey.ID_LENGTH + Ed25519.SIGNATURE_LENGTH
        || global.length != Ed25519.SIGNATURE_LENGTH
        || first[0] != 'E'
        || first[1] != 'd' && first[1] != 'D') {
      throw new MalformedSignatureException("The minisign signature is broken");
    }
    byte[] comment = lines[2].substring(TRUSTED.length()).getBytes(StandardCharsets.ISO_8859_1);
    return new MinisignSignature(first, comment, global);
  }

  @Override
  public KeyKind kind() {
    return KeyKind.MINISIGN;
  }

  @Override
  public boolean isBy(PublisherKey key) {
    return key instanceof MinisignKey minisign && Arrays.equals(minisign.id(), keyId);
  }

  @Override
  public Verification verification(List<PublisherKey> keys, long size) {
    return hashed ? new OfHash() : new OfFile(size);
  }

  private boolean coversComment(byte[] key) {
    byte[] covered = Arrays.copyOf(signature, signature.length + trusted.length);
    System.arraycopy(trusted, 0, covered, signature.length, trusted.length);
    return Ed25519.verify(key, global, covered, covered.length);
  }

  private final class OfFile implements Verification {

    private final Ed25519.Message message;

    private OfFile(long size) {
      message = new Ed25519.Message(size);
    }

    @Override
    public void update(byte[] bytes, int length) {
      message.write(bytes, 0, length);
    }

    @Override
    public Optional<Refusal> verify(PublisherKey key, Instant now) {
      return Refusal.unless(
          key instanceof MinisignKey minisign
              && message.isSignedBy(minisign.key(), signature)
              && coversComment(minisign.key()));
    }
  }

  private final class OfHash implements Verification {

    private final Blake2bDigest digest = new Blake2bDigest(8 * DIGEST);
    private byte[] hash;

    @Override
    public void update(byte[] bytes, int length) {
      digest.update(bytes, 0, length);
    }

    @Override
    public Optional<Refusal> verify(PublisherKey key, Instant now) {
      if (hash == null) {
        hash = new byte[DIGEST];
        digest.doFinal(hash, 0);
      }
      return Refusal.unless(
          key instanceof MinisignKey minisign
              && Ed25519.verify(minisign.key(), signature, hash, hash.length)
              && coversComment(minisign.key()));
    }
  }
}
