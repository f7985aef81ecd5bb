package io.mimir.credential.web;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.KeyDraft.Extras;
import io.mimir.credential.RequestOptions;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.security.Secret;
import io.mimir.web.Json;
import java.io.IOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A key as clients send it, to be kept, changed or tested. */
public record ApiKeyForm(
    Provider provider,
    String name,
    Secret keyValue,
    String endpointUrl,
    Boolean isActive,
    Integer priority,
    Integer weight,
    Map<String, Secret> headers,
    Map<String, String> query,
    String auth,
    JsonNode expiresAt,
    @JsonDeserialize(using = Metadata.class) Map<String, Object> metadata) {

  KeyDraft toDraft() {
    if (provider == null) {
      throw ProblemException.of(
          Problem.MISSING_FIELD,
          "provider",
          "missing",
          "Name the provider, one of GET /api/v1/providers");
    }
    return toChange().withSecret(keyValue == null ? Secret.of("") : keyValue);
  }

  KeyDraft toChange() {
    return new KeyDraft(
        provider, name, keyValue, endpointUrl, metadata, isActive, priority, weight, extras());
  }

  private Extras extras() {
    return new Extras(
        new RequestOptions.Change(headers, query, auth), expiresAt != null, time(expiresAt));
  }

  /** A time that is null is one that never comes; one that is not named stays as it is. */
  private static Instant time(JsonNode node) {
    if (node == null || node.isNull()) {
      return null;
    }
    try {
      return OffsetDateTime.parse(node.asText()).toInstant();
    } catch (DateTimeParseException e) {
      throw ProblemException.of(
          Problem.INVALID, "expires_at", "wrong_type", "Use a time such as 2030-01-31T00:00:00Z");
    }
  }

  @Override
  public String toString() {
    return "ApiKeyForm[" + provider + "]";
  }

  /** The design's own example sends metadata as the text of a JSON object; both are taken. */
  static final class Metadata extends StdDeserializer<Map<String, Object>> {

    private static final long serialVersionUID = 1L;

    Metadata() {
      super(Map.class);
    }

    @Override
    public Map<String, Object> deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      if (parser.hasToken(JsonToken.VALUE_STRING)) {
        return Json.readObject(parser.getText(), "metadata");
      }
      if (!parser.hasToken(JsonToken.START_OBJECT)) {
        throw ProblemException.of(
            Problem.INVALID, "metadata", "wrong_type", "Metadata is a JSON object");
      }
      JavaType object =
          context
              .getTypeFactory()
              .constructMapType(LinkedHashMap.class, String.class, Object.class);
      return context.readValue(parser, object);
    }
  }
}
