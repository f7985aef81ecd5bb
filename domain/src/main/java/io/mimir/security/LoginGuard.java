package io.mimir.security;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Slows down who guesses passwords (T63). An attempt counts as a wrong one from its beginning,
 * since many at once would all be let in otherwise, and ceases to count when it turns out right.
 * Five wrong ones for an account from one address close it to that address for 30 seconds, then
 * twice as long each time, up to 15 minutes; 50 wrong ones from one address within 10 minutes close
 * everything to that address. An account is never closed to an address from which nobody guessed,
 * so nobody can lock out somebody else. Of IPv6 a whole /64 is one address: that is what one
 * customer gets. Kept in memory and bounded.
 */
public final class LoginGuard {

  private static final int FREE_FAILURES = 5;
  private static final Duration FIRST_WAIT = Duration.ofSeconds(30);
  private static final Duration MAX_WAIT = Duration.ofMinutes(15);
  private static final int FAILURES_PER_ADDRESS = 50;
  private static final Duration ADDRESS_WINDOW = Duration.ofMinutes(10);
  private static final Duration FORGET_AFTER = Duration.ofHours(1);
  private static final int MAX_ENTRIES = 20_000;
  private static final int IPV6_BYTES = 16;
  private static final int IPV6_NETWORK_BYTES = 8;

  private final Clock clock;
  private final Map<String, Attempts> attempts = new LinkedHashMap<>();
  private final Map<String, Mistakes> addresses = new LinkedHashMap<>();

  public LoginGuard(Clock clock) {
    this.clock = clock;
  }

  private static final class Attempts {
    private int failures;
    private Instant last;
    private Instant closedUntil = Instant.MIN;
    private Instant toldUntil = Instant.MIN;
  }

  /** The wrong ones of one address that still count, the oldest first. */
  private static final class Mistakes {
    private final Deque<Instant> times = new ArrayDeque<>();
    private Instant toldUntil = Instant.MIN;
  }

  /**
   * An attempt that is not looked at.
   *
   * @param delay how long this address has to wait before it may try this account again
   * @param first whether it is the first one of this wait: the only one that is worth writing down,
   *     since the others cost a stranger nothing and can be any number
   */
  public record Refusal(Duration delay, boolean first) {}

  /**
   * Begins an attempt, unless this address has to wait.
   *
   * @return empty when it may try now
   */
  public synchronized Optional<Refusal> begin(String username, String from) {
    String address = network(from);
    Instant now = clock.instant();
    Optional<Duration> wait = wait(username, address, now);
    if (wait.isEmpty()) {
      count(username, address, now);
    }
    return wait.map(delay -> new Refusal(delay, isFirst(username, address, now)));
  }

  synchronized Optional<Duration> wait(String username, String from) {
    return wait(username, network(from), clock.instant());
  }

  private Optional<Duration> wait(String username, String address, Instant now) {
    Attempts known = attempts.get(key(username, address));
    Instant until = known == null ? Instant.MIN : known.closedUntil;
    Instant addressUntil = closedUntil(recent(address, now));
    until = addressUntil.isAfter(until) ? addressUntil : until;
    return until.isAfter(now) ? Optional.of(Duration.between(now, until)) : Optional.empty();
  }

  private static Instant closedUntil(Mistakes mistakes) {
    return mistakes == null || mistakes.times.size() < FAILURES_PER_ADDRESS
        ? Instant.MIN
        : mistakes.times.peekFirst().plus(ADDRESS_WINDOW);
  }

  /** An address that is closed to everything is told so once, whatever the names are. */
  private boolean isFirst(String username, String address, Instant now) {
    Mistakes mistakes = addresses.get(address);
    Instant addressUntil = closedUntil(mistakes);
    if (addressUntil.isAfter(now)) {
      boolean first = !mistakes.toldUntil.isAfter(now);
      mistakes.toldUntil = addressUntil;
      return first;
    }
    Attempts known = attempts.get(key(username, address));
    boolean first = known.toldUntil.isBefore(known.closedUntil);
    known.toldUntil = known.closedUntil;
    return first;
  }

  private void count(String username, String address, Instant now) {
    forget(now);
    Attempts known = attempts.computeIfAbsent(key(username, address), k -> new Attempts());
    known.failures++;
    known.last = now;
    if (known.failures >= FREE_FAILURES) {
      int doublings = Math.min(known.failures - FREE_FAILURES, 10);
      Duration wait = FIRST_WAIT.multipliedBy(1L << doublings);
      known.closedUntil = now.plus(wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait);
    }
    addresses.computeIfAbsent(address, a -> new Mistakes()).times.addLast(now);
  }

  /** Ends an attempt that was right: it and the wrong ones before it count no more. */
  public synchronized void succeeded(String username, String from) {
    String address = network(from);
    attempts.remove(key(username, address));
    forgetLast(address);
  }

  /** Ends an attempt that nobody looked at. */
  public synchronized void dropped(String username, String from) {
    String address = network(from);
    Attempts known = attempts.get(key(username, address));
    if (known != null && --known.failures < FREE_FAILURES) {
      known.closedUntil = Instant.MIN;
    }
    forgetLast(address);
  }

  private void forgetLast(String address) {
    Mistakes counted = addresses.get(address);
    if (counted != null) {
      counted.times.pollLast();
    }
  }

  /** The part of an address that tells customers apart. */
  static String network(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      // A literal: nothing is looked up. What is IPv4 in the clothes of IPv6 comes out as IPv4.
      InetAddress literal = InetAddress.getByName(address);
      byte[] bytes = literal.getAddress();
      return bytes.length == IPV6_BYTES
          ? HexFormat.of().formatHex(bytes, 0, IPV6_NETWORK_BYTES)
          : literal.getHostAddress();
    } catch (UnknownHostException e) {
      return address;
    }
  }

  private Mistakes recent(String address, Instant now) {
    Mistakes mistakes = addresses.get(address);
    if (mistakes == null) {
      return null;
    }
    Deque<Instant> times = mistakes.times;
    while (!times.isEmpty() && times.peekFirst().plus(ADDRESS_WINDOW).isBefore(now)) {
      times.removeFirst();
    }
    return mistakes;
  }

  /**
   * Halves what is remembered, oldest first, so that a flood of names costs each of them little.
   */
  private void forget(Instant now) {
    if (attempts.size() + addresses.size() < MAX_ENTRIES) {
      return;
    }
    attempts.values().removeIf(known -> known.last.plus(FORGET_AFTER).isBefore(now));
    addresses
        .values()
        .removeIf(m -> m.times.isEmpty() || m.times.peekLast().plus(ADDRESS_WINDOW).isBefore(now));
    shrink(attempts.keySet().iterator(), attempts.size() - MAX_ENTRIES / 4);
    shrink(addresses.keySet().iterator(), addresses.size() - MAX_ENTRIES / 4);
  }

  private static void shrink(Iterator<?> entries, int tooMany) {
    for (int i = 0; i < tooMany && entries.hasNext(); i++) {
      entries.next();
      entries.remove();
    }
  }

  /** How many names and addresses are remembered. */
  synchronized int size() {
    return attempts.size() + addresses.size();
  }

  private static String key(String username, String address) {
    return Account.keyOf(username) + '\n' + address;
  }
}
