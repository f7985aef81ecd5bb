package io.mimir.plugin.kit.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.fixture.Gpg;
import io.mimir.plugin.kit.fixture.Signer;
import io.mimir.plugin.kit.fixture.Ssh;
import io.mimir.plugin.kit.fixture.Tools;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and signatures of the gpg and the ssh-keygen of this machine. */
class ToolSignaturesTest {

  private static final byte[] FILE = new byte[200_000];

  static {
    new Random(3).nextBytes(FILE);
  }

  @TempDir Path folder;

  private static Verdict judge(String publicKey, byte[] file, byte[] signature)
      throws KeyException {
    return judge(publicKey, file, signature, Instant.now());
  }

  private static Verdict judge(String publicKey, byte[] file, byte[] signature, Instant now)
      throws KeyException {
    Publisher acme = new Publisher("1", "Acme", PublisherKey.parse(publicKey), "acme-*");
    return new TrustStore(AllowList.EMPTY, List.of(acme))
        .judge(file, new Candidate("acme-echo", null, signature), now);
  }

  private static void worksAndHoldsAgainstChanges(Signer signer) throws Exception {
    byte[] signature = signer.sign(FILE);
    assertThat(judge(signer.publicKey(), FILE, signature).reason()).isNull();

    for (int at : new int[] {0, 1, FILE.length / 2, FILE.length - 1}) {
      byte[] other = FILE.clone();
      other[at] ^= 1;
      assertThat(judge(signer.publicKey(), other, signature).reason())
          .isEqualTo(RefusalReason.SIGNATURE_INVALID);
    }
    Publisher acme = new Publisher("1", "Acme", PublisherKey.parse(signer.publicKey()), "acme-*");
    TrustStore store = new TrustStore(AllowList.EMPTY, List.of(acme));
    byte[] small = Arrays.copyOf(FILE, 100);
    signature = signer.sign(small);
    for (int at = 0; at < signature.length - 1; at++) {
      for (int bit : new int[] {1, 0x80}) {
        byte[] other = signature.clone();
        other[at] ^= (byte) bit;
        assertThat(
                store
                    .judge(small, new Candidate("acme-echo", null, other), Instant.now())
                    .trusted())
            .as("byte %d, bit %d", at, bit)
            .isFalse();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"ed25519,", "ed25519,--armor", "rsa2048,", "rsa3072,--armor"})
  void signaturesOfGpgAreVerified(String algorithm, String option) throws Exception {
    try (Gpg gpg = new Gpg().withKey(algorithm)) {
      worksAndHoldsAgainstChanges(option == null ? gpg.signer() : gpg.signer(option));
      assertThat(PublisherKey.parse(gpg.publicKey()).fingerprint()).isEqualTo(gpg.fingerprint());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SHA256", "SHA384", "SHA512"})
  void gpgMayUseAnyGoodHash(String hash) throws Exception {
    try (Gpg gpg = new Gpg().withKey("ed25519")) {
      byte[] signature = gpg.sign(FILE, "--digest-algo", hash);

      assertThat(judge(gpg.publicKey(), FILE, signature).trusted()).isTrue();
    }
  }

  @Test
  void weakHashesOfGpgAreRefused() throws Exception {
    try (Gpg gpg = new Gpg().withKey("rsa2048")) {
      byte[] sha1 = gpg.sign(FILE, "--digest-algo", "SHA1", "--allow-weak-digest-algos");
      byte[] ripemd = gpg.sign(FILE, "--digest-algo", "RIPEMD160");

      for (byte[] signature : List.of(sha1, ripemd)) {
        Verdict verdict = judge(gpg.publicKey(), FILE, signature);
        assertThat(verdict.reason()).isEqualTo(RefusalReason.MALFORMED_SIGNATURE);
        assertThat(verdict.message()).contains("weak hash");
      }
    }
  }

  @Test
  void textAndInlineSignaturesOfGpgAreRefused() throws Exception {
    try (Gpg gpg = new Gpg().withKey("ed25519")) {
      byte[] text = gpg.sign(FILE, "--textmode");
      Path file = Files.write(gpg.home().resolve("inline"), FILE);
      gpg.run("--sign", file.toString());
      byte[] inline = Files.readAllBytes(Path.of(file + ".gpg"));

      assertThat(judge(gpg.publicKey(), FILE, text).reason())
          .isEqualTo(RefusalReason.MALFORMED_SIGNATURE);
      assertThat(judge(gpg.publicKey(), FILE, Arrays.copyOf(inline, 60_000)).reason())
          .isEqualTo(RefusalReason.MALFORMED_SIGNATURE);
    }
  }

  @Test
  void aSubkeyThatIsBoundMaySign() throws Exception {
    try (Gpg gpg = new Gpg().withKeyFor("cert", "ed25519", "0")) {
      assertThatThrownBy(() -> PublisherKey.parse(gpg.publicKey()))
          .isInstanceOf(KeyException.class)
          .hasMessageContaining("may sign");
      gpg.run("--quick-add-key", gpg.fingerprint(), "rsa3072", "sign", "0");

      worksAndHoldsAgainstChanges(gpg.signer());
    }
  }

  @Test
  void anEncryptionSubkeyIsNoHindrance() throws Exception {
    try (Gpg gpg = new Gpg().withKey("ed25519")) {
      gpg.run("--quick-add-key", gpg.fingerprint(), "cv25519", "encr", "0");

      assertThat(judge(gpg.publicKey(), FILE, gpg.sign(FILE)).trusted()).isTrue();
    }
  }

  @Test
  void anotherKeyOfGpgIsUnknown() throws Exception {
    try (Gpg gpg = new Gpg().withKey("ed25519");
        Gpg other = new Gpg().withKey("ed25519")) {
      assertThat(judge(gpg.publicKey(), FILE, other.sign(FILE)).reason())
          .isEqualTo(RefusalReason.UNKNOWN_KEY);
    }
  }

  @Test
  void anExpiredKeyOfGpgIsRefused() throws Exception {
    try (Gpg gpg = new Gpg().withKeyFor("sign", "ed25519", "1d")) {
      byte[] signature = gpg.sign(FILE);
      Instant now = Instant.now();

      assertThat(judge(gpg.publicKey(), FILE, signature, now).trusted()).isTrue();
      assertThat(judge(gpg.publicKey(), FILE, signature, now.plusSeconds(90_000)).reason())
          .isEqualTo(RefusalReason.KEY_EXPIRED);
    }
  }

  @Test
  void anExpiredSignatureOfGpgIsRefused() throws Exception {
    try (Gpg gpg = new Gpg().withKey("ed25519")) {
      byte[] signature = gpg.sign(FILE, "--default-sig-expire", "1d");

      assertThat(judge(gpg.publicKey(), FILE, signature).trusted()).isTrue();
      assertThat(
              judge(gpg.publicKey(), FILE, signature, Instant.now().plusSeconds(90_000)).reason())
          .isEqualTo(RefusalReason.KEY_EXPIRED);
    }
  }

  @Test
  void aRevokedKeyOfGpgIsRefused() throws Exception {
    try (Gpg gpg = new Gpg().withKey("ed25519")) {
      byte[] signature = gpg.sign(FILE);
      Path made = gpg.home().resolve("openpgp-revocs.d").resolve(gpg.fingerprint() + ".rev");
      Path revocation = gpg.home().resolve("revocation");
      Files.writeString(revocation, Files.readString(made).replace(":-----BEGIN", "-----BEGIN"));
      gpg.run("--import", revocation.toString());

      assertThat(judge(gpg.publicKey(), FILE, signature).reason())
          .isEqualTo(RefusalReason.KEY_REVOKED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa1024", "dsa2048", "nistp256"})
  void weakKeysOfGpgAreRefused(String algorithm) throws Exception {
    try (Gpg gpg = new Gpg().withKey(algorithm)) {
      assertThatThrownBy(() -> PublisherKey.parse(gpg.publicKey()))
          .isInstanceOf(KeyException.class)
          .hasMessageContaining("2048");
    }
  }

  @Test
  void aKeyOfGpgThatIsSignedWithSha1OnlyIsRefused() throws Exception {
    try (Gpg gpg =
        new Gpg().withKey("rsa2048", "--cert-digest-algo", "SHA1", "--allow-weak-digest-algos")) {
      assertThatThrownBy(() -> PublisherKey.parse(gpg.publicKey()))
          .isInstanceOf(KeyException.class)
          .hasMessageContaining("SHA-256");
    }
  }

  @Test
  void privateKeysAreRefused() throws Exception {
    try (Gpg gpg = new Gpg().withKey("ed25519")) {
      String secret = gpg.run("--armor", "--export-secret-keys", gpg.fingerprint());

      assertThatThrownBy(() -> PublisherKey.parse(secret))
          .isInstanceOf(KeyException.class)
          .hasMessageContaining("private");
    }
  }

  @ParameterizedTest
  @CsvSource({"ed25519,", "rsa,2048", "rsa,3072", "ecdsa,256"})
  void signaturesOfSshAreVerified(String type, String bits) throws Exception {
    Ssh ssh =
        bits == null
            ? new Ssh(folder, "mimir-plugin", type)
            : new Ssh(folder, "mimir-plugin", type, "-b", bits);
    worksAndHoldsAgainstChanges(ssh);

    assertThat(judge(ssh.publicKey(), FILE, ssh.sign(FILE, "sha256")).trusted()).isTrue();
    Path key = Files.writeString(folder.resolve("key.pub"), ssh.publicKey());
    assertThat(Tools.run(folder, List.of("ssh-keygen", "-l", "-f", key.toString())))
        .contains(PublisherKey.parse(ssh.publicKey()).fingerprint());
  }

  @Test
  void anSshSignatureForAnotherPurposeIsRefused() throws Exception {
    Ssh ssh = new Ssh(folder, "git", "ed25519");
    Verdict verdict = judge(ssh.publicKey(), FILE, ssh.sign(FILE));

    assertThat(verdict.reason()).isEqualTo(RefusalReason.MALFORMED_SIGNATURE);
    assertThat(verdict.message()).contains("-n mimir-plugin");
  }

  @Test
  void anotherKeyOfSshIsUnknown() throws Exception {
    Ssh ssh = new Ssh(folder, "mimir-plugin", "ed25519");
    Ssh other = new Ssh(folder, "mimir-plugin", "ed25519");

    assertThat(judge(ssh.publicKey(), FILE, other.sign(FILE)).reason())
        .isEqualTo(RefusalReason.UNKNOWN_KEY);
  }

  @Test
  void weakAndOtherKeysOfSshAreRefused() throws Exception {
    for (Ssh ssh :
        List.of(
            new Ssh(folder, "x", "rsa", "-b", "1024"),
            new Ssh(folder, "x", "ecdsa", "-b", "384"))) {
      assertThatThrownBy(() -> PublisherKey.parse(ssh.publicKey()))
          .isInstanceOf(KeyException.class);
    }
  }

  @Test
  void aPublicKeyOfWhichAByteWasChangedIsNeverMoreThanRefused() throws Exception {
    try (Gpg gpg = new Gpg().withKey("ed25519")) {
      String text = gpg.publicKey();
      byte[] signature = gpg.sign(FILE);
      byte[] bytes = Encoding.armor(text.strip(), GpgKey.BLOCK).orElseThrow();
      for (int at = 0; at < bytes.length; at++) {
        byte[] other = bytes.clone();
        other[at] ^= 1;
        String armored =
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"
                + java.util.Base64.getMimeEncoder().encodeToString(other)
                + "\n-----END PGP PUBLIC KEY BLOCK-----\n";
        try {
          judge(armored, FILE, signature);
        } catch (KeyException e) {
          assertThat(e).hasMessageNotContaining("null");
        }
      }
    }
  }

  @Test
  void armorMayHaveHeadersAndOtherLineEnds() throws Exception {
    try (Gpg gpg = new Gpg().withKey("ed25519")) {
      String text = gpg.publicKey().replace("BLOCK-----\n\n", "BLOCK-----\nComment: ours\n\n");
      byte[] signature =
          new String(gpg.sign(FILE, "--armor"), StandardCharsets.US_ASCII)
              .replace("\n", "\r\n")
              .getBytes(StandardCharsets.US_ASCII);

      assertThat(judge(text, FILE, signature).trusted()).isTrue();
    }
  }
}
