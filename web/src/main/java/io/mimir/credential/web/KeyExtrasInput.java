package io.mimir.credential.web;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft.Extras;
import io.mimir.credential.RequestOptions;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.AuthScheme;
import io.mimir.llm.Provider;
import io.mimir.security.NamedSecrets;
import io.mimir.security.Secret;
import io.mimir.web.Sent;
import io.mimir.web.Texts;
import java.io.Serializable;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The fields of the form that few keys need. The values of headers are never held here: they are
 * read from the request and handed on (T04).
 */
public class KeyExtrasInput implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final String HEADERS = "headers";

  private String headerLines = "";
  private String query = "";
  private String auth;
  private String expires;

  /** Fills the fields with what is stored; null empties them. */
  void fill(ApiKey key) {
    headerLines = "";
    query = "";
    auth = null;
    expires = null;
    if (key == null) {
      return;
    }
    RequestOptions stored = key.getRequest();
    headerLines =
        stored.headerNames().stream().map(name -> name + ": ").collect(Collectors.joining("\n"));
    query =
        stored.query().entrySet().stream()
            .map(member -> member.getKey() + "=" + member.getValue())
            .collect(Collectors.joining("\n"));
    auth = stored.auth().map(AuthScheme::toString).orElse(null);
    expires =
        key.getExpiresAt() == null
            ? null
            : key.getExpiresAt().atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }

  /** Returns what was entered; whatever is blank is removed from a stored key. */
  Extras extras(Provider provider) {
    String wanted =
        auth == null || auth.isBlank() ? provider.descriptor().auth().toString() : auth.strip();
    return new Extras(new RequestOptions.Change(headers(), members(), wanted), true, expiry());
  }

  private static Map<String, Secret> headers() {
    try (Secret lines = Secret.of(Sent.text(HEADERS))) {
      return NamedSecrets.ofLines(lines);
    } catch (IllegalArgumentException e) {
      throw wrongLine(HEADERS);
    }
  }

  private Map<String, String> members() {
    Map<String, String> members = new LinkedHashMap<>();
    if (query != null) {
      query
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .forEach(
              line -> {
                int equals = line.indexOf('=');
                if (equals <= 0) {
                  throw wrongLine("query");
                }
                members.put(line.substring(0, equals), line.substring(equals + 1));
              });
    }
    return members;
  }

  private static ProblemException wrongLine(String field) {
    return ProblemException.of(Problem.REFUSED, field, "invalid", Texts.of("keys.line.wrong"));
  }

  private Instant expiry() {
    if (expires == null || expires.isBlank()) {
      return null;
    }
    try {
      return LocalDate.parse(expires.strip()).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeParseException e) {
      throw ProblemException.of(
          Problem.REFUSED, "expires_at", "invalid", Texts.of("keys.expires.wrong"));
    }
  }

  /** Returns the names of the stored headers, a line each, without their values. */
  public String getHeaderLines() {
    return headerLines;
  }

  public String getQuery() {
    return query;
  }

  public void setQuery(String query) {
    this.query = query;
  }

  public String getAuth() {
    return auth;
  }

  public void setAuth(String auth) {
    this.auth = auth;
  }

  public String getExpires() {
    return expires;
  }

  public void setExpires(String expires) {
    this.expires = expires;
  }
}
