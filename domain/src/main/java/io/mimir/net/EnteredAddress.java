package io.mimir.net;

import static java.util.Objects.requireNonNull;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The address of an endpoint as people paste it: that of an operation is cut back to the base, and
 * what follows the question mark is taken apart.
 *
 * @param base what operations are below of
 * @param query the members of the query, decoded, in their order; empty for none
 */
public record EnteredAddress(EndpointUrl base, Map<String, String> query) {

  /** Operations whose names stand for nothing else at the end of a base. */
  private static final Pattern OPERATION =
      Pattern.compile(
          "(?i)/(chat/completions|completions|embeddings|responses|messages(/count_tokens)?)/*$");

  /** Ollama's own, which are below its root. */
  private static final Pattern OLLAMAS_OPERATION =
      Pattern.compile("(?i)/api/(chat|generate|tags|embed|show|version|ps)/*$");

  /** The list of models; without a version before it, it may be a base as well, as Azure's is. */
  private static final Pattern MODELS =
      Pattern.compile("(?i)((^|/)v[0-9]+[a-z0-9]*(/openai)?)/models/*$");

  public EnteredAddress {
    requireNonNull(base);
    query = Collections.unmodifiableMap(new LinkedHashMap<>(query));
  }

  /**
   * Reads what somebody entered.
   *
   * @throws ProblemException INVALID for the field {@code endpoint_url}, without the text
   */
  public static EnteredAddress parse(String text) {
    String entered = text == null ? "" : text.strip();
    int mark = entered.indexOf('?');
    if (mark < 0) {
      return new EnteredAddress(cutBack(EndpointUrl.parse(entered)), Map.of());
    }
    String query = entered.substring(mark + 1);
    if (query.indexOf('#') >= 0) {
      throw invalid("Leave out what follows # in the address");
    }
    EndpointUrl base = cutBack(EndpointUrl.parse(entered.substring(0, mark)));
    return new EnteredAddress(base, members(query));
  }

  private static EndpointUrl cutBack(EndpointUrl url) {
    String path = OLLAMAS_OPERATION.matcher(url.path()).replaceFirst("");
    path = OPERATION.matcher(path).replaceFirst("");
    return url.withPath(MODELS.matcher(path).replaceFirst("$1"));
  }

  private static Map<String, String> members(String query) {
    Map<String, String> members = new LinkedHashMap<>();
    for (String part : query.split("&")) {
      if (part.isEmpty()) {
        continue;
      }
      int equals = part.indexOf('=');
      String name = decoded(equals < 0 ? part : part.substring(0, equals));
      String value = equals < 0 ? "" : decoded(part.substring(equals + 1));
      if (members.put(name, value) != null) {
        throw invalid("Name each member of the query of the address once");
      }
    }
    return members;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw invalid("The query of the address has a percent sign that stands for nothing");
    }
  }

  private static ProblemException invalid(String message) {
    return ProblemException.of(Problem.INVALID, "endpoint_url", "invalid_url", message);
  }
}
