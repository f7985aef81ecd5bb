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
  private final Map<String, Deque<Instant>> addresses = new LinkedHashMap<>();

  public LoginGuard(Clock clock) {
    this.clock = clock;
  }

  private static final class Attempts {
    private int failures;
    private Instant last;
    private Instant closedUntil = Instant.MIN;
  }

  /**
   * Begins an attempt, unless this address has to wait.
   *
   * @return how long it has to wait before it may try this account again; empty when it may now
   */
  public synchronized Optional<Duration> begin(String username, String from) {
    Optional<Duration> wait = wait(username, from);
    if (wait.isEmpty()) {
      count(username, network(from));
    }
    return wait;
  }

  synchronized Optional<Duration> wait(String username, String from) {
    String address = network(from);
    Instant now = clock.instant();
    Attempts known = attempts.get(key(username, address));
    Instant until = known == null ? Instant.MIN : known.closedUntil;
    Deque<Instant> failures = recent(address, now);
    if (failures != null && failures.size() >= FAILURES_PER_ADDRESS) {
      Instant addressUntil = failures.peekFirst().plus(ADDRESS_WINDOW);
      until = addressUntil.isAfter(until) ? addressUntil : until;
    }
    return until.isAfter(now) ? Optional.of(Duration.between(now, until)) : Optional.empty();
  }

  private void count(String username, String address) {
    Instant now = clock.instant();
    forget(now);
    Attempts known = attempts.computeIfAbsent(key(username, address), k -> new Attempts());
    known.failures++;
    known.last = now;
    if (known.failures >= FREE_FAILURES) {
      int doublings = Math.min(known.failures - FREE_FAILURES, 10);
      Duration wait = FIRST_WAIT.multipliedBy(1L << doublings);
      known.closedUntil = now.plus(wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait);
    }
    addresses.computeIfAbsent(address, a -> new ArrayDeque<>()).addLast(now);
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
    Deque<Instant> counted = addresses.get(address);
    if (counted != null) {
      counted.pollLast();
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

  private Deque<Instant> recent(String address, Instant now) {
    Deque<Instant> failures = addresses.get(address);
    if (failures == null) {
      return null;
    }
    while (!failures.isEmpty() && failures.peekFirst().plus(ADDRESS_WINDOW).isBefore(now)) {
      failures.removeFirst();
    }
    return failures;
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
        .removeIf(f -> f.isEmpty() || f.peekLast().plus(ADDRESS_WINDOW).isBefore(now));
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
