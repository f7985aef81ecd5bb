package io.mimir.security.service;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@code MIMIR_HOST} and {@code MIMIR_PORT}, as this machine reaches them. */
@ApplicationScoped
class OperatorConfig {

  private static final Set<String> ANY = Set.of("", "0.0.0.0", "::");

  @Inject
  @ConfigProperty(name = "mimir.host")
  Optional<String> host;

  @Inject
  @ConfigProperty(name = "mimir.port", defaultValue = "8080")
  String port;

  /** Returns the address without a slash at its end. */
  String url() {
    String name = host.map(String::strip).orElse("");
    String reached = ANY.contains(name) ? "127.0.0.1" : name;
    return "http://" + (reached.contains(":") ? "[" + reached + "]" : reached) + ":" + port;
  }
}
