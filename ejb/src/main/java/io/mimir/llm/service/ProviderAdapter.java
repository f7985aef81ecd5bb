package io.mimir.llm.service;

import io.mimir.llm.AuthScheme;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.ProviderDescriptor;
import io.mimir.llm.ProviderDescriptor.BaseRule;
import io.mimir.llm.ProviderOperation;
import io.mimir.security.NamedSecrets;
import io.mimir.security.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How one endpoint is called: the addresses of its operations and the headers that carry a key.
 * Beside {@link EndpointProbe}, this is the one place on the way of a call where a secret is read
 * in clear.
 */
public abstract sealed class ProviderAdapter
    permits OpenAiAdapter, AnthropicAdapter, OllamaAdapter {

  private static final String MODEL = "{model}";

  /** Headers that carry credentials at one provider or another: no client's ever goes on. */
  private static final List<String> CREDENTIALS =
      List.of("authorization", "x-api-key", "api-key", "x-goog-api-key");

  private final Endpoint endpoint;
  private final String base;
  private final Map<String, String> query;
  private final String models;
  private final Map<ProviderOperation, String> paths = new EnumMap<>(ProviderOperation.class);
  private final Set<ProviderOperation> protocols;

  ProviderAdapter(Endpoint endpoint) {
    this.endpoint = endpoint;
    ProviderDescriptor descriptor = endpoint.provider().descriptor();
    Map<String, String> wanted = new LinkedHashMap<>(endpoint.options().query());
    String entered = endpoint.url().path();
    BaseRule rule = rule(descriptor, entered);
    if (entered.isEmpty() && endpoint.options().foundPath() != null) {
      this.base = endpoint.options().foundPath();
    } else {
      this.base = rule == null ? entered : applied(rule, entered);
    }
    if (rule != null) {
      rule.defaults().forEach(wanted::putIfAbsent);
    }
    this.query = wanted;
    this.models =
        rule == null || rule.models() == null ? descriptor.models().path() : rule.models();
    Set<ProviderOperation> found = endpoint.options().protocols();
    this.protocols = found == null ? endpoint.provider().protocols() : found;
    if (!base.contains(MODEL)) {
      for (ProviderOperation operation : ProviderOperation.values()) {
        paths.put(operation, resolve(reference(operation), null));
      }
    }
  }

  /** Makes the adapter for an endpoint: one for many calls. */
  public static ProviderAdapter of(Endpoint endpoint) {
    return switch (endpoint.provider().family()) {
      case OPENAI -> new OpenAiAdapter(endpoint);
      case ANTHROPIC -> new AnthropicAdapter(endpoint);
      case OLLAMA -> new OllamaAdapter(endpoint);
    };
  }

  private BaseRule rule(ProviderDescriptor descriptor, String path) {
    return descriptor.baseRules().stream()
        .filter(
            rule ->
                rule.path().matcher(path).matches()
                    && (rule.query() == null
                        || endpoint.options().query().containsKey(rule.query())))
        .findFirst()
        .orElse(null);
  }

  private static String applied(BaseRule rule, String path) {
    return rule.path().matcher(path).replaceFirst(rule.base());
  }

  /** Returns where an operation is with the base as a folder (RFC 3986, relative). */
  abstract String reference(ProviderOperation operation);

  /**
   * Returns where OpenAI's addresses are with the base as a folder: empty, or ending in a slash.
   */
  String openAiFolder() {
    return "";
  }

  public final Endpoint endpoint() {
    return endpoint;
  }

  /**
   * Returns the path of an operation, with its query.
   *
   * @param model the provider's own id of the model, which some have in the path
   */
  public final String path(ProviderOperation operation, String model) {
    String path = paths.get(operation);
    return path == null ? resolve(reference(operation), model) : path;
  }

  /**
   * Returns the path of any other address of OpenAI's protocol.
   *
   * @param below what follows the version, such as {@code /files?limit=2}
   */
  public final String otherPath(String below, String model) {
    return resolve(openAiFolder() + below.substring(1), model);
  }

  /** Returns the path of the list of models, with its query; null where the provider has none. */
  final String modelsPath() {
    return models == null ? null : resolve(models, null);
  }

  /** Returns the path that refuses a wrong key and costs nothing; null where none is known. */
  final String keyCheckPath() {
    String check = endpoint.provider().descriptor().keyCheck();
    return check == null ? null : resolve(check.equals("models") ? models : check, null);
  }

  /** Returns the path that the API is below of, for an address to show. */
  final String base() {
    return base;
  }

  /**
   * Tells whether the endpoint has an operation of conversations, by its test or its documentation.
   */
  public final boolean speaks(ProviderOperation operation) {
    return protocols.contains(operation);
  }

  private String resolve(String reference, String model) {
    int mark = reference.indexOf('?');
    String path = mark < 0 ? reference : reference.substring(0, mark);
    StringBuilder resolved = new StringBuilder();
    if (path.startsWith("/")) {
      resolved.append(path);
    } else {
      String folder = base;
      while (path.startsWith("../")) {
        folder = folder.substring(0, Math.max(0, folder.lastIndexOf('/')));
        path = path.substring(3);
      }
      resolved.append(folder).append('/').append(path);
    }
    int place = resolved.indexOf(MODEL);
    if (place >= 0) {
      resolved.replace(place, place + MODEL.length(), encoded(model == null ? "-" : model));
    }
    String separator = "?";
    if (mark >= 0) {
      resolved.append(reference, mark, reference.length());
      separator = "&";
    }
    for (Map.Entry<String, String> member : query.entrySet()) {
      resolved.append(separator).append(encoded(member.getKey())).append('=');
      resolved.append(encoded(member.getValue()));
      separator = "&";
    }
    return resolved.toString();
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Returns the headers of a call: the client's, over them what the provider always wants and what
   * the key brings, and the key. No credential but the key's ever goes to a provider.
   *
   * @param passed what goes on of the client's headers
   * @param key empty for none
   * @param own the key's own headers, as {@link NamedSecrets} joins them; empty for none
   * @throws LlmException AUTH_FAILED when the key cannot be sent at all
   */
  public final Map<String, String> headers(Map<String, String> passed, Secret key, Secret own)
      throws LlmException {
    requireSafe(key);
    Map<String, String> headers = new LinkedHashMap<>(passed);
    for (String credential : CREDENTIALS) {
      remove(headers, credential);
    }
    for (Map.Entry<String, String> fixed : endpoint.provider().descriptor().headers().entrySet()) {
      // A client that says which version of the protocol it speaks keeps it.
      if (headers.keySet().stream().noneMatch(fixed.getKey()::equalsIgnoreCase)) {
        headers.put(fixed.getKey(), fixed.getValue());
      }
    }
    if (!own.isEmpty()) {
      NamedSecrets.split(own).forEach((name, value) -> replace(headers, name, value.reveal()));
    }
    if (!key.isEmpty()) {
      AuthScheme auth = endpoint.auth();
      switch (auth.kind()) {
        case BEARER -> replace(headers, "Authorization", "Bearer " + key.reveal());
        case HEADER -> replace(headers, auth.header(), key.reveal());
        case NONE -> {
          // Calls go without the key.
        }
      }
    }
    return headers;
  }

  private static void replace(Map<String, String> headers, String name, String value) {
    remove(headers, name);
    headers.put(name, value);
  }

  private static void remove(Map<String, String> headers, String name) {
    headers.keySet().removeIf(name::equalsIgnoreCase);
  }

  /**
   * A line break in a key would smuggle a header in, and clients put the whole value into their
   * error.
   */
  static void requireSafe(Secret key) throws LlmException {
    if (!key.isHeaderSafe()) {
      throw new LlmException(CallOutcome.AUTH_FAILED, "The key has characters that no key has");
    }
  }
}
