package io.mimir.net.service;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.net.AddressPolicy;
import io.mimir.net.EndpointUrl;
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
public class Outbound {

  private final Map<Zone, VettedClient> proxied = new EnumMap<>(Zone.class);
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

  private enum Zone {
    PUBLIC,
    SELF_HOSTED
  }

  /**
   * A request.
   *
   * @param headers names and values; the values hold secrets, so this is never printed
   * @param body null for none
   * @param patience how long to wait for the first byte; a body that has begun may pause as long,
   *     but for 30 seconds at most
   */
  public record Call(
      Provider provider,
      String method,
      URI uri,
      Map<String, String> headers,
      byte[] body,
      Duration patience) {

    @Override
    public String toString() {
      return "Call[" + provider + "]";
    }
  }

  /**
   * What is sent on a {@link Route}.
   *
   * @param path with its query, as {@link Route#path} gave it
   * @param headers names and values; the values may hold secrets, so this is never printed
   * @param body null for none
   * @param patience how long to wait for the first byte; a body that has begun may pause as long,
   *     but for 30 seconds at most
   */
  public record Request(
      String method, String path, Map<String, String> headers, byte[] body, Duration patience) {

    /** The same with other headers. */
    public Request with(Map<String, String> others) {
      return new Request(method, path, others, body, patience);
    }

    @Override
    public String toString() {
      return "Request[" + method + "]";
    }
  }

  /**
   * Refuses an address that calls could never go to, when it is entered. A name is looked up when
   * it is called, not here.
   *
   * @throws ProblemException ENDPOINT_BLOCKED
   */
  public void vet(Provider provider, EndpointUrl url) {
    config
        .policy()
        .judge(url, provider.isSelfHosted())
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
   * Sends a request and hands the answer to the receiver.
   *
   * @return cancelling it closes the connection at once
   */
  public Flow send(Call call, Receiver receiver) {
    URI uri = call.uri();
    String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return send(
        route(call.provider(), EndpointUrl.parse(base(uri))),
        new Request(
            call.method(),
            uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery(),
            call.headers(),
            call.body(),
            call.patience()),
        receiver);
  }

  /**
   * Works out how to get to an endpoint, once for many calls. The address is judged as it is
   * written; a refusal shows when it is called.
   */
  public Route route(Provider provider, EndpointUrl url) {
    boolean selfHosted = provider.isSelfHosted();
    return new Route(url, selfHosted, config.policy().judge(url, selfHosted).orElse(null));
  }

  /**
   * Sends a request on a route and hands the answer to the receiver.
   *
   * @return cancelling it closes the connection at once
   */
  public Flow send(Route route, Request request, Receiver receiver) {
    boolean throughProxy;
    try {
      if (route.refusal() != null) {
        throw new BlockedException(route.refusal());
      }
      throughProxy =
          config.httpProxy().isPresent() && leadsThroughProxy(route.base(), route.selfHosted());
    } catch (BlockedException e) {
      receiver.failed(e);
      return Flow.ended();
    }
    if (throughProxy) {
      return proxied(route)
          .send(request, URI.create(route.base().root() + request.path()), receiver);
    }
    RelayClient.Pool pool = route.pool(direct(route));
    RelayExchange exchange = new RelayExchange(pool, request, receiver);
    pool.send(exchange);
    return exchange;
  }

  /**
   * A proxy leads to the public internet; the own network is reached directly. The proxy resolves
   * names again, out of our sight, so they are judged here first; one that only the proxy knows is
   * left to it.
   */
  private boolean leadsThroughProxy(EndpointUrl target, boolean selfHosted)
      throws BlockedException {
    InetAddress[] addresses;
    try {
      addresses = resolver.resolve(target.host());
    } catch (UnknownHostException e) {
      return true;
    }
    for (InetAddress address : addresses) {
      refuse(config.policy().judge(target.host(), address, target.port(), selfHosted));
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

  private static Zone zone(Route route) {
    return route.selfHosted() ? Zone.SELF_HOSTED : Zone.PUBLIC;
  }

  private RelayClient direct(Route route) {
    Zone zone = zone(route);
    RelayClient known = direct.get(zone);
    // Asked for first: each call comes here, and computing takes a lock.
    return known != null ? known : direct.computeIfAbsent(zone, this::relay);
  }

  private RelayClient relay(Zone zone) {
    return new RelayClient(
        vetting(zone), Authorities.context(config.caFile().orElse(null)), longestPause);
  }

  private VettedClient proxied(Route route) {
    synchronized (proxied) {
      return proxied.computeIfAbsent(
          zone(route), z -> new VettedClient(vetting(z), config, longestPause));
    }
  }

  private Vetting vetting(Zone zone) {
    return new Vetting(config.policy(), zone == Zone.SELF_HOSTED, config.httpProxy().orElse(null));
  }

  @PreDestroy
  void close() {
    synchronized (proxied) {
      proxied.values().forEach(VettedClient::close);
      proxied.clear();
    }
    direct.values().forEach(RelayClient::close);
    direct.clear();
  }

  /** Resolves and judges, for each new connection. */
  private final class Vetting implements DnsResolver {

    private final AddressPolicy policy;
    private final boolean selfHosted;
    private final EndpointUrl proxy;

    Vetting(AddressPolicy policy, boolean selfHosted, EndpointUrl proxy) {
      this.policy = policy;
      this.selfHosted = selfHosted;
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
          refuse(policy.judge(host.toLowerCase(Locale.ROOT), address, port, selfHosted));
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
