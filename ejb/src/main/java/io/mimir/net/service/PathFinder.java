package io.mimir.net.service;

import io.mimir.net.AddressPolicy;
import io.mimir.net.HttpProxy;
import io.mimir.net.Zone;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Resolves and judges a host, for each new connection to it (T14). */
final class PathFinder {

  private final Zone zone;
  private final AddressPolicy policy;
  private final HttpProxy proxy;
  private final NameResolver names;

  /**
   * @param proxy null for none
   */
  PathFinder(Zone zone, AddressPolicy policy, HttpProxy proxy, NameResolver names) {
    this.zone = zone;
    this.policy = policy;
    this.proxy = proxy;
    this.names = names;
  }

  /**
   * Finds out what to connect to. A proxy leads to the public internet; the own network is reached
   * directly. The proxy resolves names again, out of our sight, so they are judged here first; one
   * that only the proxy knows is left to it.
   *
   * @param host without brackets
   * @throws BlockedException when one of its addresses may not be called
   * @throws ConnectFailedException when the name, or the proxy's, is not known
   */
  EgressPath find(String host, int port) throws BlockedException, ConnectFailedException {
    InetAddress[] addresses;
    try {
      addresses = names.resolve(host);
    } catch (UnknownHostException e) {
      if (proxy == null) {
        throw new ConnectFailedException(false, e);
      }
      return throughProxy();
    }
    for (InetAddress address : addresses) {
      Optional<String> refusal = policy.judge(host.toLowerCase(Locale.ROOT), address, port, zone);
      if (refusal.isPresent()) {
        throw new BlockedException(refusal.get());
      }
    }
    if (proxy != null && Arrays.stream(addresses).allMatch(AddressPolicy::isPublic)) {
      return throughProxy();
    }
    return new EgressPath(at(addresses, port), null);
  }

  /** The operator named the proxy, so it may be anywhere. */
  private EgressPath throughProxy() throws ConnectFailedException {
    try {
      return new EgressPath(at(names.resolve(proxy.host()), proxy.port()), proxy);
    } catch (UnknownHostException e) {
      throw new ConnectFailedException(true, e);
    }
  }

  private static List<InetSocketAddress> at(InetAddress[] addresses, int port) {
    return Arrays.stream(addresses).map(address -> new InetSocketAddress(address, port)).toList();
  }
}
