package io.mimir.plugin.kit.trust;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The 64 bytes of an Ed25519 signature over the file. */
record RawSignature(byte[] signature) implements DetachedSignature {

  static final int LENGTH = Ed25519.SIGNATURE_LENGTH;

  @Override
  public KeyKind kind() {
    return KeyKind.ED25519;
  }

  /** It does not say whose it is. */
  @Override
  public boolean isBy(PublisherKey key) {
    return key instanceof RawKey;
  }

  @Override
  public Verification verification(List<PublisherKey> keys, long size) {
    Ed25519.Message message = new Ed25519.Message(size);
    return new Verification() {

      @Override
      public void update(byte[] bytes, int length) {
        message.write(bytes, 0, length);
      }

      @Override
      public Optional<Refusal> verify(PublisherKey key, Instant now) {
        return Refusal.unless(
            key instanceof RawKey raw && message.isSignedBy(raw.key(), signature));
      }
    };
  }
}
