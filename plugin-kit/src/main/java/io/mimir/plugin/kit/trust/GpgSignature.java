package io.mimir.plugin.kit.trust;

import io.mimir.plugin.kit.RefusalReason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.SignatureSubpacket;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.bcpg.sig.IssuerFingerprint;
import org.bouncycastle.bcpg.sig.IssuerKeyID;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPSignature;

/**
 * What {@code gpg --detach-sign} makes, with or without armor. Source: RFC 4880, section 5.2.3: one
 * signature of version 4 over a binary document (type 0x00) with SHA-256, SHA-384 or SHA-512.
 */
final class GpgSignature implements DetachedSignature {

  private static final Map<Integer, String> DIGESTS =
      Map.of(
          HashAlgorithmTags.SHA256, "SHA-256",
          HashAlgorithmTags.SHA384, "SHA-384",
          HashAlgorithmTags.SHA512, "SHA-512");

  /** What a critical subpacket may be: the rest says something that is not heeded here. */
  private static final Set<Integer> HEEDED =
      Set.of(
          SignatureSubpacketTags.CREATION_TIME,
          SignatureSubpacketTags.EXPIRE_TIME,
          SignatureSubpacketTags.ISSUER_KEY_ID,
          SignatureSubpacketTags.ISSUER_FINGERPRINT,
          SignatureSubpacketTags.SIGNER_USER_ID);

  private static final String BROKEN = "The GPG signature is broken";

  private final byte[] bytes;
  private final byte[] issuer;
  private final long keyId;
  private final String hash;
  private final Instant expires;

  private GpgSignature(byte[] bytes, byte[] issuer, long keyId, String hash, Instant expires) {
    this.bytes = bytes;
    this.issuer = issuer;
    this.keyId = keyId;
    this.hash = hash;
    this.expires = expires;
  }

  static GpgSignature read(byte[] bytes) throws MalformedSignatureException {
    List<GpgPackets.Packet> packets = GpgPackets.of(bytes).orElse(List.of());
    if (packets.size() != 1 || packets.get(0).tag() != GpgPackets.SIGNATURE) {
      throw new MalformedSignatureException(
          "It is no detached signature: make one with gpg --detach-sign");
    }
    if (!GpgPackets.isVersion4(bytes, packets.get(0))
        || !GpgPackets.isWhole(bytes, packets.get(0))) {
      throw new MalformedSignatureException(BROKEN);
    }
    try {
      return checked(bytes, parse(bytes));
    } catch (IOException | PGPException | RuntimeException e) {
      // Bouncy Castle answers what it does not expect with many an exception.
      throw new MalformedSignatureException(BROKEN);
    }
  }

  private static PGPSignature parse(byte[] bytes) throws IOException, PGPException {
    return new PGPSignature(new BCPGInputStream(new ByteArrayInputStream(bytes)));
  }

  private static GpgSignature checked(byte[] bytes, PGPSignature signature)
      throws MalformedSignatureException {
    if (signature.getSignatureType() != PGPSignature.BINARY_DOCUMENT) {
      throw new MalformedSignatureException(
          "The GPG signature is not of a binary file: make one with gpg --detach-sign");
    }
    String hash = DIGESTS.get(signature.getHashAlgorithm());
    if (hash == null) {
      throw new MalformedSignatureException(
          "The GPG signature uses a weak hash: sign with --digest-algo SHA512");
    }
    byte[] issuer = null;
    for (SignatureSubpacket part : signature.getHashedSubPackets().toArray()) {
      if (part.isCritical() && !HEEDED.contains(part.getType())) {
        throw new MalformedSignatureException(
            "The GPG signature has a critical condition that is not known here");
      }
      if (part instanceof IssuerFingerprint fingerprint) {
        issuer = fingerprint.getFingerprint();
      }
    }
    // Nobody has signed these: they may say who signed, nothing else.
    for (SignatureSubpacket part : signature.getUnhashedSubPackets().toArray()) {
      boolean same =
          part instanceof IssuerKeyID id && id.getKeyID() == signature.getKeyID()
              || part instanceof IssuerFingerprint fingerprint
                  && issuer != null
                  && Arrays.equals(fingerprint.getFingerprint(), issuer);
      if (!same || part.isCritical()) {
        throw new MalformedSignatureException(BROKEN);
      }
    }
    if (signature.getCreationTime() == null) {
      throw new MalformedSignatureException("The GPG signature does not say when it was made");
    }
    long seconds = signature.getHashedSubPackets().getSignatureExpirationTime();
    Instant expires =
        seconds == 0 ? null : signature.getCreationTime().toInstant().plusSeconds(seconds);
    if (issuer != null && idOf(issuer) != signature.getKeyID()) {
      throw new MalformedSignatureException(BROKEN);
    }
    return new GpgSignature(bytes, issuer, signature.getKeyID(), hash, expires);
  }

  /** RFC 4880, section 12.2: the last eight bytes. */
  private static long idOf(byte[] fingerprint) {
    long id = 0;
    for (int i = Math.max(0, fingerprint.length - Long.BYTES); i < fingerprint.length; i++) {
      id = id << 8 | fingerprint[i] & 0xff;
    }
    return id;
  }

  @Override
  public KeyKind kind() {
    return KeyKind.GPG;
  }

  @Override
  public boolean isBy(PublisherKey key) {
    return key instanceof GpgKey gpg && gpg.part(issuer, keyId).isPresent();
  }

  @Override
  public Verification verification(List<PublisherKey> keys, long size) {
    return new OfFile(keys);
  }

  private final class OfFile implements Verification {

    private final Map<PublisherKey, PGPSignature> begun = new HashMap<>();
    private final MessageDigest digest = Sha256.digest(hash);
    private byte[] hashed;

    private OfFile(List<PublisherKey> keys) {
      for (PublisherKey key : keys) {
        try {
          PGPSignature signature = parse(bytes);
          if (key instanceof GpgKey gpg
              && GpgKey.begin(signature, gpg.part(issuer, keyId).orElseThrow().key())) {
            begun.put(key, signature);
          }
        } catch (IOException | PGPException | RuntimeException e) {
          // A key with which nothing was begun has not signed.
          begun.remove(key);
        }
      }
    }

    @Override
    public void update(byte[] content, int length) {
      digest.update(content, 0, length);
      begun.values().forEach(signature -> signature.update(content, 0, length));
    }

    @Override
    public Optional<Refusal> verify(PublisherKey key, Instant now) {
      PGPSignature signature = begun.get(key);
      if (signature == null || !verifies(signature)) {
        return Refusal.INVALID;
      }
      GpgKey.SigningKey part = ((GpgKey) key).part(issuer, keyId).orElseThrow();
      if (part.revoked()) {
        return refuse(RefusalReason.KEY_REVOKED, "The GPG key is revoked");
      }
      if (part.expires() != null && !now.isBefore(part.expires())) {
        return refuse(RefusalReason.KEY_EXPIRED, "The GPG key has expired");
      }
      if (expires != null && !now.isBefore(expires)) {
        return refuse(RefusalReason.KEY_EXPIRED, "The GPG signature has expired");
      }
      return Refusal.NONE;
    }

    private boolean verifies(PGPSignature signature) {
      if (hashed == null) {
        digest.update(signature.getSignatureTrailer());
        hashed = digest.digest();
      }
      byte[] start = signature.getDigestPrefix();
      try {
        return start[0] == hashed[0] && start[1] == hashed[1] && signature.verify();
      } catch (PGPException | RuntimeException e) {
        return false;
      }
    }

    private static Optional<Refusal> refuse(RefusalReason reason, String message) {
      return Optional.of(new Refusal(reason, message));
    }
  }
}
