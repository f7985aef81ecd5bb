package io.mimir.plugin.kit.trust;

import java.util.Objects;

/**
 * A public key as its tool prints it. Equal keys have equal fingerprints, whatever comments are in
 * their texts.
 */
public abstract sealed class PublisherKey permits GpgKey, MinisignKey, SshKey, RawKey {

  /** The most that the text of a key may have, in characters. */
  public static final int MAX_TEXT = 256 * 1024;

  private final KeyKind kind;
  private final String text;
  private final String fingerprint;

  PublisherKey(KeyKind kind, String text, String fingerprint) {
    this.kind = kind;
    this.text = text;
    this.fingerprint = fingerprint;
  }

  /**
   * Reads a key: what {@code gpg --armor --export}, {@code minisign.pub}, a line of {@code
   * id_ed25519.pub}, or Base64, hexadecimal digits or PEM of an Ed25519 key hold.
   *
   * @throws KeyException when it is none, is private, or too weak; the message says which
   */
  public static PublisherKey parse(KeyKind kind, String text) throws KeyException {
    if (text.length() > MAX_TEXT) {
      throw new KeyException("A public key has at most " + MAX_TEXT / 1024 + " KiB");
    }
    if (text.contains("PRIVATE KEY") || text.contains("minisign encrypted secret key")) {
      throw new KeyException("This is a private key: keep it to yourself, and give the public one");
    }
    String stripped = text.strip();
    return switch (kind) {
      case GPG -> GpgKey.read(stripped);
      case MINISIGN -> MinisignKey.read(stripped);
      case SSH -> SshKey.read(stripped);
      case ED25519 -> RawKey.read(stripped);
    };
  }

  /** Reads a key of whatever kind it looks like. */
  public static PublisherKey parse(String text) throws KeyException {
    return parse(kindOf(text.strip()), text);
  }

  private static KeyKind kindOf(String text) {
    if (text.startsWith("-----BEGIN PGP")) {
      return KeyKind.GPG;
    }
    if (text.startsWith("untrusted comment:")
        || text.startsWith("RW") && text.length() == MinisignKey.TEXT_LENGTH) {
      return KeyKind.MINISIGN;
    }
    if (text.startsWith("ssh-") || text.startsWith("ecdsa-") || text.startsWith("sk-")) {
      return KeyKind.SSH;
    }
    return KeyKind.ED25519;
  }

  public KeyKind kind() {
    return kind;
  }

  /** What was given, without blanks around it. */
  public String text() {
    return text;
  }

  /**
   * The key's identity in the form that its tool shows: GPG's 40 digits, {@code SHA256:…} of
   * OpenSSH and of raw keys, minisign's key itself.
   */
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof PublisherKey other
        && kind == other.kind
        && fingerprint.equals(other.fingerprint);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, fingerprint);
  }

  @Override
  public String toString() {
    return kind.wire() + " " + fingerprint;
  }
}
