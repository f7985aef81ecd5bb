package io.mimir.gateway.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How long texts tell conversations apart. */
class ConversationsTest {

  private static long hash(String text) {
    byte[] within = ("xx" + text + "yyy").getBytes(StandardCharsets.US_ASCII);
    return Conversations.add(7, within, 2, 2 + text.length());
  }

  @Test
  void aTextOfUsualLengthCountsWhole() {
    String text = "a".repeat(5000) + "b" + "c".repeat(3000);

    assertThat(hash(text)).isEqualTo(Conversations.add(7, text));
    assertThat(hash(text.replace('b', 'd'))).isNotEqualTo(hash(text));
  }

  @Test
  void aLongTextIsKnownByItsEndsAndItsLength() {
    String text = "a".repeat(100_000);
    Set<Long> hashes = new HashSet<>();

    hashes.add(hash(text));
    hashes.add(hash("b" + text.substring(1)));
    hashes.add(hash(text.substring(0, 4095) + "b" + text.substring(4096)));
    hashes.add(hash(text.substring(1) + "b"));
    hashes.add(hash(text.substring(0, 95_904) + "b" + text.substring(95_905)));
    hashes.add(hash(text + "a"));

    assertThat(hashes).hasSize(6);
    assertThat(hash("a".repeat(100_000))).isEqualTo(hash(text));
  }
}
