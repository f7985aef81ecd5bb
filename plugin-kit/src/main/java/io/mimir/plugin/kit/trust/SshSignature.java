package io.mimir.plugin.kit.trust;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What {@code ssh-keygen -Y sign -n mimir-plugin} makes. Source: PROTOCOL.sshsig of OpenSSH. */
final class SshSignature implements DetachedSignature {

  /** So that a signature made for Git, mail or a log-in is none for a plugin. */
  static final String NAMESPACE = "mimir-plugin";

  private static final String MAGIC = "SSHSIG";

  private final byte[] publicKey;
  private final String hash;
  private final byte[] field;

  private SshSignature(byte[] publicKey, String hash, byte[] field) {
    this.publicKey = publicKey;
    this.hash = hash;
    this.field = field;
  }

  static SshSignature read(String text) throws MalformedSignatureException {
    byte[] blob =
        Encoding.pem(text, "SSH SIGNATURE")
            .orElseThrow(
                () -> new MalformedSignatureException("The armor of the SSH signature is broken"));
    try {
      SshBuffer in = new SshBuffer(blob);
      String magic = new String(in.bytes(MAGIC.length()), StandardCharsets.ISO_8859_1);
      if (!magic.equals(MAGIC) || in.number() != 1) {
        throw new MalformedSignatureException("The SSH signature is of an unknown version");
      }
      byte[] publicKey = in.bytes();
      if (!in.text().equals(NAMESPACE)) {
        throw new MalformedSignatureException(
            "The SSH signature is for another purpose: sign with -n " + NAMESPACE);
      }
      byte[] reserved = in.bytes();
      String hash = in.text();
      byte[] field = in.bytes();
      in.end();
      if (reserved.length > 0 || !hash.equals("sha256") && !hash.equals("sha512")) {
        throw new MalformedSignatureException("The SSH signature has an unknown hash");
      }
      return new SshSignature(publicKey, hash, field);
    } catch (SshBuffer.BrokenException e) {
      throw new MalformedSignatureException("The SSH signature is broken");
    }
  }

  @Override
  public KeyKind kind() {
    return KeyKind.SSH;
  }

  @Override
  public boolean isBy(PublisherKey key) {
    return key instanceof SshKey ssh && ssh.hasBlob(publicKey);
  }

  @Override
  public Verification verification(List<PublisherKey> keys, long size) {
    MessageDigest digest = Sha256.digest(hash.equals("sha256") ? "SHA-256" : "SHA-512");
    return new Verification() {

      private byte[] signed;

      @Override
      public void update(byte[] bytes, int length) {
        digest.update(bytes, 0, length);
      }

      @Override
      public Optional<Refusal> verify(PublisherKey key, Instant now) {
        if (signed == null) {
          signed = signed(digest.digest());
        }
        try {
          return Refusal.unless(key instanceof SshKey ssh && ssh.verify(field, signed));
        } catch (SshBuffer.BrokenException e) {
          return Refusal.INVALID;
        }
      }
    };
  }

  private byte[] signed(byte[] digest) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(MAGIC.getBytes(StandardCharsets.US_ASCII));
    for (byte[] part :
        List.of(
            NAMESPACE.getBytes(StandardCharsets.US_ASCII),
            new byte[0],
            hash.getBytes(StandardCharsets.US_ASCII),
            digest)) {
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
