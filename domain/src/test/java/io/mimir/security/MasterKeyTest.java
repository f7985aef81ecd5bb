package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MasterKeyTest {

  private static final byte[] RANDOM =
      HexFormat.of().parseHex("8f3ac16e05d2b74991e07c3d5a6fb82e44d1097f2bc8e6531a9d70f46c25be83");

  static Stream<String> good() {
    String base64 = Base64.getEncoder().encodeToString(RANDOM);
    String url = Base64.getUrlEncoder().encodeToString(RANDOM);
    String hex = HexFormat.of().formatHex(RANDOM);
    return Stream.of(
        base64,
        base64.replace("=", ""),
        url,
        url.replace("=", ""),
        hex,
        hex.toUpperCase(java.util.Locale.ROOT),
        "  " + base64 + "\n",
        "\t" + hex + "\r\n");
  }

  @ParameterizedTest
  @MethodSource("good")
  void thirtyTwoRandomBytesAreTakenInEverySpelling(String text) {
    assertThat(MasterKey.parse(Secret.of(text)).id())
        .isEqualTo(MasterKey.parse(Secret.of(HexFormat.of().formatHex(RANDOM))).id());
  }

  static Stream<String> bad() {
    byte[] zeros = new byte[32];
    byte[] ramp = bytes(i -> i);
    byte[] steps = bytes(i -> 255 - 3 * i);
    byte[] pairs = bytes(i -> i % 2 == 0 ? 0xaa : 0x55);
    byte[] half = bytes(i -> i < 16 ? RANDOM[i] : 0);
    byte[] twice = bytes(i -> RANDOM[i % 16]);
    return Stream.of(
        "",
        " ",
        "\n",
        "change-me-32-byte-key-for-aes",
        "CHANGE_ME",
        "changeme-changeme-changeme-chang",
        "replace-me",
        "your-key-here",
        "example",
        "placeholder",
        "password",
        "secret-key",
        "<generated-key>",
        "insert key",
        base64("change-me-32-byte-key-for-aes!!!"),
        base64("correct horse battery staple! 32"),
        base64("abcdefghijklmnopqrstuvwxyz012345"),
        hex("The quick brown fox jumps over t"),
        "abcdefghijklmnopqrstuvwxyz012345",
        "correct horse battery staple! 32",
        encoded(zeros),
        HexFormat.of().formatHex(zeros),
        encoded(ramp),
        encoded(steps),
        encoded(pairs),
        encoded(half),
        encoded(twice),
        HexFormat.of().formatHex(bytes(i -> 0xff)),
        HexFormat.of().formatHex(bytes(i -> i % 4)),
        encoded(RANDOM, 31),
        encoded(RANDOM, 16),
        encoded(RANDOM, 24),
        encoded(RANDOM) + "AAAA",
        HexFormat.of().formatHex(RANDOM).substring(1),
        HexFormat.of().formatHex(RANDOM) + "00",
        HexFormat.of().formatHex(RANDOM).replace('8', 'g'),
        "0x" + HexFormat.of().formatHex(RANDOM),
        "base64:" + encoded(RANDOM),
        encoded(RANDOM).replace('A', '*') + "*",
        "\"" + encoded(RANDOM) + "\"",
        encoded(RANDOM) + "," + encoded(RANDOM),
        "1234567890");
  }

  private static byte[] bytes(java.util.function.IntUnaryOperator value) {
    byte[] bytes = new byte[32];
    IntStream.range(0, 32).forEach(i -> bytes[i] = (byte) value.applyAsInt(i));
    return bytes;
  }

  private static String encoded(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String encoded(byte[] bytes, int length) {
    return encoded(java.util.Arrays.copyOf(bytes, length));
  }

  private static String base64(String text) {
    return encoded(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void everythingElseIsRefusedWithoutBeingRepeated(String text) {
    assertThatThrownBy(() -> MasterKey.parse(Secret.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("openssl rand -base64 32")
        .satisfies(
            e -> {
              if (text.strip().length() > 8) {
                assertThat(e.getMessage()).doesNotContain(text.strip());
              }
            });
  }

  @Test
  void theTableOfRefusalsHasAtLeastFortyRows() {
    assertThat(bad().distinct().count()).isGreaterThanOrEqualTo(40);
  }

  @Test
  void generatedKeysAreAccepted() {
    for (int i = 0; i < 200; i++) {
      assertThat(MasterKey.parse(MasterKey.generate()).id()).hasSize(8);
    }
  }

  @Test
  void itsTextIsNotInItsPrintedForm() {
    Secret text = MasterKey.generate();

    assertThat(MasterKey.parse(text).toString()).doesNotContain(text.reveal());
  }
}
