package io.mimir.chat;

import io.mimir.llm.Prompt.Speaker;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.Locale;

/** Stores who spoke under the word of the wire: {@code user} or {@code assistant}. */
@Converter(autoApply = true)
public class SpeakerConverter implements AttributeConverter<Speaker, String> {

  @Override
  public String convertToDatabaseColumn(Speaker speaker) {
    return speaker == null ? null : speaker.wire();
  }

  @Override
  public Speaker convertToEntityAttribute(String stored) {
    return stored == null ? null : Speaker.valueOf(stored.toUpperCase(Locale.ROOT));
  }
}
