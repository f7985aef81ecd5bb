package io.mimir.security.web;

import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.Started;
import io.mimir.net.Cidr;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How the server is reached. */
@ApplicationScoped
public class SecurityConfig {

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
