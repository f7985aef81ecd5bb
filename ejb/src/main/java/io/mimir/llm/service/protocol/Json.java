package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** JSON in and out, without a word of the other side's in any error. */
final class Json {

  /** A picture is one text, and the gateway takes bodies of 32 MiB. */
  private static final int LONGEST_TEXT = 64 * 1024 * 1024;

  /** Beyond this a number of tokens is a mistake of the provider's. */
  private static final double MAX_COUNT = 1e15;

  static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(LONGEST_TEXT).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** The object that a text holds, or null when it holds anything else. */
  static ObjectNode objectIn(String text) {
    try {
      return MAPPER.readTree(text) instanceof ObjectNode object ? object : null;
    } catch (IOException e) {
      // Its message quotes what was sent.
      return null;
    }
  }

  /** The object that some bytes hold, or null when they hold anything else. */
  static ObjectNode objectIn(byte[] bytes) {
    try {
      return MAPPER.readTree(bytes) instanceof ObjectNode object ? object : null;
    } catch (IOException e) {
      // As above.
      return null;
    }
  }

  /** A count, or -1 where there is none. Some providers tell fractions: they are rounded up. */
  static long count(JsonNode node) {
    if (!node.isNumber()) {
      return -1;
    }
    double number = Math.ceil(node.doubleValue());
    return number >= 0 && number <= MAX_COUNT ? (long) number : -1;
  }

  static byte[] bytes(ObjectNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }
}
