package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PasswordHashTest {

  @Test
  void knowsItsOwnPasswordAndNoOther() {
    String stored = PasswordHash.of(Secret.of("korrekt pferd batterie"));

    assertThat(PasswordHash.matches(Secret.of("korrekt pferd batterie"), stored)).isTrue();
    assertThat(PasswordHash.matches(Secret.of("korrekt pferd batteriE"), stored)).isFalse();
    assertThat(PasswordHash.matches(Secret.of(""), stored)).isFalse();
  }

  @Test
  void saysHowItWasMadeAndHoldsNothingInClear() {
    assertThat(PasswordHash.of(Secret.of("korrekt pferd batterie")))
        .matches("pbkdf2-sha256\\$600000\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}");
  }

  @Test
  void agreesWithPublishedVectorsOfPbkdf2() {
    // RFC 7914, section 11: PBKDF2-HMAC-SHA-256 (P="passwd", S="salt", c=1), its first 32 of 64
    // bytes.
    byte[] expected =
        java.util.HexFormat.of()
            .parseHex("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
    String vector =
        "pbkdf2-sha256$1$c2FsdA$"
            + java.util.Base64.getEncoder().withoutPadding().encodeToString(expected);

    assertThat(PasswordHash.matches(Secret.of("passwd"), vector)).isTrue();
  }
}
