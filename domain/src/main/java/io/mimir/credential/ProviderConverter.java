package io.mimir.credential;

import io.mimir.llm.Provider;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;

/** Stores a provider under its lower-case name. */
@Converter(autoApply = true)
public class ProviderConverter implements AttributeConverter<Provider, String> {

  @Override
  public String convertToDatabaseColumn(Provider provider) {
    return provider == null ? null : provider.wire();
  }

  @Override
  public Provider convertToEntityAttribute(String stored) {
    return stored == null
        ? null
        : Provider.ofWire(stored)
            .orElseThrow(() -> new IllegalStateException("Unknown provider in the database"));
  }
}
