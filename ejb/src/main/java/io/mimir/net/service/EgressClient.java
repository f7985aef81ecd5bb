package io.mimir.net.service;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.net.EndpointUrl;
import io.mimir.net.Zone;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.InetAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The one way to the outside: every byte that leaves for a provider goes through here. A host is
 * resolved once, each of its addresses is judged, and the connection goes to a judged one (T14); no
 * redirect is followed, no answer is asked for twice, and settings of the JVM have no say.
 */
@ApplicationScoped
public class EgressClient {

  private final Map<Zone, RelayClient> clients = new ConcurrentHashMap<>();

  @Inject NetConfig config;

  /** Tests resolve names by hand. */
  NameResolver resolver = InetAddress::getAllByName;

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
    if (route.refusal() != null) {
      handler.failed(new BlockedException(route.refusal()));
      return CallHandle.ended();
    }
    ConnectionPool pool = route.pool(client(route.zone()));
    RelayExchange exchange = new RelayExchange(pool, request, handler);
    pool.send(exchange);
    return exchange;
  }

  private static String base(URI uri) {
    return uri.getScheme() + "://" + uri.getRawAuthority();
  }

  private RelayClient client(Zone zone) {
    RelayClient known = clients.get(zone);
    // Asked for first: each call comes here, and computing takes a lock.
    return known != null ? known : clients.computeIfAbsent(zone, this::open);
  }

  private RelayClient open(Zone zone) {
    return new RelayClient(
        new PathFinder(
            zone, config.policy(), config.httpProxy().orElse(null), host -> resolver.resolve(host)),
        TrustAnchors.context(config.caFile().orElse(null)));
  }

  @PreDestroy
  void close() {
    clients.values().forEach(RelayClient::close);
    clients.clear();
  }
}
