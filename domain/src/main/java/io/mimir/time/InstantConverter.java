package io.mimir.time;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * Stores instants as UTC timestamps to the millisecond. Without it EclipseLink writes a serialised
 * object. A timestamp of JDBC holds fields in the time zone of the machine, so the fields are set
 * and read as those of UTC, whatever that zone is. SQLite has no type for times: its driver gives
 * back the text, {@code 2026-01-31 08:00:00.000}, or without the fraction where CURRENT_TIMESTAMP
 * wrote it.
 */
@Converter(autoApply = true)
public class InstantConverter implements AttributeConverter<Instant, Object> {

  @Override
  public Object convertToDatabaseColumn(Instant instant) {
    return instant == null
        ? null
        : Timestamp.valueOf(
            LocalDateTime.ofInstant(instant.truncatedTo(ChronoUnit.MILLIS), ZoneOffset.UTC));
  }

  @Override
  public Instant convertToEntityAttribute(Object stored) {
    if (stored == null) {
      return null;
    }
    LocalDateTime fields =
        stored instanceof Timestamp timestamp
            ? timestamp.toLocalDateTime()
            : LocalDateTime.parse(stored.toString().replace(' ', 'T'));
    return fields.toInstant(ZoneOffset.UTC);
  }
}
