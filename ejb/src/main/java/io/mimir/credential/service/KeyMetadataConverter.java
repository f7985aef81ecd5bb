package io.mimir.credential.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.credential.KeyMetadata;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.LinkedHashMap;

/** Stores metadata as the text of a JSON object. */
@Converter(autoApply = true)
public class KeyMetadataConverter implements AttributeConverter<KeyMetadata, String> {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Override
  public String convertToDatabaseColumn(KeyMetadata metadata) {
    try {
      return metadata == null ? "{}" : JSON.writeValueAsString(metadata.members());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Metadata cannot be written as JSON");
    }
  }

  @Override
  public KeyMetadata convertToEntityAttribute(String stored) {
    if (stored == null || stored.isBlank()) {
      return KeyMetadata.EMPTY;
    }
    try {
      return KeyMetadata.ofStored(
          JSON.readValue(stored, new TypeReference<LinkedHashMap<String, Object>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The metadata of a key in the database is no JSON object");
    }
  }
}
