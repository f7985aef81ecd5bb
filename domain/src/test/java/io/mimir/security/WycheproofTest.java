package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Wycheproof's vectors for AES-GCM with our sizes: 256-bit key, 96-bit nonce, 128-bit tag. */
class WycheproofTest {

  private static final HexFormat HEX = HexFormat.of();

  @Test
  void everyVectorOfOurSizesIsSealedAndOpenedAsItSays() throws IOException {
    int valid = 0;
    int invalid = 0;
    for (JsonNode group : new ObjectMapper().readTree(vectors().toFile()).get("testGroups")) {
      if (group.get("keySize").asInt() != 256
          || group.get("ivSize").asInt() != 96
          || group.get("tagSize").asInt() != 128) {
        continue;
      }
      for (JsonNode vector : group.get("tests")) {
        if (vector.get("result").asText().equals("valid")) {
          opensAndSeals(vector);
          valid++;
        } else {
          staysShut(vector);
          invalid++;
        }
      }
    }
    assertThat(valid).isPositive();
    assertThat(invalid).isPositive();
  }

  private static Path vectors() {
    Path file =
        Stream.of("../../shared", "../shared", "shared")
            .map(folder -> Path.of(folder, "vectors", "aes_gcm_test.json"))
            .filter(Files::exists)
            .findFirst()
            .orElse(null);
    assumeTrue(file != null, "Wycheproof's vectors are not beside this checkout");
    return file;
  }

  private static void opensAndSeals(JsonNode vector) {
    List<byte[]> in = fields(vector);
    var key = new SecretKeySpec(in.get(0), "AES");
    assertThat(AesGcm.decrypt(key, in.get(1), in.get(2), in.get(4))).isEqualTo(in.get(3));
    assertThat(AesGcm.encrypt(key, in.get(1), in.get(2), in.get(3))).isEqualTo(in.get(4));
  }

  private static void staysShut(JsonNode vector) {
    List<byte[]> in = fields(vector);
    var key = new SecretKeySpec(in.get(0), "AES");
    assertThatThrownBy(() -> AesGcm.decrypt(key, in.get(1), in.get(2), in.get(4)))
        .as("vector %s", vector.get("tcId"))
        .isInstanceOf(VaultException.class);
  }

  private static List<byte[]> fields(JsonNode vector) {
    return Stream.of(
            vector.get("key").asText(),
            vector.get("iv").asText(),
            vector.get("aad").asText(),
            vector.get("msg").asText(),
            vector.get("ct").asText() + vector.get("tag").asText())
        .map(HEX::parseHex)
        .toList();
  }
}
