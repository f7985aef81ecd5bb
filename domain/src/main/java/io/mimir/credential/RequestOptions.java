package io.mimir.credential;

import io.mimir.credential.LastTest.Findings;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.AuthScheme;
import io.mimir.llm.Endpoint;
import io.mimir.net.EndpointUrl;
import io.mimir.security.NamedSecrets;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What each call of a key carries besides: headers of its own, whose values are sealed like the
 * key, a query, and another way in which the key travels.
 */
@Embeddable
public class RequestOptions {

  private static final int MAX_HEADERS = 20;
  private static final int MAX_QUERY_MEMBERS = 20;
  private static final int MAX_VALUE_CHARS = 4096;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");
  private static final Pattern QUERY_NAME = Pattern.compile("[A-Za-z0-9._~\\[\\]$-]{1,100}");
  private static final Pattern QUERY_VALUE = Pattern.compile("[\\x20-\\x7E]{0,1000}");

  /** Headers that the connection owns, or that another member of a key says. */
  private static final Set<String> NEVER =
      Set.of(
          "host",
          "content-length",
          "content-type",
          "content-encoding",
          "transfer-encoding",
          "connection",
          "keep-alive",
          "upgrade",
          "te",
          "trailer",
          "expect",
          "proxy-authorization",
          "accept-encoding");

  /** Names under which people put secrets into addresses, where everybody would see them. */
  private static final Pattern SECRET_MEMBER =
      Pattern.compile("(?i)(.*[-_])?(key|apikey|token|secret|password|sig|signature)");

  /** The written form of an {@link AuthScheme}; null for the provider's own way. */
  @Column(name = "auth")
  private String auth;

  /** A query in its usual form; null for none. */
  @Column(name = "request_query")
  private String query;

  /** The names of the headers, one a line; null for none. */
  @Column(name = "header_names")
  private String headerNames;

  /** The stored form of the sealed headers, names and values; null for none. */
  @Column(name = "header_values")
  private String headerValues;

  /**
   * What is to be changed; null members stay as they are.
   *
   * @param headers all headers that there are to be; a value that is null stays as it is stored
   * @param query all members that there are to be
   * @param auth the written form of an {@link AuthScheme}
   */
  public record Change(Map<String, Secret> headers, Map<String, String> query, String auth) {

    public static final Change NONE = new Change(null, null, null);

    /** Says the names only: the values are nobody's business. */
    @Override
    public String toString() {
      return "Change[" + (headers == null ? "" : headers.keySet()) + "]";
    }
  }

  /** Headers as they are stored: opened for each call. */
  public record SealedHeaders(SealedSecret sealed, SealContext context) {}

  /**
   * Applies a change.
   *
   * @param context what the headers are bound to
   * @throws ProblemException with every member that is wrong
   */
  void change(Change change, Vault vault, SealContext context) {
    List<FieldError> errors = new ArrayList<>();
    if (change.auth() != null && AuthScheme.of(change.auth()).isEmpty()) {
      errors.add(new FieldError("auth", "invalid", "Use bearer, none or header:<name>"));
    }
    if (change.query() != null) {
      checkQuery(change.query(), errors);
    }
    String wantedAuth = change.auth() == null ? auth : change.auth();
    if (change.headers() != null) {
      checkHeaders(change.headers(), wantedAuth, errors);
    } else if (headerNames().stream().anyMatch(name -> isOwnedByTheKey(name, wantedAuth))) {
      errors.add(new FieldError("auth", "invalid", "A header of this name is set already"));
    }
    if (!errors.isEmpty()) {
      throw ProblemException.of(Problem.REFUSED, errors);
    }
    this.auth = wantedAuth;
    if (change.query() != null) {
      this.query = written(change.query());
    }
    if (change.headers() != null) {
      replaceHeaders(change.headers(), vault, context);
    }
  }

  private static void checkQuery(Map<String, String> query, List<FieldError> errors) {
    if (query.size() > MAX_QUERY_MEMBERS) {
      errors.add(new FieldError("query", "too_many", "Use at most 20 members"));
    }
    for (Map.Entry<String, String> member : query.entrySet()) {
      if (!QUERY_NAME.matcher(member.getKey()).matches()
          || member.getValue() == null
          || !QUERY_VALUE.matcher(member.getValue()).matches()) {
        errors.add(
            new FieldError(
                "query", "invalid", "Use names of letters and digits, and ASCII values"));
      } else if (SECRET_MEMBER.matcher(member.getKey()).matches()) {
        errors.add(
            new FieldError(
                "query",
                "secret",
                "Everybody sees what is in an address: enter a secret as the key, or as a header"));
      }
    }
  }

  private void checkHeaders(
      Map<String, Secret> headers, String wantedAuth, List<FieldError> errors) {
    if (headers.size() > MAX_HEADERS) {
      errors.add(new FieldError("headers", "too_many", "Use at most 20 headers"));
    }
    Set<String> stored = headerNames();
    headers.forEach(
        (name, value) -> {
          if (!NAME.matcher(name).matches() || NEVER.contains(name.toLowerCase(Locale.ROOT))) {
            errors.add(
                new FieldError("headers", "invalid_name", "A header with this name cannot be set"));
          } else if (isOwnedByTheKey(name, wantedAuth)) {
            errors.add(
                new FieldError(
                    "headers", "invalid_name", "This header carries the key: enter it as the key"));
          } else if (value == null && stored.stream().noneMatch(name::equalsIgnoreCase)) {
            errors.add(new FieldError("headers", "missing", "Give the new header a value"));
          } else if (value != null
              && (!value.isHeaderValue() || value.length() > MAX_VALUE_CHARS)) {
            errors.add(
                new FieldError(
                    "headers",
                    "invalid_value",
                    "A value is one line of visible ASCII characters, at most 4096"));
          }
        });
    boolean twice =
        headers.keySet().stream().map(name -> name.toLowerCase(Locale.ROOT)).distinct().count()
            < headers.size();
    if (twice) {
      errors.add(new FieldError("headers", "duplicate", "Name each header once"));
    }
  }

  /** Authorization is free where the key travels in another header. */
  private static boolean isOwnedByTheKey(String name, String auth) {
    AuthScheme scheme = auth == null ? null : AuthScheme.of(auth).orElse(null);
    if (scheme != null && scheme.kind() == AuthScheme.Kind.HEADER) {
      return name.equalsIgnoreCase(scheme.header());
    }
    return name.equalsIgnoreCase("Authorization");
  }

  private void replaceHeaders(Map<String, Secret> wanted, Vault vault, SealContext context) {
    Map<String, Secret> joined = new LinkedHashMap<>();
    Map<String, Secret> stored =
        keepsAValue(wanted) ? opened(vault, context) : Map.<String, Secret>of();
    wanted.forEach(
        (name, value) ->
            joined.put(
                name,
                value != null
                    ? value
                    : stored.entrySet().stream()
                        .filter(each -> each.getKey().equalsIgnoreCase(name))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElseThrow()));
    seal(joined, vault, context);
  }

  private void seal(Map<String, Secret> headers, Vault vault, SealContext context) {
    if (headers.isEmpty()) {
      dropHeaders();
      return;
    }
    try (Secret joined = NamedSecrets.join(headers)) {
      this.headerValues = vault.seal(joined, context).stored();
    }
    this.headerNames = String.join("\n", headers.keySet());
  }

  private Map<String, Secret> opened(Vault vault, SealContext context) {
    if (headerValues == null) {
      return Map.of();
    }
    try (Secret joined = vault.open(SealedSecret.ofStored(headerValues), context)) {
      return NamedSecrets.split(joined);
    }
  }

  /** Binds the headers to another origin. The caller has made sure that they may go there. */
  void rebind(Vault vault, SealContext before, SealContext after) {
    if (!before.equals(after)) {
      seal(opened(vault, before), vault, after);
    }
  }

  /** Removes all headers: they were given for a server that the key leaves. */
  public void dropHeaders() {
    this.headerNames = null;
    this.headerValues = null;
  }

  /** Tells whether a value that is stored now is there after a change as well. */
  public boolean keepsAHeader(Change change) {
    return headerValues != null && (change.headers() == null || keepsAValue(change.headers()));
  }

  private static boolean keepsAValue(Map<String, Secret> headers) {
    return headers.values().stream().anyMatch(Objects::isNull);
  }

  /** Returns the headers as they are stored; empty for none. */
  Optional<SealedHeaders> sealed(SealContext context) {
    return headerValues == null
        ? Optional.empty()
        : Optional.of(new SealedHeaders(SealedSecret.ofStored(headerValues), context));
  }

  /** Returns the names of the headers, in their order. */
  public Set<String> headerNames() {
    Set<String> names = new LinkedHashSet<>();
    if (headerNames != null) {
      headerNames.lines().forEach(names::add);
    }
    return names;
  }

  /** Returns the members of the query, in their order. */
  public Map<String, String> query() {
    Map<String, String> members = new LinkedHashMap<>();
    if (query != null) {
      for (String member : query.split("&")) {
        int equals = member.indexOf('=');
        members.put(decoded(member.substring(0, equals)), decoded(member.substring(equals + 1)));
      }
    }
    return members;
  }

  private static String written(Map<String, String> members) {
    List<String> written = new ArrayList<>();
    members.forEach((name, value) -> written.add(encoded(name) + '=' + encoded(value)));
    return written.isEmpty() ? null : String.join("&", written);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Returns how the key travels; empty for the provider's own way. */
  public Optional<AuthScheme> auth() {
    return Optional.ofNullable(auth).flatMap(AuthScheme::of);
  }

  /**
   * Returns what calls need to know that is no secret.
   *
   * @param url where the calls go
   * @param lastTest null where there was none
   */
  Endpoint.Options forCalls(EndpointUrl url, LastTest lastTest) {
    Findings found = lastTest == null ? null : lastTest.findings();
    boolean holds = found != null && found.endpointUrl().equals(url.toString());
    return new Endpoint.Options(
        query(),
        auth().orElse(null),
        holds ? found.basePath() : null,
        holds ? found.operations() : null);
  }
}
