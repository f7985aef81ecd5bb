package io.mimir.error;

import java.util.Locale;

/**
 * Every way in which a request can be refused. The name, in lower case, is the {@code code} that
 * clients see; the web module gives each its HTTP status.
 */
public enum Problem {
  MALFORMED,
  UNKNOWN_FIELD,
  MISSING_FIELD,
  INVALID,
  UNAUTHENTICATED,
  FORBIDDEN,
  CSRF,
  NOT_FOUND,
  MODEL_NOT_FOUND,
  METHOD_NOT_ALLOWED,
  NOT_ACCEPTABLE,
  NAME_TAKEN,
  IN_USE,
  LAST_ADMIN,
  RESTORE_CONFLICT,
  STALE,
  TOO_LARGE,
  UNSUPPORTED_MEDIA_TYPE,
  REFUSED,
  ENDPOINT_BLOCKED,
  KEY_REQUIRED_FOR_NEW_ORIGIN,
  WEAK_PASSWORD,
  RATE_LIMITED,
  LOCKED_OUT,
  PROVIDER_ERROR,
  NO_USABLE_KEY,
  STORAGE_UNAVAILABLE,
  PROVIDER_TIMEOUT,
  BUILTIN_IMMUTABLE,
  NOT_RUNNING,
  PLUGIN_REFUSED,
  PLUGIN_FAILED,
  PLUGIN_BUSY,
  PLUGIN_CRASHED,
  PLUGIN_DEADLINE,
  UNEXPECTED;

  /** The stable word for this problem on the wire, in snake_case. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
