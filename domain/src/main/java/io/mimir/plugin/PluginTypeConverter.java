package io.mimir.plugin;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;

/** Keeps the word of the wire, so that the table reads like the API. */
@Converter(autoApply = true)
public class PluginTypeConverter implements AttributeConverter<PluginType, String> {

  @Override
  public String convertToDatabaseColumn(PluginType type) {
    return type == null ? null : type.wire();
  }

  @Override
  public PluginType convertToEntityAttribute(String wire) {
    return wire == null ? null : PluginType.of(wire).orElseThrow();
  }
}
