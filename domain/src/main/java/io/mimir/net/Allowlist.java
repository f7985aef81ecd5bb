package io.mimir.net;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Servers that an operator opens for every provider, although they are private, on this machine, or
 * without TLS.
 *
 * <p>An entry for {@code localhost} or one loopback address covers them all: localhost resolves to
 * both 127.0.0.1 and ::1, one refused address refuses the name, and all of them are one machine.
 */
public final class Allowlist {

  public static final Allowlist NONE = new Allowlist(List.of());

  private static final Pattern ENTRY =
      Pattern.compile(
          "(?:\\[([^\\]]+)\\]|([^:/]+(?:/\\d+)?)|([0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:/\\d+)?))(?::(\\d{1,5}))?");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?");

  private final List<Entry> entries;

  private record Entry(String name, Cidr block, int port) {
    boolean fits(String host, InetAddress address, int askedPort) {
      if (port != 0 && port != askedPort) {
        return false;
      }
      boolean loopback = block == null ? name.equals("localhost") : block.isLoopback();
      if (loopback && address != null && address.isLoopbackAddress()) {
        return true;
      }
      return block == null ? name.equals(host) : address != null && block.contains(address);
    }
  }

  private Allowlist(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /**
   * Reads the setting of an operator.
   *
   * @param text entries separated by commas: a host, an address or a block, each with an optional
   *     {@code :port}; an IPv6 address with a port is in brackets
   * @throws IllegalArgumentException with a sentence for the operator
   */
  public static Allowlist parse(String text) {
    List<Entry> entries = new ArrayList<>();
    for (String part : text.split(",")) {
      if (!part.isBlank()) {
        entries.add(entry(part.strip()));
      }
    }
    return new Allowlist(entries);
  }

  private static Entry entry(String text) {
    Matcher matcher = ENTRY.matcher(text);
    if (matcher.matches()) {
      String host =
          matcher.group(1) != null
              ? matcher.group(1)
              : matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
      int port = matcher.group(4) == null ? 0 : Integer.parseInt(matcher.group(4));
      Cidr block = Cidr.parse(host).orElse(null);
      boolean name = NAME.matcher(host).matches() && !host.matches("[0-9.]+");
      if (port <= 65_535 && (matcher.group(4) == null || port > 0) && (block != null || name)) {
        return new Entry(host.toLowerCase(Locale.ROOT).replaceAll("\\.$", ""), block, port);
      }
    }
    throw new IllegalArgumentException(
        "\"" + text + "\" is neither a host, an address nor a block, with or without :port");
  }

  /**
   * Tells whether an operator has opened a host.
   *
   * @param host as it is written in the address, in lower case
   * @param address what it stands for; null when that is not known yet
   */
  public boolean opens(String host, InetAddress address, int port) {
    return entries.stream().anyMatch(entry -> entry.fits(host, address, port));
  }
}
