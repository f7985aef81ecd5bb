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
   * @param patience how long to wait for the first byte, and between two
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
    Optional<String> refused =
        config.policy().judge(EndpointUrl.parse(base(call.uri())), call.provider().isSelfHosted());
    if (refused.isPresent()) {
      receiver.failed(new BlockedException(refused.get()));
      return CompletableFuture.completedFuture(null);
    }
    return client(call.provider()).send(call, receiver);
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
                  config));
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
      return resolver.resolve(host);
    }

    @Override
    public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
      InetAddress[] addresses = resolver.resolve(host);
      if (proxy == null || !proxy.host().equals(host) || proxy.port() != port) {
        for (InetAddress address : addresses) {
          Optional<String> reason =
              policy.judge(host.toLowerCase(Locale.ROOT), address, port, selfHosted);
          if (reason.isPresent()) {
            throw new BlockedException(reason.get());
          }
        }
      }
      return Arrays.stream(addresses).map(address -> new InetSocketAddress(address, port)).toList();
    }

    @Override
    public String resolveCanonicalHostname(String host) {
      return host;
    }
  }
}
