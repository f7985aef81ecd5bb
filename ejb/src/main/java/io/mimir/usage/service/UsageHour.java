package io.mimir.usage.service;

import io.mimir.usage.CallSource;
import io.mimir.usage.CallUsage;
import io.mimir.usage.ClientNames;
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

  private static final String OTHER_CLIENT = ClientNames.OTHER;

  /** Counted when nobody knows the model. */
  private static final String UNKNOWN = "unknown";

  private static final int MAX_CELLS = 10_000;
  private static final int MAX_NAME_CHARS = 200;

  private final long number;
  private final YearMonth month;
  private final MonthTokens tokens;
  private final ConcurrentMap<Place, UsageSums> cells = new ConcurrentHashMap<>();

  /** A cell of this hour. */
  private record Place(
      String keyId,
      String tokenId,
      String model,
      String pipelineId,
      String client,
      String accountId) {

    Place cleaned() {
      String known = client == null || ClientNames.ALL.contains(client) ? client : OTHER_CLIENT;
      return new Place(keyId, tokenId, clean(model), pipelineId, known, accountId);
    }

    /** Where this is counted once there are too many: only what callers cannot invent is left. */
    Place collapsed() {
      return new Place(
          keyId, tokenId, OTHER, null, client == null ? null : OTHER_CLIENT, accountId);
    }

    UsageCell cell(Instant hour) {
      return new UsageCell(hour, keyId, tokenId, model, pipelineId, client, accountId);
    }
  }

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

  /** Returns the sums that a call is added to. */
  UsageSums sums(CallUsage call) {
    CallSource source = call.source();
    Place place =
        new Place(
            call.keyId(),
            source.tokenId(),
            call.model(),
            source.pipelineId(),
            source.client(),
            source.accountId());
    UsageSums known = cells.get(place);
    return known != null ? known : uncommon(place);
  }

  /** A new cell, or a name that is not kept as it came. */
  private UsageSums uncommon(Place wanted) {
    Place place = wanted.cleaned();
    if (cells.size() >= MAX_CELLS && !cells.containsKey(place)) {
      place = place.collapsed();
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
    int length = Math.min(model.length(), MAX_NAME_CHARS);
    StringBuilder clean = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      char c = model.charAt(i);
      clean.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
    }
    return clean.toString();
  }

  void each(BiConsumer<UsageCell, UsageSums> visitor) {
    Instant hour = Instant.ofEpochMilli(number * MILLIS);
    cells.forEach((place, sums) -> visitor.accept(place.cell(hour), sums));
  }

  /** Whether all of it is written. */
  boolean isSettled() {
    boolean[] settled = {true};
    each((cell, sums) -> settled[0] &= sums.since(sums.seen(cell)).isNone());
    return settled[0];
  }
}
