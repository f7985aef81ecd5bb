package io.mimir.security;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a sealed value is bound to. It is authenticated with the value and stored nowhere, so a
 * value that is copied to another row, or whose provider or endpoint is edited in the database, no
 * longer opens.
 *
 * @param origin scheme, host and port that the secret may be sent to; empty where none is meant
 */
public record SealContext(String table, String column, String row, String provider, String origin) {

  /** Every part with its length in front, so that no two contexts give the same bytes. */
  byte[] associatedData(String dataKeyId) {
    StringBuilder text = new StringBuilder("mimir|v1");
    for (String part : List.of(table, column, row, provider, origin, dataKeyId)) {
      text.append('|').append(part.length()).append(':').append(part);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
