package io.mimir.plugin.kit.trust;

import java.util.List;

/** A signature that lies beside its file. */
interface DetachedSignature {

  /** The most that one may have, in bytes. */
  int MAX_BYTES = 64 * 1024;

  /** Reads a signature of whatever kind its bytes show. */
  static DetachedSignature read(byte[] bytes) throws MalformedSignatureException {
    if (bytes.length > MAX_BYTES) {
      throw new MalformedSignatureException("A signature has at most 64 KiB");
    }
    // The comments of minisign may be in any language.
    if (MinisignSignature.looksLike(bytes)) {
      return MinisignSignature.read(bytes);
    }
    String text = Encoding.ascii(bytes).orElse("");
    if (text.strip().startsWith("-----BEGIN PGP ")) {
      return GpgSignature.read(
          Encoding.armor(text, "SIGNATURE")
              .orElseThrow(
                  () ->
                      new MalformedSignatureException("The armor of the GPG signature is broken")));
    }
    if (text.startsWith("-----BEGIN SSH ")) {
      return SshSignature.read(text);
    }
    if (bytes.length == RawSignature.LENGTH) {
      return new RawSignature(bytes);
    }
    if (text.isEmpty() && bytes.length > 0) {
      return GpgSignature.read(bytes);
    }
    return Encoding.base64OrHex(text.strip(), RawSignature.LENGTH)
        .map(RawSignature::new)
        .orElseThrow(
            () ->
                new MalformedSignatureException(
                    "It is no signature of GPG, minisign or SSH, and no raw one of Ed25519"));
  }

  KeyKind kind();

  /** Whether it says that it was made with this key, or does not say with which. */
  boolean isBy(PublisherKey key);

  /**
   * Begins to verify.
   *
   * @param keys that {@link #isBy} is true of
   * @param size how many bytes will come, as far as it is known
   */
  Verification verification(List<PublisherKey> keys, long size);
}
