package io.mimir.security.web;

import io.mimir.net.Cidr;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Where a request came from. X-Forwarded-For is believed as far as it was written by proxies that
 * the operator trusts: from the right, up to the first address that is none of them.
 */
@ApplicationScoped
public class ClientAddress {

  @Inject SecurityConfig config;

  /** The address of the client, as a literal. */
  public String of(HttpServletRequest request) {
    return of(
        request.getRemoteAddr(),
        Collections.list(request.getHeaders("X-Forwarded-For")),
        config.trustedProxies());
  }

  static String of(String peer, List<String> forwarded, List<Cidr> trusted) {
    if (trusted.isEmpty()) {
      return peer;
    }
    List<String> hops = new ArrayList<>();
    forwarded.forEach(line -> Collections.addAll(hops, line.split(",")));
    String address = peer;
    for (int i = hops.size() - 1; i >= 0 && isTrusted(address, trusted); i--) {
      String hop = hops.get(i).strip();
      if (Cidr.parse(hop).isEmpty() || hop.contains("/")) {
        return address;
      }
      address = hop;
    }
    return address;
  }

  /** Only literals come here, so nothing is looked up. */
  private static boolean isTrusted(String address, List<Cidr> trusted) {
    try {
      InetAddress literal = InetAddress.getByName(address);
      return trusted.stream().anyMatch(block -> block.contains(literal));
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
