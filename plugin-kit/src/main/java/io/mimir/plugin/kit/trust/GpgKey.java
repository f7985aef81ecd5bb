package io.mimir.plugin.kit.trust;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.gnu.GNUObjectIdentifiers;
import org.bouncycastle.bcpg.Ed25519PublicBCPGKey;
import org.bouncycastle.bcpg.EdDSAPublicBCPGKey;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.RSAPublicBCPGKey;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/**
 * What {@code gpg --armor --export KEY} prints: one key with its subkeys. Source: RFC 4880; keys of
 * version 4, RSA or EdDSA over Ed25519 (RFC 9580, section 5.5.5).
 */
final class GpgKey extends PublisherKey {

  static final String BLOCK = "PUBLIC KEY BLOCK";

  private static final Set<Integer> HASHES =
      Set.of(HashAlgorithmTags.SHA256, HashAlgorithmTags.SHA384, HashAlgorithmTags.SHA512);

  /**
   * A key that may sign.
   *
   * @param expires null for never
   */
  record SigningKey(PGPPublicKey key, Instant expires, boolean revoked) {}

  private final List<SigningKey> signing;

  private GpgKey(String text, String fingerprint, List<SigningKey> signing) {
    super(KeyKind.GPG, text, fingerprint);
    this.signing = signing;
  }

  static GpgKey read(String text) throws KeyException {
    byte[] bytes =
        Encoding.armor(text, BLOCK)
            .orElseThrow(
                () -> new KeyException("A GPG key is what gpg --armor --export KEY prints"));
    try {
      PGPPublicKeyRing ring = ring(bytes);
      PGPPublicKey primary = ring.getPublicKey();
      checkStrength(primary);
      List<SigningKey> signing = signingKeys(ring, primary);
      if (signing.isEmpty()) {
        throw new KeyException("The GPG key has no part that may sign");
      }
      return new GpgKey(text, hex(primary.getFingerprint()), signing);
    } catch (IOException | PGPException | RuntimeException e) {
      // Bouncy Castle answers what it does not expect with many an exception.
      throw new KeyException("The GPG key is broken");
    }
  }

  private static PGPPublicKeyRing ring(byte[] bytes) throws KeyException, IOException {
    List<GpgPackets.Packet> packets =
        GpgPackets.of(bytes).orElseThrow(() -> new KeyException("The GPG key is broken"));
    if (packets.isEmpty() || packets.get(0).tag() != GpgPackets.PUBLIC_KEY) {
      throw new KeyException("This is no GPG key");
    }
    if (packets.stream().filter(p -> p.tag() == GpgPackets.PUBLIC_KEY).count() > 1) {
      throw new KeyException("There is more than one GPG key: export one by its fingerprint");
    }
    List<GpgPackets.Packet> read = new ArrayList<>();
    for (GpgPackets.Packet packet : packets) {
      switch (packet.tag()) {
        case GpgPackets.PUBLIC_KEY -> {
          if (!GpgPackets.isVersion4(bytes, packet)) {
            throw new KeyException("The GPG key is not of version 4");
          }
          read.add(packet);
        }
        case GpgPackets.PUBLIC_SUBKEY -> {
          if (!GpgPackets.isVersion4(bytes, packet)) {
            throw new KeyException("The GPG key has a subkey that is not of version 4");
          }
          read.add(packet);
        }
        case GpgPackets.SIGNATURE -> {
          // Others than these cannot be ours.
          if (GpgPackets.isVersion4(bytes, packet) && GpgPackets.isWhole(bytes, packet)) {
            read.add(packet);
          }
        }
        case GpgPackets.USER_ID -> read.add(packet);
        default -> {
          // Photographs and marks of trust, with signatures that then fit nothing.
        }
      }
    }
    return new PGPPublicKeyRing(GpgPackets.only(bytes, read), new BcKeyFingerprintCalculator());
  }

  private static void checkStrength(PGPPublicKey key) throws KeyException {
    switch (key.getAlgorithm()) {
      case PublicKeyAlgorithmTags.RSA_GENERAL -> {
        RSAPublicBCPGKey rsa = (RSAPublicBCPGKey) key.getPublicKeyPacket().getKey();
        Strength.checkRsa(rsa.getModulus(), rsa.getPublicExponent());
      }
      case PublicKeyAlgorithmTags.EDDSA_LEGACY -> {
        EdDSAPublicBCPGKey edwards = (EdDSAPublicBCPGKey) key.getPublicKeyPacket().getKey();
        byte[] point = edwards.getEncodedPoint().toByteArray();
        // 0x40 says that a point in its own form follows.
        if (!edwards.getCurveOID().equals(GNUObjectIdentifiers.Ed25519)
            || point.length != Ed25519.KEY_LENGTH + 1
            || point[0] != 0x40
            || !Ed25519.isKey(Arrays.copyOfRange(point, 1, point.length))) {
          throw new KeyException("The GPG key is EdDSA, but not over Ed25519");
        }
      }
      case PublicKeyAlgorithmTags.Ed25519 -> {
        Ed25519PublicBCPGKey edwards = (Ed25519PublicBCPGKey) key.getPublicKeyPacket().getKey();
        if (!Ed25519.isKey(edwards.getKey())) {
          throw new KeyException("The GPG key protects nothing: make another one");
        }
      }
      default -> throw new KeyException("A GPG key must be RSA of at least 2048 bits, or Ed25519");
    }
  }

  private static List<SigningKey> signingKeys(PGPPublicKeyRing ring, PGPPublicKey primary)
      throws PGPException, KeyException {
    PGPSignature self =
        newest(selfSignatures(primary))
            .orElseThrow(
                () ->
                    new KeyException(
                        "The GPG key has no signature of its own with SHA-256 or better: gpg"
                            + " --cert-digest-algo SHA512 --quick-set-expire renews it"));
    // A revocation that cannot be verified may be that of a designated revoker: it counts.
    boolean revoked = primary.getSignaturesOfType(PGPSignature.KEY_REVOCATION).hasNext();
    Instant expires = expires(primary, self);
    List<SigningKey> signing = new ArrayList<>();
    if (maySign(self)) {
      signing.add(new SigningKey(primary, expires, revoked));
    }
    for (Iterator<PGPPublicKey> keys = ring.getPublicKeys(); keys.hasNext(); ) {
      PGPPublicKey subkey = keys.next();
      if (subkey.isMasterKey()) {
        continue;
      }
      subkey(primary, subkey)
          .map(
              key ->
                  new SigningKey(
                      key.key(), earlier(key.expires(), expires), key.revoked() || revoked))
          .ifPresent(signing::add);
    }
    return List.copyOf(signing);
  }

  /** Verified signatures of the primary key over itself and its names. */
  private static List<PGPSignature> selfSignatures(PGPPublicKey primary) throws PGPException {
    List<PGPSignature> good = new ArrayList<>();
    for (Iterator<PGPSignature> all = primary.getSignaturesOfType(PGPSignature.DIRECT_KEY);
        all.hasNext(); ) {
      PGPSignature signature = all.next();
      if (isBy(primary, signature)
          && begin(signature, primary)
          && signature.verifyCertification(primary)) {
        good.add(signature);
      }
    }
    for (Iterator<byte[]> names = primary.getRawUserIDs(); names.hasNext(); ) {
      byte[] name = names.next();
      Iterator<PGPSignature> all = primary.getSignaturesForID(name);
      while (all != null && all.hasNext()) {
        PGPSignature signature = all.next();
        if (signature.isCertification()
            && isBy(primary, signature)
            && begin(signature, primary)
            && signature.verifyCertification(name, primary)) {
          good.add(signature);
        }
      }
    }
    return good;
  }

  /** A subkey that the primary key has bound for signing, and that has bound itself to it. */
  private static Optional<SigningKey> subkey(PGPPublicKey primary, PGPPublicKey subkey)
      throws PGPException {
    try {
      checkStrength(subkey);
    } catch (KeyException e) {
      return Optional.empty();
    }
    List<PGPSignature> bindings = new ArrayList<>();
    for (Iterator<PGPSignature> all = subkey.getSignaturesOfType(PGPSignature.SUBKEY_BINDING);
        all.hasNext(); ) {
      PGPSignature binding = all.next();
      if (isBy(primary, binding)
          && begin(binding, primary)
          && binding.verifyCertification(primary, subkey)) {
        bindings.add(binding);
      }
    }
    PGPSignature binding = newest(bindings).orElse(null);
    if (binding == null || !saysSigning(binding) || !bindsBack(binding, primary, subkey)) {
      return Optional.empty();
    }
    boolean revoked = subkey.getSignaturesOfType(PGPSignature.SUBKEY_REVOCATION).hasNext();
    return Optional.of(new SigningKey(subkey, expires(subkey, binding), revoked));
  }

  /** RFC 4880, section 5.2.1, type 0x19: else anybody could call another's subkey his own. */
  private static boolean bindsBack(PGPSignature binding, PGPPublicKey primary, PGPPublicKey subkey)
      throws PGPException {
    for (PGPSignatureSubpacketVector area :
        List.of(binding.getHashedSubPackets(), binding.getUnhashedSubPackets())) {
      PGPSignatureList embedded = area.getEmbeddedSignatures();
      for (PGPSignature back : embedded) {
        if (back.getSignatureType() == PGPSignature.PRIMARYKEY_BINDING
            && begin(back, subkey)
            && back.verifyCertification(primary, subkey)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isBy(PGPPublicKey key, PGPSignature signature) {
    return signature.getKeyID() == key.getKeyID();
  }

  /** Makes a signature ready, unless its algorithms are not good enough or not the key's. */
  static boolean begin(PGPSignature signature, PGPPublicKey key) throws PGPException {
    if (!HASHES.contains(signature.getHashAlgorithm())
        || signature.getKeyAlgorithm() != key.getAlgorithm()
        || signature.getCreationTime() == null
        || signature.getCreationTime().before(key.getCreationTime())) {
      return false;
    }
    signature.init(new BcPGPContentVerifierBuilderProvider(), key);
    return true;
  }

  private static Optional<PGPSignature> newest(List<PGPSignature> signatures) {
    return signatures.stream()
        .max((one, other) -> one.getCreationTime().compareTo(other.getCreationTime()));
  }

  private static Instant expires(PGPPublicKey key, PGPSignature signature) {
    long seconds = signature.getHashedSubPackets().getKeyExpirationTime();
    return seconds == 0 ? null : key.getCreationTime().toInstant().plusSeconds(seconds);
  }

  private static Instant earlier(Instant one, Instant other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isBefore(other) ? one : other;
  }

  private static boolean saysSigning(PGPSignature signature) {
    return (signature.getHashedSubPackets().getKeyFlags() & KeyFlags.SIGN_DATA) != 0;
  }

  /** A primary key without flags may do all that its algorithm can. */
  private static boolean maySign(PGPSignature self) {
    return self.getHashedSubPackets()
                .getSubpacket(org.bouncycastle.bcpg.SignatureSubpacketTags.KEY_FLAGS)
            == null
        || saysSigning(self);
  }

  /** The part with this fingerprint or, where there is none, with this id. */
  Optional<SigningKey> part(byte[] partFingerprint, long keyId) {
    return signing.stream()
        .filter(
            part ->
                partFingerprint == null
                    ? part.key().getKeyID() == keyId
                    : Arrays.equals(part.key().getFingerprint(), partFingerprint))
        .findFirst();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes).toUpperCase(Locale.ROOT);
  }
}
