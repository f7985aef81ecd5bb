package io.mimir.security.web;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
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

  /**
   * Said outright, or else told by the public address: secure cookies would lock out a plain http
   * network.
   */
  public boolean secureCookies() {
    return secureCookies.orElseGet(
        () -> publicUrl.filter(url -> url.strip().startsWith("https://")).isPresent());
  }

  String trustedProxies() {
    return trustedProxies.map(String::strip).orElse("");
  }
}
