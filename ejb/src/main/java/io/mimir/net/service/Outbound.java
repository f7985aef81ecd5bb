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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.DnsResolver;

/**
 * The one way to the outside: every byte that leaves for a provider goes through here. A host is
 * resolved once, each of its addresses is judged, and the connection goes to a judged one (T14); no
 * redirect is followed, nothing is retried, and settings of the JVM have no say.
 */
@ApplicationScoped
public class Outbound {

  private final Map<Zone, VettedClient> clients = new EnumMap<>(Zone.class);

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
    public boolean equals(Object o) {
      return this == o;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }

    @Override
    public String toString() {
      return "Call[" + provider + "]";
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
  public Future<?> send(Call call, Receiver receiver) {
    EndpointUrl target = EndpointUrl.parse(base(call.uri()));
    boolean selfHosted = call.provider().isSelfHosted();
    boolean proxied;
    try {
      refuse(config.policy().judge(target, selfHosted));
      proxied = config.httpProxy().isPresent() && leadsThroughProxy(target, selfHosted);
    } catch (BlockedException e) {
      receiver.failed(e);
      return CompletableFuture.completedFuture(null);
    }
    return client(call.provider()).send(call, receiver, proxied);
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

  private VettedClient client(Provider provider) {
    Zone zone = provider.isSelfHosted() ? Zone.SELF_HOSTED : Zone.PUBLIC;
    synchronized (clients) {
      return clients.computeIfAbsent(
          zone,
          z ->
              new VettedClient(
                  new Vetting(
                      config.policy(), z == Zone.SELF_HOSTED, config.httpProxy().orElse(null)),
                  config,
                  longestPause));
    }
  }

  @PreDestroy
  void close() {
    synchronized (clients) {
      clients.values().forEach(VettedClient::close);
      clients.clear();
    }
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
