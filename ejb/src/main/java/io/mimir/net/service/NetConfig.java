package io.mimir.net.service;

import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.Started;
import io.mimir.net.AddressPolicy;
import io.mimir.net.Allowlist;
import io.mimir.net.EndpointUrl;
import io.mimir.net.HttpProxy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The settings of the way to the outside. They are read when the server starts, so that a mistake
 * stops it and not a call.
 */
@ApplicationScoped
public class NetConfig {

  private static final Pattern POSTGRESQL =
      Pattern.compile("jdbc:postgresql:(?://[^/:]+(?::(\\d{1,5}))?/)?.*");

  @Inject
  @ConfigProperty(name = "mimir.profile", defaultValue = "prod")
  String profile;

  @Inject
  @ConfigProperty(name = "mimir.port", defaultValue = "8080")
  int port;

  @Inject
  @ConfigProperty(name = "mimir.endpoint.allowlist")
  Optional<String> allowlist;

  @Inject
  @ConfigProperty(name = "mimir.http.proxy")
  Optional<String> httpProxy;

  @Inject
  @ConfigProperty(name = "mimir.ca.file")
  Optional<String> caFile;

  @Inject
  @ConfigProperty(name = "mimir.openai.endpoint")
  Optional<String> openAi;

  @Inject
  @ConfigProperty(name = "mimir.anthropic.endpoint")
  Optional<String> anthropic;

  @Inject
  @ConfigProperty(name = "mimir.db.url")
  Optional<String> databaseUrl;

  private AddressPolicy policy;

  void check(@Observes Started started) {
    policy();
    httpProxy();
    openAiEndpoint();
    anthropicEndpoint();
    caFile().ifPresent(NetConfig::readAuthorities);
  }

  private static void readAuthorities(Path file) {
    try {
      TrustAnchors.in(file);
    } catch (IOException | CertificateException e) {
      throw StartException.configuration(
          "MIMIR_CA_FILE names a file that cannot be read, or that holds no certificate in PEM"
              + " form");
    }
  }

  synchronized AddressPolicy policy() {
    if (policy == null) {
      policy =
          new AddressPolicy(
              "dev".equals(profile), allowlist(), port, databasePort(), NetConfig::isOwn);
    }
    return policy;
  }

  /** Returns PostgreSQL's port; SQLite listens nowhere. */
  private OptionalInt databasePort() {
    Matcher server = POSTGRESQL.matcher(databaseUrl.orElse(""));
    if (!server.matches()) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(server.group(1) == null ? 5432 : Integer.parseInt(server.group(1)));
  }

  private Allowlist allowlist() {
    try {
      return allowlist.map(Allowlist::parse).orElse(Allowlist.NONE);
    } catch (IllegalArgumentException e) {
      throw StartException.configuration(
          "MIMIR_ENDPOINT_ALLOWLIST cannot be used: " + e.getMessage());
    }
  }

  private static boolean isOwn(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return true;
    }
  }

  /** Returns the proxy for calls to the public internet. */
  Optional<HttpProxy> httpProxy() {
    try {
      return httpProxy.map(String::strip).filter(text -> !text.isEmpty()).map(HttpProxy::parse);
    } catch (IllegalArgumentException e) {
      throw StartException.configuration("MIMIR_HTTP_PROXY cannot be used: " + e.getMessage());
    }
  }

  Optional<Path> caFile() {
    return caFile.filter(text -> !text.isBlank()).map(text -> Path.of(text.strip()));
  }

  /** Returns what stands in for OpenAI's own address. */
  public Optional<EndpointUrl> openAiEndpoint() {
    return url(openAi, "MIMIR_OPENAI_ENDPOINT");
  }

  /** Returns what stands in for Anthropic's own address. */
  public Optional<EndpointUrl> anthropicEndpoint() {
    return url(anthropic, "MIMIR_ANTHROPIC_ENDPOINT");
  }

  private static Optional<EndpointUrl> url(Optional<String> text, String setting) {
    try {
      return text.filter(value -> !value.isBlank()).map(value -> EndpointUrl.parse(value.strip()));
    } catch (ProblemException e) {
      throw StartException.configuration(setting + " cannot be used: " + e.getMessage());
    }
  }
}
