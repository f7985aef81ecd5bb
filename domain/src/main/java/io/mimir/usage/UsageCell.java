package io.mimir.usage;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;

/**
 * What a call is counted under. Members that a grouping leaves out are null, and so are those that
 * a call does not have: the token of a person, the pipeline of a call outside of one.
 *
 * @param hour the beginning of an hour in UTC
 * @param client a word of {@link ClientNames}
 */
public record UsageCell(
    Instant hour,
    String keyId,
    String tokenId,
    String model,
    String pipelineId,
    String client,
    String accountId) {

  /** The one cell of everything. */
  public static final UsageCell TOTAL = new UsageCell(null, null, null, null, null, null, null);

  /** The newest hour first, then the other members one by one, in the order of their bytes. */
  public static final Comparator<UsageCell> ORDER =
      Comparator.comparing(
              UsageCell::hour, Comparator.nullsFirst(Comparator.<Instant>reverseOrder()))
          .thenComparing(UsageCell::keyId, UsageCell::compareBytes)
          .thenComparing(UsageCell::tokenId, UsageCell::compareBytes)
          .thenComparing(UsageCell::model, UsageCell::compareBytes)
          .thenComparing(UsageCell::pipelineId, UsageCell::compareBytes)
          .thenComparing(UsageCell::client, UsageCell::compareBytes)
          .thenComparing(UsageCell::accountId, UsageCell::compareBytes);

  /** Returns the cell of an hour. */
  public static UsageCell of(Instant hour) {
    return new UsageCell(requireNonNull(hour), null, null, null, null, null, null);
  }

  /** Returns the cell of a key and a model. */
  public static UsageCell of(String keyId, String model) {
    return new UsageCell(null, keyId, null, model, null, null, null);
  }

  /** Returns this cell with another time. */
  public UsageCell at(Instant time) {
    return new UsageCell(time, keyId, tokenId, model, pipelineId, client, accountId);
  }

  /**
   * Returns what is left of this cell when only some of its members count.
   *
   * @param groups those that count; none means all
   */
  public UsageCell groupedBy(Set<UsageGroup> groups) {
    if (groups.isEmpty()) {
      return this;
    }
    return new UsageCell(
        groups.contains(UsageGroup.HOUR) ? hour : null,
        groups.contains(UsageGroup.KEY) ? keyId : null,
        groups.contains(UsageGroup.TOKEN) ? tokenId : null,
        groups.contains(UsageGroup.MODEL) ? model : null,
        groups.contains(UsageGroup.PIPELINE) ? pipelineId : null,
        groups.contains(UsageGroup.CLIENT) ? client : null,
        groups.contains(UsageGroup.ACCOUNT) ? accountId : null);
  }

  /**
   * Returns the member of a group as text.
   *
   * @param group any but the hour, which is none
   */
  public String text(UsageGroup group) {
    return switch (group) {
      case HOUR -> throw new IllegalArgumentException("The hour is a time");
      case KEY -> keyId;
      case TOKEN -> tokenId;
      case MODEL -> model;
      case PIPELINE -> pipelineId;
      case CLIENT -> client;
      case ACCOUNT -> accountId;
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
