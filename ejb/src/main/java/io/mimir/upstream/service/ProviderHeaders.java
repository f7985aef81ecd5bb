package io.mimir.upstream.service;

import io.mimir.security.SecretTraces;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.MessageHeaders;

/**
 * The response headers of a provider that a client may see. An endpoint may repeat what it was
 * sent, the key too, so a header goes on only when its name is known, its value has the shape that
 * this name has, and no part of a secret is in it (T08).
 */
final class ProviderHeaders {

  /** The request id of the provider; ours has the usual name. */
  private static final String REQUEST_ID = "x-provider-request-id";

  private static final Set<String> REQUEST_IDS = Set.of("request-id", "x-request-id");

  private static final int MAX_NAME_CHARS = 100;

  private static final String NUMBER = "-?\\d{1,15}(\\.\\d{1,9})?";
  private static final String DURATION = "(\\d{1,9}(\\.\\d{1,9})?(ns|us|ms|s|m|h|d)){1,6}";
  private static final String TIME =
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)";

  /** How much there is of something, and when there is more. */
  private static final Pattern AMOUNT =
      Pattern.compile("(%s|%s|%s)".formatted(NUMBER, DURATION, TIME));

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,100}");
  private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9_.:/-]{1,100}");
  private static final Pattern STATE = Pattern.compile("allowed|allowed_warning|rejected");

  /** OpenAI, and those who imitate it: by minute and month at Mistral, bare at OpenRouter. */
  private static final Pattern OPENAI_LIMIT =
      Pattern.compile(
          "x-ratelimit-(limit|remaining|reset)"
              + "(-(requests|tokens|input-tokens|output-tokens|project-requests|project-tokens"
              + "|images|input-images|req-minute|tokens-minute|tokens-month))?");

  private static final Pattern ANTHROPIC_LIMIT =
      Pattern.compile(
          "anthropic-(ratelimit|priority)-(requests|tokens|input-tokens|output-tokens)"
              + "-(limit|remaining|reset)|anthropic-ratelimit-unified(-5h|-7d|-overage)?"
              + "-(reset|utilization)");

  private static final Pattern ANTHROPIC_STATE =
      Pattern.compile("anthropic-ratelimit-unified(-5h|-7d|-overage)?-status");

  private ProviderHeaders() {}

  /**
   * Selects the headers that go on to the client.
   *
   * @param traces of all secrets that the provider was sent; asked for only when a header passes
   *     all other tests
   * @return by name in lower case, in the provider's order; of a repeated name the first that fits
   */
  static Map<String, String> passed(MessageHeaders response, Supplier<SecretTraces> traces) {
    Map<String, String> passed = new LinkedHashMap<>();
    SecretTraces secrets = null;
    for (Header header : response.getHeaders()) {
      String name = header.getName().toLowerCase(Locale.ROOT);
      String value = header.getValue();
      Pattern shape = shapeOf(name);
      if (shape == null || value == null || !shape.matcher(value).matches()) {
        continue;
      }
      if (secrets == null) {
        secrets = traces.get();
      }
      if (!secrets.areIn(value)) {
        passed.putIfAbsent(REQUEST_IDS.contains(name) ? REQUEST_ID : name, value);
      }
    }
    return passed;
  }

  /**
   * Returns a name that people chose as a header can hold it: with question marks in place of what
   * it cannot, and no more than 100 characters.
   */
  static String printable(String name) {
    StringBuilder safe = new StringBuilder(name.length());
    name.codePoints()
        .limit(MAX_NAME_CHARS)
        .forEach(c -> safe.append(c >= 0x20 && c < 0x7F ? (char) c : '?'));
    return safe.toString();
  }

  /** What a value of this name looks like, or null for a name that is not passed on. */
  private static Pattern shapeOf(String name) {
    if (REQUEST_IDS.contains(name)) {
      return ID;
    }
    if (name.startsWith("x-ratelimit-")) {
      return OPENAI_LIMIT.matcher(name).matches() ? AMOUNT : null;
    }
    if (name.startsWith("anthropic-")) {
      boolean limit = ANTHROPIC_LIMIT.matcher(name).matches();
      return limit ? AMOUNT : ANTHROPIC_STATE.matcher(name).matches() ? STATE : null;
    }
    return switch (name) {
      case "openai-processing-ms" -> AMOUNT;
      case "openai-model" -> MODEL;
      case "openai-version" -> ID;
      default -> null;
    };
  }
}
