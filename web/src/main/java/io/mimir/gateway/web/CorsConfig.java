package io.mimir.gateway.web;

import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.Started;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@code MIMIR_CORS_ORIGINS}: whose scripts may call the gateway from a browser. */
@ApplicationScoped
public class CorsConfig {

  /** A scheme and a host, perhaps with a port: extensions and desktop programs have their own. */
  private static final Pattern ORIGIN =
      Pattern.compile("[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?");

  @Inject
  @ConfigProperty(name = "mimir.cors.origins")
  Optional<String> origins;

  private volatile Set<String> allowed = Set.of();

  /** Read when the server starts, so that a mistake stops it. */
  void check(@Observes Started started) {
    allowed = parse(origins.orElse(""));
  }

  /**
   * Reads origins separated by commas.
   *
   * @throws StartException for a wildcard and for what is no origin
   */
  static Set<String> parse(String text) {
    Set<String> found = new LinkedHashSet<>();
    for (String part : text.split(",")) {
      String origin = part.strip().toLowerCase(Locale.ROOT);
      if (origin.isEmpty()) {
        continue;
      }
      if (origin.contains("*")) {
        throw StartException.configuration(
            "MIMIR_CORS_ORIGINS must name each origin: with * any page that somebody opens could call"
                + " the gateway");
      }
      if (origin.endsWith("/")) {
        origin = origin.substring(0, origin.length() - 1);
      }
      if (!ORIGIN.matcher(origin).matches()) {
        throw StartException.configuration(
            "MIMIR_CORS_ORIGINS holds something that is no origin: write scheme, host and port, as in"
                + " http://localhost:5173");
      }
      found.add(origin);
    }
    return Set.copyOf(found);
  }

  /** Whether no origin is allowed. */
  public boolean isEmpty() {
    return allowed.isEmpty();
  }

  /**
   * Tells whether scripts of an origin may call.
   *
   * @param origin as the browser sends it
   */
  public boolean allows(String origin) {
    return allowed.contains(origin);
  }
}
