package io.mimir.credential.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.credential.LastTest;
import io.mimir.credential.LastTest.Findings;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Stores a verdict as the text of a JSON object, with the names that the API uses. */
@Converter(autoApply = true)
public class LastTestConverter implements AttributeConverter<LastTest, String> {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  @Override
  public String convertToDatabaseColumn(LastTest test) {
    if (test == null) {
      return null;
    }
    ObjectNode node = JSON.createObjectNode();
    node.put("success", test.success());
    node.put("reason", test.reason());
    node.put("message", test.message());
    node.put("latency_ms", test.latencyMs());
    test.models().forEach(node.putArray("models")::add);
    node.put("tested_at", test.testedAt().toString());
    if (test.findings() != null) {
      write(test.findings(), node.putObject("findings"));
    }
    return node.toString();
  }

  @Override
  public LastTest convertToEntityAttribute(String stored) {
    if (stored == null || stored.isBlank()) {
      return null;
    }
    try {
      JsonNode node = JSON.readTree(stored);
      return new LastTest(
          node.path("success").asBoolean(),
          node.path("reason").asText(),
          node.path("message").asText(),
          node.path("latency_ms").asLong(),
          texts(node.path("models")),
          Instant.parse(node.path("tested_at").asText()),
          findings(node.path("findings")));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The last test of a key in the database is no JSON object");
    }
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  private static void write(Findings findings, ObjectNode node) {
    node.put("endpoint_url", findings.endpointUrl());
    if (findings.protocols() != null) {
      findings.protocols().forEach(node.putArray("protocols")::add);
    }
    node.put("base_path", findings.basePath());
  }

  private static Findings findings(JsonNode node) {
    return node.isObject()
        ? new Findings(
            node.path("endpoint_url").asText(),
            node.has("protocols") ? texts(node.path("protocols")) : null,
            node.path("base_path").asText(null))
        : null;
  }
}
