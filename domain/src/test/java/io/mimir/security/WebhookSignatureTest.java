package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class WebhookSignatureTest {

  /** The example of the specification's reference libraries. */
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private static final String SIGNED =
      "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";

  private static final String RIGHT = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

  private static boolean fits(String header, String signed) {
    try (Secret secret = Secret.of(SECRET)) {
      return WebhookSignature.isIn(header, signed.getBytes(StandardCharsets.UTF_8), secret);
    }
  }

  @Test
  void theSignatureOfTheSpecificationFits() {
    assertThat(fits(RIGHT, SIGNED)).isTrue();
    assertThat(fits("v1,AAAA " + RIGHT + " v2,x", SIGNED)).isTrue();
  }

  @Test
  void anythingElseDoesNot() {
    assertThat(fits(RIGHT, SIGNED + " ")).isFalse();
    assertThat(fits(RIGHT.replace("v1,", "v2,"), SIGNED)).isFalse();
    assertThat(fits("v1,", SIGNED)).isFalse();
    assertThat(fits("v1,no base64!", SIGNED)).isFalse();
    assertThat(fits("", SIGNED)).isFalse();
  }

  @Test
  void aNewSecretIsARandomKeyOf256Bits() {
    String made = WebhookSignature.newSecret();
    assertThat(made).startsWith("whsec_").isNotEqualTo(WebhookSignature.newSecret());
    assertThat(Base64.getDecoder().decode(made.substring("whsec_".length()))).hasSize(32);
  }

  @Test
  void theSecretItselfIsCompared() {
    try (Secret secret = Secret.of(SECRET)) {
      assertThat(WebhookSignature.isSame(SECRET, secret)).isTrue();
      assertThat(WebhookSignature.isSame(SECRET + "x", secret)).isFalse();
    }
  }
}
