package io.mimir.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A block of addresses, such as {@code 10.0.0.0/8} or {@code fc00::/7}; one address is a block as
 * well.
 */
public final class Cidr {

  private static final Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private final byte[] network;
  private final int bits;

  private Cidr(byte[] network, int bits) {
    this.network = network;
    this.bits = bits;
  }

  /**
   * @return empty when the text is none; names are never looked up
   */
  public static Optional<Cidr> parse(String text) {
    String[] parts = text.strip().split("/", 2);
    if (!LITERAL.matcher(parts[0]).matches()
        || (!parts[0].contains(":") && parts[0].chars().filter(c -> c == '.').count() != 3)) {
      return Optional.empty();
    }
    try {
      byte[] address = InetAddress.getByName(parts[0]).getAddress();
      int bits = parts.length == 1 ? address.length * 8 : Integer.parseInt(parts[1]);
      return bits < 0 || bits > address.length * 8
          ? Optional.empty()
          : Optional.of(new Cidr(address, bits));
    } catch (UnknownHostException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  static Cidr of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException("No block: " + text));
  }

  /** The address itself, when this block is a single one. */
  Optional<InetAddress> address() {
    try {
      return bits == network.length * 8
          ? Optional.of(InetAddress.getByAddress(network))
          : Optional.empty();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("An address has 4 or 16 bytes", e);
    }
  }

  /** Whether all of it is this machine. */
  boolean isLoopback() {
    return network.length == 4
        ? network[0] == 127 && bits >= 8
        : bits == 128 && address().orElseThrow().isLoopbackAddress();
  }

  public boolean contains(InetAddress address) {
    return contains(address.getAddress());
  }

  boolean contains(byte[] address) {
    if (address.length != network.length) {
      return false;
    }
    int whole = bits / 8;
    for (int i = 0; i < whole; i++) {
      if (address[i] != network[i]) {
        return false;
      }
    }
    int rest = bits % 8;
    int mask = 0xff << (8 - rest) & 0xff;
    return rest == 0 || (address[whole] & mask) == (network[whole] & mask);
  }
}
