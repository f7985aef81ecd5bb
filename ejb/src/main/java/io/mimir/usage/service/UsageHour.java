package io.mimir.usage.service;

import io.mimir.usage.CallUsage;
import io.mimir.usage.UsageCell;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;

/** What is counted in one hour. Many threads count at once, and none waits for another. */
final class UsageHour {

  static final long MILLIS = 3_600_000;

  /** Where models are counted once there are too many names. */
  static final String OTHER = "other";

  /** Counted when nobody knows the model. */
  private static final String UNKNOWN = "unknown";

  private static final int MOST_CELLS = 10_000;
  private static final int LONGEST_NAME = 200;

  private final long number;
  private final YearMonth month;
  private final MonthTokens tokens;
  private final ConcurrentMap<Place, UsageSums> cells = new ConcurrentHashMap<>();

  /** A cell of this hour. */
  private record Place(String keyId, String tokenId, String model) {}

  /**
   * @param number of hours since 1970
   * @param tokens of the month that this hour is in
   */
  UsageHour(long number, YearMonth month, MonthTokens tokens) {
    this.number = number;
    this.month = month;
    this.tokens = tokens;
  }

  static YearMonth monthOf(long number) {
    return YearMonth.from(Instant.ofEpochMilli(number * MILLIS).atOffset(ZoneOffset.UTC));
  }

  long number() {
    return number;
  }

  YearMonth month() {
    return month;
  }

  MonthTokens tokens() {
    return tokens;
  }

  UsageSums sums(CallUsage call) {
    String keyId = call.keyId();
    String tokenId = call.source().tokenId();
    String model = call.model();
    UsageSums known = cells.get(new Place(keyId, tokenId, model));
    return known != null ? known : seldom(keyId, tokenId, clean(model));
  }

  /** A new cell, or a name that is not kept as it came. */
  private UsageSums seldom(String keyId, String tokenId, String model) {
    Place place = new Place(keyId, tokenId, model);
    if (cells.size() >= MOST_CELLS && !cells.containsKey(place)) {
      place = new Place(keyId, tokenId, OTHER);
    }
    return cells.computeIfAbsent(place, fresh -> new UsageSums());
  }

  /**
   * A name that every database takes: a row that it refuses would be tried for ever, and all others
   * of its batch with it.
   */
  private static String clean(String model) {
    if (model == null || model.isBlank()) {
      return UNKNOWN;
    }
    int length = Math.min(model.length(), LONGEST_NAME);
    StringBuilder clean = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      char c = model.charAt(i);
      clean.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
    }
    return clean.toString();
  }

  void each(BiConsumer<UsageCell, UsageSums> visitor) {
    Instant hour = Instant.ofEpochMilli(number * MILLIS);
    cells.forEach(
        (place, sums) ->
            visitor.accept(
                new UsageCell(hour, place.keyId(), place.tokenId(), place.model()), sums));
  }

  /** Whether all of it is written. */
  boolean isSettled() {
    boolean[] settled = {true};
    each((cell, sums) -> settled[0] &= sums.since(sums.seen(cell)).isNone());
    return settled[0];
  }
}
