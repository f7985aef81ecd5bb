package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SecretTest {

  @Test
  void printsAsStars() {
    record Holder(String name, Secret secret) {}

    assertThat(new Holder("a", Secret.of("sk-1234")).toString())
        .isEqualTo("Holder[name=a, secret=Secret[*****]]");
  }

  @Test
  void isGoneOnceClosed() {
    Secret secret = Secret.of("sk-1234");

    secret.close();

    assertThat(secret.reveal()).isEqualTo("\0".repeat(7));
  }

  @Test
  void hintsShowThePublicPrefixAndTheLastFour() {
    assertThat(Secret.of("sk-proj-0123456789abcdefXYZ9").hint()).isEqualTo("sk-…XYZ9");
    assertThat(Secret.of("sk-ant-api03-0123456789wxyz").hint()).isEqualTo("sk-ant-…wxyz");
    assertThat(Secret.of("0123456789abcdefXYZ9").hint()).isEqualTo("…XYZ9");
  }

  @Test
  void shortKeysHaveNoHint() {
    assertThat(Secret.of("sk-123456789012").hint()).isEmpty();
    assertThat(Secret.of("").hint()).isEmpty();
  }

  @Test
  void onlyVisibleAsciiCanTravelInAHeader() {
    assertThat(Secret.of("sk-~!\"").isHeaderSafe()).isTrue();
    for (String bad : new String[] {"a b", "a\nb", "a\r\nX: y", "a\0", "ü", "a\u007f", "\t"}) {
      assertThat(Secret.of(bad).isHeaderSafe()).as(bad).isFalse();
    }
  }
}
