package io.mimir.usage;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;

/**
 * What a call is counted under. Members that a grouping leaves out are null, and so is the token of
 * a person who has none.
 *
 * @param hour the beginning of an hour in UTC
 */
public record UsageCell(Instant hour, String keyId, String tokenId, String model) {

  /** The newest hour first, then by key, token and model in the order of their bytes. */
  public static final Comparator<UsageCell> ORDER =
      Comparator.comparing(
              UsageCell::hour, Comparator.nullsFirst(Comparator.<Instant>reverseOrder()))
          .thenComparing(UsageCell::keyId, UsageCell::compareBytes)
          .thenComparing(UsageCell::tokenId, UsageCell::compareBytes)
          .thenComparing(UsageCell::model, UsageCell::compareBytes);

  /** What is left of this cell when only one of its members counts. */
  public UsageCell groupedBy(UsageGroup group) {
    return switch (requireNonNull(group)) {
      case NONE -> this;
      case HOUR -> new UsageCell(hour, null, null, null);
      case KEY -> new UsageCell(null, keyId, null, null);
      case TOKEN -> new UsageCell(null, null, tokenId, null);
      case MODEL -> new UsageCell(null, null, null, model);
    };
  }

  /** As databases compare texts without a language; no text counts as the empty one. */
  private static int compareBytes(String one, String other) {
    return Arrays.compareUnsigned(bytes(one), bytes(other));
  }

  private static byte[] bytes(String text) {
    return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
  }
}
