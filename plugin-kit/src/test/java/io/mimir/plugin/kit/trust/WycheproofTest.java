package io.mimir.plugin.kit.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Wycheproof's vectors for verifying Ed25519. */
class WycheproofTest {

  private static final HexFormat HEX = HexFormat.of();
  private static final Pattern FIELD = Pattern.compile("\"(pk|msg|sig|result)\": *\"([^\"]*)\"");

  @Test
  void everyVectorIsJudgedAsItSays() throws IOException {
    byte[] key = {};
    byte[] message = {};
    byte[] signature = {};
    int valid = 0;
    int invalid = 0;
    Matcher matcher = FIELD.matcher(Files.readString(vectors()));
    while (matcher.find()) {
      String value = matcher.group(2);
      switch (matcher.group(1)) {
        case "pk" -> key = HEX.parseHex(value);
        case "msg" -> message = HEX.parseHex(value);
        case "sig" -> signature = HEX.parseHex(value);
        default -> {
          boolean expected = value.equals("valid");
          assertThat(Ed25519.isKey(key) && Ed25519.verify(key, signature, message, message.length))
              .as("%s of %s", HEX.formatHex(signature), HEX.formatHex(message))
              .isEqualTo(expected);
          if (expected) {
            valid++;
          } else {
            invalid++;
          }
        }
      }
    }
    assertThat(valid).isGreaterThan(50);
    assertThat(invalid).isGreaterThan(50);
  }

  private static Path vectors() {
    Path file =
        Stream.of("../../shared", "../shared", "shared")
            .map(folder -> Path.of(folder, "vectors", "ed25519_test.json"))
            .filter(Files::exists)
            .findFirst()
            .orElse(null);
    assumeTrue(file != null, "Wycheproof's vectors are not beside this checkout");
    return file;
  }
}
