package io.mimir.error;

import java.util.Locale;

/**
 * Every way in which a request can be refused, with its HTTP status. The name, in lower case, is
 * the {@code code} that clients see.
 */
public enum Problem {
  MALFORMED(400),
  UNKNOWN_FIELD(400),
  MISSING_FIELD(400),
  INVALID(400),
  UNAUTHENTICATED(401),
  FORBIDDEN(403),
  PASSWORD_REQUIRED(403),
  CSRF(403),
  NOT_FOUND(404),
  MODEL_NOT_FOUND(404),
  METHOD_NOT_ALLOWED(405),
  NOT_ACCEPTABLE(406),
  NAME_TAKEN(409),
  IN_USE(409),
  LAST_ADMIN(409),
  RESTORE_CONFLICT(409),
  REQUEST_TIMEOUT(408),
  STALE(412),
  TOO_LARGE(413),
  UNSUPPORTED_MEDIA_TYPE(415),
  REFUSED(422),
  ENDPOINT_BLOCKED(422),
  KEY_REQUIRED_FOR_NEW_ORIGIN(422),
  WEAK_PASSWORD(422),
  WRONG_PASSWORD(422),
  RATE_LIMITED(429),
  LOCKED_OUT(429),
  PROVIDER_ERROR(502),
  NO_USABLE_KEY(503),
  STORAGE_UNAVAILABLE(503),
  OVERLOADED(503),
  STARTING(503),
  DRAINING(503),
  PROVIDER_TIMEOUT(504),
  BUILTIN_IMMUTABLE(403),
  NOT_RUNNING(409),
  PLUGIN_REFUSED(422),
  PLUGIN_FAILED(422),
  PLUGIN_BUSY(429),
  PLUGIN_CRASHED(502),
  PLUGIN_DEADLINE(504),
  UNEXPECTED(500);

  private final int status;

  Problem(int status) {
    this.status = status;
  }

  /** Returns the HTTP status. */
  public int status() {
    return status;
  }

  /** Returns the stable word for this problem on the wire, in snake_case. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
