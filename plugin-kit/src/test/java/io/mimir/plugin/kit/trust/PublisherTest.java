package io.mimir.plugin.kit.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.plugin.kit.fixture.OwnSigners;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublisherTest {

  private static final OwnSigners ACME = new OwnSigners(1);

  private static Publisher signing(String pattern) throws KeyException {
    return new Publisher("1", "Acme", PublisherKey.parse(ACME.raw().publicKey()), pattern);
  }

  @ParameterizedTest
  @CsvSource({
    "acme-*, acme-echo, true",
    "acme-*, acme-, true",
    "acme-*, acme, false",
    "acme-*, xacme-echo, false",
    "acme, acme, true",
    "acme, acme-echo, false",
    "*, anything, true",
    "*-echo, acme-echo, true",
    "*-echo, acme-echo2, false",
    "a*b*c, a-b-c, true",
    "a*b*c, abc, true",
    "a*b*c, ac, false",
    "a*b, ab-, false",
    "aa*aa, aaa, false",
    "a**b, a-b, true",
    "a*bb*b, abb, false"
  })
  void namePatternsMeanWhatTheySay(String pattern, String name, boolean may) throws Exception {
    assertThat(signing(pattern).maySign(name)).isEqualTo(may);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Acme", "acme.*", "acme?", "a b", "a\n"})
  void otherPatternsAreRefused(String pattern) {
    assertThatThrownBy(() -> signing(pattern)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rawKeysMayBeWrittenInThreeWays() throws Exception {
    byte[] key = ACME.key();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getEncoder()
                .encodeToString(
                    HexFormat.of()
                        .parseHex("302a300506032b6570032100" + HexFormat.of().formatHex(key)))
            + "\n-----END PUBLIC KEY-----\n";

    assertThat(PublisherKey.parse(HexFormat.of().formatHex(key)))
        .isEqualTo(PublisherKey.parse(Base64.getEncoder().encodeToString(key)))
        .isEqualTo(PublisherKey.parse(pem));
    assertThat(PublisherKey.parse(pem).fingerprint()).startsWith("SHA256:");
  }

  @Test
  void keysKnowTheirKind() throws Exception {
    assertThat(PublisherKey.parse(ACME.raw().publicKey()).kind()).isEqualTo(KeyKind.ED25519);
    assertThat(PublisherKey.parse(ACME.minisign().publicKey()).kind()).isEqualTo(KeyKind.MINISIGN);
    assertThat(PublisherKey.parse(ACME.minisign().publicKey().lines().toList().get(1)))
        .isEqualTo(PublisherKey.parse(ACME.minisign().publicKey()));
    assertThat(KeyKind.of("minisign")).contains(KeyKind.MINISIGN);
    assertThat(KeyKind.of("x509")).isEmpty();
  }

  /** Points of small order (RFC 7748, section 7): they verify signatures of anything. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      })
  void keysThatProtectNothingAreRefused(String hex) {
    assertThatThrownBy(() -> PublisherKey.parse(hex))
        .isInstanceOf(KeyException.class)
        .hasMessageContaining("protects nothing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==",
        "ssh-dss AAAAB3NzaC1kc3MAAAAA",
        "sk-ssh-ed25519@openssh.com AAAA",
        "untrusted comment: a",
        "untrusted comment: a\nRWQ=",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"
      })
  void whatIsNoKeyIsRefused(String text) {
    assertThatThrownBy(() -> PublisherKey.parse(text))
        .isInstanceOf(KeyException.class)
        .hasMessageNotContaining("null");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-----BEGIN PRIVATE KEY-----\nAAAA",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "untrusted comment: minisign encrypted secret key\nRWRT"
      })
  void privateKeysAreRefusedWithAWarning(String text) {
    assertThatThrownBy(() -> PublisherKey.parse(text))
        .isInstanceOf(KeyException.class)
        .hasMessageContaining("private");
  }
}
