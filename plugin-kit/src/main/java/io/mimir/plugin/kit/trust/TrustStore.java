package io.mimir.plugin.kit.trust;

import io.mimir.plugin.kit.RefusalReason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Judges files by an allow-list of hashes and by the signatures of publishers; one of them is
 * enough. Whatever is not understood is not trusted.
 */
public final class TrustStore {

  private static final int BUFFER = 64 * 1024;

  private final AllowList allowed;
  private final List<Publisher> publishers;

  public TrustStore(AllowList allowed, Collection<Publisher> publishers) {
    this.allowed = allowed;
    this.publishers = List.copyOf(publishers);
  }

  /**
   * Judges a file, which is read once: hash and signature are of the same bytes.
   *
   * @throws IOException when it cannot be read
   */
  public Verdict judge(Path file, Candidate candidate, Instant now) throws IOException {
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return judge(in, Files.size(file), candidate, now);
    }
  }

  /** Judges what is in memory already. */
  public Verdict judge(byte[] content, Candidate candidate, Instant now) {
    try {
      return judge(new ByteArrayInputStream(content), content.length, candidate, now);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Verdict judge(InputStream in, long size, Candidate candidate, Instant now)
      throws IOException {
    DetachedSignature signature = null;
    String malformed = null;
    if (candidate.signature() != null) {
      try {
        signature = DetachedSignature.read(candidate.signature());
      } catch (MalformedSignatureException e) {
        malformed = e.getMessage();
      }
    }
    List<Publisher> named = signature == null ? List.of() : named(signature);
    Optional<Verification> verification =
        named.isEmpty()
            ? Optional.empty()
            : Optional.of(
                signature.verification(named.stream().map(Publisher::key).toList(), size));
    String sha256 = read(in, verification);

    if (allowed.allows(sha256)) {
      return Verdict.byHash(sha256);
    }
    if (malformed != null) {
      return Verdict.not(RefusalReason.MALFORMED_SIGNATURE, sha256, null, malformed);
    }
    if (verification.isPresent()) {
      Verdict verdict = judge(verification.get(), named, candidate.pluginName(), sha256, now);
      // A raw signature does not say whose it is. It is somebody's else, not a forged one, when
      // nobody is known who would sign this plugin so.
      boolean forged =
          signature.kind() != KeyKind.ED25519
              || verdict.reason() != RefusalReason.SIGNATURE_INVALID
              || named.stream().anyMatch(p -> p.maySign(candidate.pluginName()));
      if (forged) {
        return verdict;
      }
    }
    if (allowed.contradicts(candidate.fileName(), sha256)) {
      return Verdict.not(
          RefusalReason.HASH_MISMATCH,
          sha256,
          null,
          "trusted.sha256 has another hash for a file of this name");
    }
    return signature == null
        ? Verdict.not(RefusalReason.UNSIGNED, sha256, null, "There is no signature")
        : Verdict.not(
            RefusalReason.UNKNOWN_KEY, sha256, null, "The key that signed is none of a publisher");
  }

  /** Whose signature it may be. */
  private List<Publisher> named(DetachedSignature signature) {
    return publishers.stream().filter(publisher -> signature.isBy(publisher.key())).toList();
  }

  private static String read(InputStream in, Optional<Verification> verification)
      throws IOException {
    MessageDigest digest = Sha256.digest();
    byte[] buffer = new byte[BUFFER];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      digest.update(buffer, 0, n);
      if (verification.isPresent()) {
        verification.get().update(buffer, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The first publisher that may say so; or what the last one lacks who did sign. */
  private static Verdict judge(
      Verification verification,
      List<Publisher> named,
      String pluginName,
      String sha256,
      Instant now) {
    Verdict refused = null;
    for (Publisher publisher : named) {
      Optional<Verification.Refusal> refusal = verification.verify(publisher.key(), now);
      if (refusal.isEmpty()) {
        refusal = policy(publisher, pluginName, now);
        if (refusal.isEmpty()) {
          return Verdict.by(publisher, sha256);
        }
      }
      Verification.Refusal why = refusal.get();
      if (refused == null || refused.reason() == RefusalReason.SIGNATURE_INVALID) {
        Publisher proved = why.reason() == RefusalReason.SIGNATURE_INVALID ? null : publisher;
        refused = Verdict.not(why.reason(), sha256, proved, why.message());
      }
    }
    return refused;
  }

  private static Optional<Verification.Refusal> policy(
      Publisher publisher, String pluginName, Instant now) {
    if (publisher.revokedAt() != null) {
      return refuse(RefusalReason.KEY_REVOKED, "The publisher is revoked");
    }
    if (!publisher.isValidAt(now)) {
      return refuse(RefusalReason.KEY_EXPIRED, "The publisher is not valid at this time");
    }
    if (!publisher.maySign(pluginName)) {
      return refuse(
          RefusalReason.KEY_NOT_FOR_NAME,
          "The publisher may sign " + publisher.namePattern() + ", not " + pluginName);
    }
    return Optional.empty();
  }

  private static Optional<Verification.Refusal> refuse(RefusalReason reason, String message) {
    return Optional.of(new Verification.Refusal(reason, message));
  }
}
