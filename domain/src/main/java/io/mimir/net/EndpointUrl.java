package io.mimir.net;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The base address of a provider: scheme, host and port in one spelling, and the path as it was
 * entered, but for slashes at its end. What other programs might read in another way (user info, a
 * query, backslashes, numbers that stand for addresses) is refused rather than understood (T13).
 */
public final class EndpointUrl {

  private static final int MAX_CHARS = 2048;
  private static final Pattern VISIBLE = Pattern.compile("[\\x21-\\x7E&&[^\\\\\"<>^`{|}]]+");
  private static final Pattern NAME =
      Pattern.compile("(?!-)[A-Za-z0-9_-]{1,63}(\\.(?!-)[A-Za-z0-9_-]{1,63})*");
  private static final Pattern DOTTED_QUAD =
      Pattern.compile("((25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(25[0-5]|2[0-4]\\d|1?\\d?\\d)");
  private static final Pattern LEADING_ZERO = Pattern.compile("(^|.*\\.)0\\d.*");

  /** What resolvers take for a number: digits alone or in the last part, hex, octal. */
  private static final Pattern NUMBER_LIKE = Pattern.compile("(.*\\.)?(0[xX][0-9A-Fa-f]*|\\d+)");

  private static final Pattern TRAILING_SLASHES = Pattern.compile("/+$");
  private static final Pattern DOTS = Pattern.compile("(.*/)?\\.{1,2}(/.*)?");
  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._~@:+=,-]+)*");

  private final String scheme;
  private final String host;
  private final int port;
  private final String path;

  private EndpointUrl(String scheme, String host, int port, String path) {
    this.scheme = scheme;
    this.host = host;
    this.port = port;
    this.path = path;
  }

  /**
   * @param text what somebody entered
   * @throws ProblemException INVALID for the field {@code endpoint_url}, without the text
   */
  public static EndpointUrl parse(String text) {
    if (text == null
        || text.isEmpty()
        || text.length() > MAX_CHARS
        || !VISIBLE.matcher(text).matches()) {
      throw invalid("Use an address such as https://llm.example.com, in plain ASCII");
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw invalid("Use an address such as https://llm.example.com");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw invalid("The address must begin with http:// or https://");
    }
    if (uri.getRawUserInfo() != null) {
      throw invalid("Leave user name and password out of the address: enter the key instead");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw invalid("Leave out what follows ? or # in the address");
    }
    if (uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > 65_535) {
      throw invalid("The address needs a host, and a port between 1 and 65535 if any");
    }
    int port = uri.getPort() > 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
    return new EndpointUrl(scheme, host(uri.getHost()), port, path(uri.getRawPath()));
  }

  private static String host(String raw) {
    String host = raw.toLowerCase(Locale.ROOT);
    if (host.startsWith("[")) {
      if (host.contains("%")) {
        throw invalid("Leave the zone out of the address");
      }
      return host;
    }
    host = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    boolean number = NUMBER_LIKE.matcher(host).matches();
    if (number && (!DOTTED_QUAD.matcher(host).matches() || LEADING_ZERO.matcher(host).matches())) {
      throw invalid("Write an IPv4 address as four decimal numbers");
    }
    if (!NAME.matcher(host).matches()) {
      throw invalid("The host name has characters that host names do not have");
    }
    return host;
  }

  private static String path(String raw) {
    String path = raw == null ? "" : TRAILING_SLASHES.matcher(raw).replaceAll("");
    if (!PATH.matcher(path).matches() || DOTS.matcher(path).matches()) {
      throw invalid("The path of the address has characters or dots that it cannot have");
    }
    return path;
  }

  private static ProblemException invalid(String message) {
    return ProblemException.of(Problem.INVALID, "endpoint_url", "invalid_url", message);
  }

  public boolean isHttps() {
    return scheme.equals("https");
  }

  /** The host in lower case; an IPv6 address is in brackets. */
  public String host() {
    return host;
  }

  /** Always a number, the scheme's own where none was written. */
  public int port() {
    return port;
  }

  /** Scheme, host and port: what a secret is bound to. */
  public String origin() {
    return scheme + "://" + host + ":" + port;
  }

  /** Returns the path, which is empty for a bare host and never ends in a slash. */
  public String path() {
    return path;
  }

  /** Returns the same server with another path. */
  public EndpointUrl withPath(String other) {
    return new EndpointUrl(scheme, host, port, path(other));
  }

  /** Scheme, host, and port where it is not the usual one: the beginning of every address here. */
  public String root() {
    boolean usual = port == (isHttps() ? 443 : 80);
    return scheme + "://" + host + (usual ? "" : ":" + port);
  }

  /** The one spelling, which is stored. */
  @Override
  public String toString() {
    return root() + path;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof EndpointUrl other && toString().equals(other.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }
}
