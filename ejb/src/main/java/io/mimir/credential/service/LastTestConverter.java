package io.mimir.credential.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.credential.LastTest;
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
    return node.toString();
  }

  @Override
  public LastTest convertToEntityAttribute(String stored) {
    if (stored == null || stored.isBlank()) {
      return null;
    }
    try {
      JsonNode node = JSON.readTree(stored);
      List<String> models = new ArrayList<>();
      node.path("models").forEach(model -> models.add(model.asText()));
      return new LastTest(
          node.path("success").asBoolean(),
          node.path("reason").asText(),
          node.path("message").asText(),
          node.path("latency_ms").asLong(),
          models,
          Instant.parse(node.path("tested_at").asText()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The last test of a key in the database is no JSON object");
    }
  }
}
