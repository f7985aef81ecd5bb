package io.mimir.security.web;

import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.Started;
import io.mimir.net.Cidr;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How the server is reached. */
@ApplicationScoped
public class SecurityConfig {

  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:\\[\\]-]{1,200}");

  @Inject
  @ConfigProperty(name = "mimir.secure.cookies")
  Optional<Boolean> secureCookies;

  @Inject
  @ConfigProperty(name = "mimir.public.url")
  Optional<String> publicUrl;

  @Inject
  @ConfigProperty(name = "mimir.trusted.proxies")
  Optional<String> trustedProxies;

  private volatile List<Cidr> trusted = List.of();

  /**
   * Said outright, or else told by the public address: secure cookies would lock out a plain http
   * network.
   */
  public boolean secureCookies() {
    return secureCookies.orElseGet(
        () -> publicUrl.filter(url -> url.strip().startsWith("https://")).isPresent());
  }

  /**
   * The address at which a client reaches this server, without a slash at its end: the public one,
   * or else the one that the client itself has used.
   */
  public String baseUrl(HttpServletRequest request) {
    return publicUrl
        .map(url -> url.strip().replaceAll("/+$", ""))
        .orElseGet(
            () -> {
              String host = request.getHeader("Host");
              boolean usable = host != null && HOST.matcher(host).matches();
              return request.getScheme() + "://" + (usable ? host : "localhost");
            });
  }

  /** The proxies whose word on the client's address is believed. */
  List<Cidr> trustedProxies() {
    return trusted;
  }

  /** Read when the server starts, so that a mistake stops it. */
  void check(@Observes Started started) {
    List<Cidr> blocks = new ArrayList<>();
    for (String part : trustedProxies.orElse("").split(",")) {
      if (!part.isBlank()) {
        blocks.add(
            Cidr.parse(part)
                .orElseThrow(
                    () ->
                        StartException.configuration(
                            "MIMIR_TRUSTED_PROXIES holds something that is no address and no block")));
      }
    }
    trusted = List.copyOf(blocks);
  }
}
