package io.mimir.net.service;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.net.AddressPolicy;
import io.mimir.net.EndpointUrl;
import io.mimir.net.Zone;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hc.client5.http.DnsResolver;

/**
 * The one way to the outside: every byte that leaves for a provider goes through here. A host is
 * resolved once, each of its addresses is judged, and the connection goes to a judged one (T14); no
 * redirect is followed, nothing is retried, and settings of the JVM have no say.
 */
@ApplicationScoped
public class EgressClient {

  private final Map<Zone, ProxyHttpClient> proxied = new EnumMap<>(Zone.class);
  private final Map<Zone, RelayClient> direct = new ConcurrentHashMap<>();

  @Inject NetConfig config;

  /** Tests resolve names by hand. */
  Resolver resolver = InetAddress::getAllByName;

  /** How long an answer that has begun may pause; tests have less time (T17). */
  Duration longestPause = Duration.ofSeconds(30);

  /** Looks a name up. */
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /**
   * Refuses an address that calls could never go to, when it is entered. A name is looked up when
   * it is called, not here.
   *
   * @throws ProblemException ENDPOINT_BLOCKED
   */
  public void vet(Zone zone, EndpointUrl url) {
    config
        .policy()
        .judge(url, zone)
        .ifPresent(
            reason -> {
              throw ProblemException.of(
                  Problem.ENDPOINT_BLOCKED,
                  "endpoint_url",
                  Problem.ENDPOINT_BLOCKED.code(),
                  reason);
            });
  }

  /**
   * Sends a request and hands the answer to the handler.
   *
   * @return cancelling it closes the connection at once
   */
  public CallHandle send(EgressCall call, ResponseHandler handler) {
    URI uri = call.uri();
    String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return send(
        route(call.zone(), EndpointUrl.parse(base(uri))),
        new EgressRequest(
            call.method(),
            uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery(),
            call.headers(),
            call.body(),
            call.patience()),
        handler);
  }

  /**
   * Works out how to get to an endpoint, once for many calls. The address is judged as it is
   * written; a refusal shows when it is called.
   */
  public UpstreamRoute route(Zone zone, EndpointUrl url) {
    return new UpstreamRoute(url, zone, config.policy().judge(url, zone).orElse(null));
  }

  /**
   * Sends a request on a route and hands the answer to the handler.
   *
   * @return cancelling it closes the connection at once
   */
  public CallHandle send(UpstreamRoute route, EgressRequest request, ResponseHandler handler) {
    boolean throughProxy;
    try {
      if (route.refusal() != null) {
        throw new BlockedException(route.refusal());
      }
      throughProxy =
          config.httpProxy().isPresent() && leadsThroughProxy(route.base(), route.zone());
    } catch (BlockedException e) {
      handler.failed(e);
      return CallHandle.ended();
    }
    if (throughProxy) {
      return proxied(route)
          .send(request, URI.create(route.base().root() + request.path()), handler);
    }
    RelayClient.Pool pool = route.pool(direct(route));
    RelayExchange exchange = new RelayExchange(pool, request, handler);
    pool.send(exchange);
    return exchange;
  }

  /**
   * A proxy leads to the public internet; the own network is reached directly. The proxy resolves
   * names again, out of our sight, so they are judged here first; one that only the proxy knows is
   * left to it.
   */
  private boolean leadsThroughProxy(EndpointUrl target, Zone zone) throws BlockedException {
    InetAddress[] addresses;
    try {
      addresses = resolver.resolve(target.host());
    } catch (UnknownHostException e) {
      return true;
    }
    for (InetAddress address : addresses) {
      refuse(config.policy().judge(target.host(), address, target.port(), zone));
    }
    return Arrays.stream(addresses).allMatch(AddressPolicy::isPublic);
  }

  private static void refuse(Optional<String> reason) throws BlockedException {
    if (reason.isPresent()) {
      throw new BlockedException(reason.get());
    }
  }

  private static String base(URI uri) {
    return uri.getScheme() + "://" + uri.getRawAuthority();
  }

  private RelayClient direct(UpstreamRoute route) {
    Zone zone = route.zone();
    RelayClient known = direct.get(zone);
    // Asked for first: each call comes here, and computing takes a lock.
    return known != null ? known : direct.computeIfAbsent(zone, this::relay);
  }

  private RelayClient relay(Zone zone) {
    return new RelayClient(
        vetting(zone), TrustAnchors.context(config.caFile().orElse(null)), longestPause);
  }

  private ProxyHttpClient proxied(UpstreamRoute route) {
    synchronized (proxied) {
      return proxied.computeIfAbsent(
          route.zone(), z -> new ProxyHttpClient(vetting(z), config, longestPause));
    }
  }

  private Vetting vetting(Zone zone) {
    return new Vetting(config.policy(), zone, config.httpProxy().orElse(null));
  }

  @PreDestroy
  void close() {
    synchronized (proxied) {
      proxied.values().forEach(ProxyHttpClient::close);
      proxied.clear();
    }
    direct.values().forEach(RelayClient::close);
    direct.clear();
  }

  /** Resolves and judges, for each new connection. */
  private final class Vetting implements DnsResolver {

    private final AddressPolicy policy;
    private final Zone zone;
    private final EndpointUrl proxy;

    Vetting(AddressPolicy policy, Zone zone, EndpointUrl proxy) {
      this.policy = policy;
      this.zone = zone;
      this.proxy = proxy;
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
      throw new UnknownHostException("Without a port there is no verdict");
    }

    @Override
    public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
      InetAddress[] addresses = resolver.resolve(host);
      if (!isProxy(host, port)) {
        for (InetAddress address : addresses) {
          refuse(policy.judge(host.toLowerCase(Locale.ROOT), address, port, zone));
        }
      }
      return Arrays.stream(addresses).map(address -> new InetSocketAddress(address, port)).toList();
    }

    /** The operator named the proxy, so it may be anywhere. */
    private boolean isProxy(String host, int port) {
      return proxy != null
          && proxy.port() == port
          && proxy.host().replaceAll("[\\[\\]]", "").equals(host);
    }

    @Override
    public String resolveCanonicalHostname(String host) {
      return host;
    }
  }
}
