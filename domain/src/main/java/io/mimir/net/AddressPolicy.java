package io.mimir.net;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The rule of where calls may go. It judges the bytes of addresses, after resolution, because a
 * name or an odd spelling can stand for anything (T12 to T14); addresses that carry another one
 * inside (NAT64, 6to4, Teredo, ISATAP, IPv4-compatible, IPv4-translated) are judged by both.
 *
 * <p>The blocks are those of IANA's special-purpose registries for IPv4 and IPv6, and the metadata
 * services as AWS, Azure, Google, Oracle and Alibaba document them.
 *
 * @param dev whether keys of self-hosted providers may point to this machine
 * @param allowlist what an operator has opened
 * @param ownPort where this server itself listens
 * @param databasePort where its database listens, closed on this machine and in the own network
 * @param isOwn whether an address is one of this machine's
 */
public record AddressPolicy(
    boolean dev,
    Allowlist allowlist,
    int ownPort,
    OptionalInt databasePort,
    Predicate<InetAddress> isOwn) {

  /** Nothing opens these: cloud metadata, link-local, unspecified, multicast, reserved. */
  private static final List<Cidr> NEVER =
      blocks(
          "0.0.0.0/8",
          "169.254.0.0/16",
          "100.100.100.200",
          "168.63.129.16",
          "192.0.0.192",
          "224.0.0.0/4",
          "240.0.0.0/4",
          "::/128",
          "fe80::/10",
          "fec0::/10",
          "fd00:ec2::/48",
          "fd20:ce::254",
          "ff00::/8");

  private static final List<Cidr> LOOPBACK = blocks("127.0.0.0/8", "::1/128");

  private static final List<Cidr> PRIVATE =
      blocks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7");

  /** Carrier networks, tests and documentation: not public, and nobody's own network by default. */
  private static final List<Cidr> NOT_PUBLIC =
      blocks(
          "100.64.0.0/10",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "64:ff9b:1::/48",
          "2001::/23",
          "2001:db8::/32",
          "3fff::/20");

  /** All that IPv6 has of public addresses so far. */
  private static final Cidr GLOBAL = Cidr.of("2000::/3");

  private static final Cidr NAT64 = Cidr.of("64:ff9b::/96");
  private static final Cidr NAT64_LOCAL = Cidr.of("64:ff9b:1::/48");
  private static final Cidr SIX_TO_FOUR = Cidr.of("2002::/16");
  private static final Cidr TEREDO = Cidr.of("2001::/32");
  private static final Cidr COMPATIBLE = Cidr.of("::/96");
  private static final Cidr TRANSLATED = Cidr.of("::ffff:0:0:0/96");

  private static final Set<String> METADATA_NAMES =
      Set.of(
          "metadata.google.internal",
          "metadata.goog",
          "metadata",
          "instance-data",
          "instance-data.ec2.internal");

  private static final String LET_IN = "; an operator can open it with MIMIR_ENDPOINT_ALLOWLIST";

  private static List<Cidr> blocks(String... texts) {
    return Stream.of(texts).map(Cidr::of).toList();
  }

  /**
   * Judges an address before it is resolved.
   *
   * @param zone where the endpoint may be
   * @return why it is refused, as a sentence without the address; empty when it is not
   */
  public Optional<String> judge(EndpointUrl url, Zone zone) {
    if (METADATA_NAMES.contains(url.host())) {
      return Optional.of("This is a metadata service, which never gets a key");
    }
    if (!url.isHttps()
        && !zone.allowsPrivateAddresses()
        && !allowlist.opens(url.host(), null, url.port())) {
      return literal(url.host())
          .filter(address -> allowlist.opens(url.host(), address, url.port()))
          .map(address -> Optional.<String>empty())
          .orElseGet(() -> Optional.of("This provider is called over https only" + LET_IN));
    }
    return literal(url.host()).flatMap(address -> judge(url.host(), address, url.port(), zone));
  }

  /**
   * The address that a host is, when it is written as one; names are not looked up, except that
   * localhost always is this machine (RFC 6761).
   */
  private static Optional<InetAddress> literal(String host) {
    if (host.equals("localhost") || host.endsWith(".localhost")) {
      return Cidr.of("127.0.0.1").address();
    }
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return Cidr.parse(bare).flatMap(block -> block.address());
  }

  /**
   * Judges one resolved address.
   *
   * @param host as it is written in the address of the provider
   */
  public Optional<String> judge(String host, InetAddress address, int port, Zone zone) {
    byte[] bytes = address.getAddress();
    byte[] inner = embedded(bytes);
    if (isIn(NEVER, bytes, inner) && !isIn(LOOPBACK, bytes, null)) {
      return Optional.of("This address is reserved or a metadata service, which never gets a key");
    }
    boolean here = isIn(LOOPBACK, bytes, inner) || isOwn.test(address);
    if (port == ownPort && here) {
      return Optional.of("This is Mimir itself");
    }
    if (databasePort.isPresent()
        && port == databasePort.getAsInt()
        && (here || isIn(PRIVATE, bytes, inner))) {
      return Optional.of("This is the port of Mimir's database");
    }
    if (allowlist.opens(host, address, port)) {
      return Optional.empty();
    }
    if (isIn(LOOPBACK, bytes, inner)) {
      return zone.allowsPrivateAddresses() && dev
          ? Optional.empty()
          : Optional.of("This address is the server's own machine" + LET_IN);
    }
    if (isIn(PRIVATE, bytes, inner)) {
      return zone.allowsPrivateAddresses()
          ? Optional.empty()
          : Optional.of("This provider is called at public addresses only" + LET_IN);
    }
    if (isNotPublic(bytes, inner)) {
      return Optional.of("This address is neither public nor of a private network" + LET_IN);
    }
    return Optional.empty();
  }

  /** Tells whether an address is on the public internet, so that a company's proxy leads there. */
  public static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    byte[] inner = embedded(bytes);
    return !isIn(NEVER, bytes, inner)
        && !isIn(LOOPBACK, bytes, inner)
        && !isIn(PRIVATE, bytes, inner)
        && !isNotPublic(bytes, inner);
  }

  private static boolean isNotPublic(byte[] address, byte[] inner) {
    boolean outside = address.length == 16 && inner == null && !GLOBAL.contains(address);
    return outside || isIn(NOT_PUBLIC, address, inner);
  }

  private static boolean isIn(List<Cidr> blocks, byte[] address, byte[] inner) {
    return blocks.stream()
        .anyMatch(block -> block.contains(address) || (inner != null && block.contains(inner)));
  }

  /** The IPv4 address that an IPv6 address carries inside, or null. */
  private static byte[] embedded(byte[] address) {
    if (address.length != 16) {
      return null;
    }
    if (SIX_TO_FOUR.contains(address)) {
      return part(address, 2, 0);
    }
    if (TEREDO.contains(address)) {
      return part(address, 12, 0xff);
    }
    boolean carries =
        NAT64.contains(address)
            || NAT64_LOCAL.contains(address)
            || COMPATIBLE.contains(address)
            || TRANSLATED.contains(address)
            || isIsatap(address);
    return carries ? part(address, 12, 0) : null;
  }

  /** RFC 5214, 6.1: the interface part is 0000:5efe or 0200:5efe and an IPv4 address. */
  private static boolean isIsatap(byte[] address) {
    return (address[8] & 0xfd) == 0
        && address[9] == 0
        && address[10] == 0x5e
        && address[11] == (byte) 0xfe;
  }

  private static byte[] part(byte[] address, int from, int mask) {
    byte[] inner = new byte[4];
    for (int i = 0; i < 4; i++) {
      inner[i] = (byte) (address[from + i] ^ mask);
    }
    return inner;
  }
}
