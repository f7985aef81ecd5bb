package io.mimir.plugin.kit.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.fixture.OwnSigners;
import io.mimir.plugin.kit.fixture.Signer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Verdicts, with signatures that need no tool. */
class TrustStoreTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final byte[] FILE = new byte[5000];
  private static final OwnSigners ACME = new OwnSigners(1);
  private static final OwnSigners EVIL = new OwnSigners(2);

  static {
    new Random(3).nextBytes(FILE);
  }

  static Stream<Signer> signers() {
    return Stream.of(ACME.raw(), ACME.minisign(), ACME.legacyMinisign());
  }

  private static Publisher acme(Signer signer) throws KeyException {
    return new Publisher("pub_1", "Acme", PublisherKey.parse(signer.publicKey()), "acme-*");
  }

  private static Verdict judge(Publisher publisher, byte[] file, byte[] signature, String name) {
    return judge(AllowList.EMPTY, List.of(publisher), file, signature, name);
  }

  private static Verdict judge(
      AllowList allowed, List<Publisher> publishers, byte[] file, byte[] signature, String name) {
    return new TrustStore(allowed, publishers)
        .judge(file, new Candidate(name, name + ".so", signature), NOW);
  }

  @ParameterizedTest
  @MethodSource("signers")
  void aPublishersSignatureIsTrusted(Signer signer) throws Exception {
    Publisher publisher = acme(signer);
    Verdict verdict = judge(publisher, FILE, signer.sign(FILE), "acme-echo");

    assertThat(verdict.reason()).isNull();
    assertThat(verdict.basis()).isEqualTo(Verdict.Basis.PUBLISHER);
    assertThat(verdict.publisher()).isEqualTo(publisher);
    assertThat(verdict.sha256()).isEqualTo(Sha256.of(FILE));
    assertThat(verdict.check().passed()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("signers")
  void aFileOnDiskIsJudgedLikeOneInMemory(Signer signer, @TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("acme.so"), FILE);
    TrustStore store = new TrustStore(AllowList.EMPTY, List.of(acme(signer)));
    Candidate candidate = new Candidate("acme-echo", "acme.so", signer.sign(FILE));

    assertThat(store.judge(file, candidate, NOW)).isEqualTo(store.judge(FILE, candidate, NOW));
  }

  @ParameterizedTest
  @MethodSource("signers")
  void aFileThatWasChangedIsRefused(Signer signer) throws Exception {
    byte[] signature = signer.sign(FILE);
    for (int at = 0; at < FILE.length; at += 100) {
      byte[] file = FILE.clone();
      file[at] ^= 1;

      assertThat(judge(acme(signer), file, signature, "acme-echo").reason())
          .isEqualTo(RefusalReason.SIGNATURE_INVALID);
    }
  }

  @ParameterizedTest
  @MethodSource("signers")
  void aSignatureOfWhichAByteWasChangedIsRefused(Signer signer) throws Exception {
    Publisher publisher = acme(signer);
    byte[] signature = signer.sign(FILE);
    // The first line of minisign's is untrusted by its own account.
    int from = signature[0] == 'u' ? "untrusted comment: signature\n".length() : 0;
    for (int at = from; at < signature.length; at++) {
      for (int bit : new int[] {1, 2, 0x20, 0x80}) {
        byte[] other = signature.clone();
        other[at] ^= (byte) bit;
        if (at == signature.length - 1 && signature[0] == 'u') {
          continue; // the line end of the last line
        }

        assertThat(judge(publisher, FILE, other, "acme-echo").trusted())
            .as("byte %d, bit %d", at, bit)
            .isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("signers")
  void aSignatureThatIsCutOffIsMalformed(Signer signer) throws Exception {
    byte[] signature = signer.sign(FILE);
    for (int length = 0; length < signature.length - 1; length++) {
      byte[] part = java.util.Arrays.copyOf(signature, length);

      assertThat(judge(acme(signer), FILE, part, "acme-echo").reason())
          .isEqualTo(RefusalReason.MALFORMED_SIGNATURE);
    }
  }

  @ParameterizedTest
  @MethodSource("signers")
  void thePublisherMustBeAllowedToSign(Signer signer) throws Exception {
    Publisher p = acme(signer);
    byte[] signature = signer.sign(FILE);
    Instant day = NOW.minusSeconds(86_400);
    Publisher revoked = new Publisher("1", "A", p.key(), "acme-*", null, null, day);
    Publisher expired = new Publisher("1", "A", p.key(), "acme-*", null, NOW, null);
    Publisher early = new Publisher("1", "A", p.key(), "acme-*", NOW.plusSeconds(1), null, null);
    Publisher valid = new Publisher("1", "A", p.key(), "acme-*", day, NOW.plusSeconds(1), null);

    assertThat(judge(revoked, FILE, signature, "acme-a").reason())
        .isEqualTo(RefusalReason.KEY_REVOKED);
    assertThat(judge(expired, FILE, signature, "acme-a").reason())
        .isEqualTo(RefusalReason.KEY_EXPIRED);
    assertThat(judge(early, FILE, signature, "acme-a").reason())
        .isEqualTo(RefusalReason.KEY_EXPIRED);
    assertThat(judge(p, FILE, signature, "other").reason())
        .isEqualTo(RefusalReason.KEY_NOT_FOR_NAME);
    assertThat(judge(valid, FILE, signature, "acme-a").trusted()).isTrue();
  }

  @Test
  void aKeyOfNobodyIsUnknown() throws Exception {
    for (Signer signer : List.of(EVIL.minisign(), EVIL.legacyMinisign())) {
      assertThat(judge(acme(ACME.minisign()), FILE, signer.sign(FILE), "acme-a").reason())
          .isEqualTo(RefusalReason.UNKNOWN_KEY);
    }
    assertThat(judge(acme(ACME.minisign()), FILE, EVIL.raw().sign(FILE), "acme-a").reason())
        .isEqualTo(RefusalReason.UNKNOWN_KEY);
    assertThat(judge(AllowList.EMPTY, List.of(), FILE, EVIL.raw().sign(FILE), "a").reason())
        .isEqualTo(RefusalReason.UNKNOWN_KEY);
  }

  @Test
  void aRawSignatureOfSomebodyElseIsInvalidWhereItShouldBeThePublishers() throws Exception {
    Publisher acme = acme(ACME.raw());
    byte[] signature = EVIL.raw().sign(FILE);

    assertThat(judge(acme, FILE, signature, "acme-a").reason())
        .isEqualTo(RefusalReason.SIGNATURE_INVALID);
    assertThat(judge(acme, FILE, signature, "other").reason()).isEqualTo(RefusalReason.UNKNOWN_KEY);
  }

  @Test
  void ofSeveralRawPublishersTheRightOneIsFound() throws Exception {
    Publisher acme = acme(ACME.raw());
    Publisher evil = new Publisher("2", "Evil", PublisherKey.parse(EVIL.raw().publicKey()), "*");
    Publisher revoked =
        new Publisher("3", "Gone", acme.key(), "*", null, null, NOW.minusSeconds(1));

    assertThat(
            judge(
                    AllowList.EMPTY,
                    List.of(evil, revoked, acme),
                    FILE,
                    ACME.raw().sign(FILE),
                    "acme-a")
                .publisher())
        .isEqualTo(acme);
  }

  @Test
  void rawSignaturesMayBeWrittenAsText() throws Exception {
    Publisher acme = acme(ACME.raw());
    byte[] signature = ACME.signRaw(FILE);
    for (String text :
        List.of(
            Base64.getEncoder().encodeToString(signature) + "\n",
            HexFormat.of().formatHex(signature),
            HexFormat.of().withUpperCase().formatHex(signature) + "\r\n")) {
      assertThat(judge(acme, FILE, text.getBytes(StandardCharsets.US_ASCII), "acme-a").trusted())
          .isTrue();
    }
  }

  @Test
  void withoutSignatureNothingIsTrustedButAnAllowedHash() throws Exception {
    String hash = Sha256.of(FILE);
    AllowList listed = AllowList.parse(hash + "  acme-a.so\n");
    AllowList pinned = AllowList.EMPTY.with(List.of(hash.toUpperCase(java.util.Locale.ROOT)));
    AllowList other = AllowList.parse("0".repeat(64) + " *acme-a.so\n");

    assertThat(judge(AllowList.EMPTY, List.of(), FILE, null, "acme-a").reason())
        .isEqualTo(RefusalReason.UNSIGNED);
    assertThat(judge(listed, List.of(), FILE, null, "acme-a").basis())
        .isEqualTo(Verdict.Basis.HASH);
    assertThat(judge(pinned, List.of(), FILE, null, "acme-a").trusted()).isTrue();
    assertThat(judge(other, List.of(), FILE, null, "acme-a").reason())
        .isEqualTo(RefusalReason.HASH_MISMATCH);
    assertThat(judge(other, List.of(), FILE, null, "acme-b").reason())
        .isEqualTo(RefusalReason.UNSIGNED);
    assertThat(
            judge(other, List.of(acme(ACME.raw())), FILE, ACME.signRaw(FILE), "acme-a").trusted())
        .isTrue();
  }

  @Test
  void whatIsNoSignatureIsMalformed() {
    for (String text :
        List.of(
            "",
            "x",
            "untrusted comment: ",
            "untrusted comment: a\nb\ntrusted comment: c\nd\n",
            "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n",
            "-----BEGIN PGP SIGNATURE-----\n\niHUE\n=AAAA\n-----END PGP SIGNATURE-----\n",
            "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n",
            "a".repeat(128_000))) {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      assertThat(judge(AllowList.EMPTY, List.of(), FILE, bytes, "a").reason())
          .isEqualTo(RefusalReason.MALFORMED_SIGNATURE);
    }
  }

  @Test
  void anEmptyFileIsNotSignedByAnything() throws Exception {
    assertThat(judge(acme(ACME.raw()), new byte[0], new byte[64], "acme-a").trusted()).isFalse();
  }
}
