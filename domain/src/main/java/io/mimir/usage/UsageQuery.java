package io.mimir.usage;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * The usage that is asked for: all hours that the period touches.
 *
 * @param from the beginning of the first hour
 * @param to the end of the period, exclusive
 * @param groups what is summed up by; none means that nothing is summed up
 * @param accountId the account whose usage is asked for, or null for that of all
 */
public record UsageQuery(Instant from, Instant to, Set<UsageGroup> groups, String accountId) {

  /** The length of the period when nobody said otherwise. */
  public static final Duration DEFAULT_PERIOD = Duration.ofDays(7);

  /** What databases compare rightly as text. */
  private static final Instant FIRST = Instant.parse("1970-01-01T00:00:00Z");

  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  public UsageQuery {
    groups = Set.copyOf(groups);
  }

  /**
   * Returns a query for the usage of all accounts.
   *
   * @param from null for seven days before the end
   * @param to null for now and the hour that is running
   * @throws ProblemException INVALID, naming {@code from} or {@code to}
   */
  public static UsageQuery of(Instant from, Instant to, Set<UsageGroup> groups, Instant now) {
    Instant end = to == null ? now.truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS) : to;
    requireKnown(end, "to");
    Instant begin = from == null ? (to == null ? now : to).minus(DEFAULT_PERIOD) : from;
    requireKnown(begin, from == null ? "to" : "from");
    if (!begin.isBefore(end)) {
      throw ProblemException.of(
          Problem.INVALID,
          to == null ? "from" : "to",
          "out_of_range",
          "The end is not after the beginning");
    }
    return new UsageQuery(begin.truncatedTo(ChronoUnit.HOURS), end, groups, null);
  }

  /** Returns this query for one account only. */
  public UsageQuery ofAccount(String id) {
    return new UsageQuery(from, to, groups, id);
  }

  private static void requireKnown(Instant at, String name) {
    if (at.isBefore(FIRST) || at.isAfter(LAST)) {
      throw ProblemException.of(
          Problem.INVALID, name, "out_of_range", "Use a time of the years 1970 to 9999");
    }
  }

  /** Returns whether a cell with all its members is asked for. */
  public boolean covers(UsageCell cell) {
    return !cell.hour().isBefore(from)
        && cell.hour().isBefore(to)
        && (accountId == null || accountId.equals(cell.accountId()));
  }
}
