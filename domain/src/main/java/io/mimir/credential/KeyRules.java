package io.mimir.credential;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;

/** The rules for what administrators enter, for keys that are only tested and not kept as well. */
public final class KeyRules {

  private static final int MAX_NAME_CHARS = 100;
  private static final int MAX_SECRET_CHARS = 4096;

  private KeyRules() {}

  /**
   * Returns a name as it is kept.
   *
   * @throws ProblemException MISSING_FIELD or REFUSED, naming the field
   */
  static String name(String wanted) {
    String stripped = wanted == null ? "" : wanted.strip();
    if (stripped.isEmpty()) {
      throw ProblemException.of(Problem.MISSING_FIELD, "name", "missing", "Give the key a name");
    }
    if (stripped.length() > MAX_NAME_CHARS
        || stripped.codePoints().anyMatch(c -> Character.isISOControl(c) || isFormat(c))) {
      throw ProblemException.of(
          Problem.REFUSED, "name", "invalid", "Use 1 to 100 characters in one line");
    }
    return stripped;
  }

  /**
   * Returns an address as it is kept.
   *
   * @param endpoint null for the provider's own
   * @throws ProblemException MISSING_FIELD where the provider has none that all customers share
   */
  static String endpoint(Provider provider, EndpointUrl endpoint) {
    if (endpoint == null && provider.needsEndpoint()) {
      throw ProblemException.of(
          Problem.MISSING_FIELD,
          "endpoint_url",
          "missing",
          "%s has no address that all customers share: enter that of your endpoint"
              .formatted(provider.label()));
    }
    return endpoint == null ? null : endpoint.toString();
  }

  private static boolean isFormat(int codePoint) {
    int type = Character.getType(codePoint);
    return type == Character.FORMAT || type == Character.LINE_SEPARATOR;
  }

  /**
   * Judges the secret of a provider.
   *
   * @throws ProblemException MISSING_FIELD where the provider needs one and there is none, REFUSED
   *     where it cannot be sent in a header
   */
  public static void check(Provider provider, Secret secret) {
    if (provider.needsKey() && secret.isEmpty()) {
      throw ProblemException.of(
          Problem.MISSING_FIELD,
          "key_value",
          "missing",
          "%s needs a key".formatted(provider.label()));
    }
    if (!secret.isHeaderSafe() || secret.length() > MAX_SECRET_CHARS) {
      throw ProblemException.of(
          Problem.REFUSED,
          "key_value",
          "invalid",
          "A key is one line of visible ASCII characters, at most 4096: copy it again");
    }
  }
}
