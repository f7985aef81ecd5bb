package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import io.mimir.llm.service.Failures;
import io.mimir.net.EndpointUrl;
import io.mimir.net.Zone;
import io.mimir.net.service.EgressCall;
import io.mimir.net.service.EgressClient;
import io.mimir.net.service.ResponseHandler;
import io.mimir.plugin.service.CallContext;
import io.mimir.plugin.service.PluginCallException;
import io.mimir.security.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;

/**
 * Fetches a document over HTTP, by the one way to the outside: it reaches what a key of the kind
 * {@code custom} reaches, and follows no redirect. The headers of the configuration are secret, and
 * go to the origin of the configured address only.
 */
@ApplicationScoped
public class HttpInput implements BuiltinPlugin {

  private static final int USUAL_TIMEOUT_MS = 10_000;
  private static final int USUAL_BYTES = 1024 * 1024;
  private static final int MAX_URL_CHARS = 2048;
  private static final int MAX_TYPE_CHARS = 200;
  private static final String HEADERS = "headers";

  private static final Pattern URL = Pattern.compile("[\\x21-\\x7E]+");
  private static final Pattern HEADER =
      Pattern.compile("([A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}):[ \\t]*([\\x20-\\x7E]{1,4096})");
  private static final Pattern CHARSET =
      Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([A-Za-z0-9._:-]{1,40})");

  /** What the client sets by itself: another value would make two requests of one. */
  private static final Set<String> NOT_OURS =
      Set.of(
          "accept-encoding",
          "connection",
          "content-length",
          "expect",
          "host",
          "keep-alive",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  @Inject EgressClient egress;

  @Override
  public String name() {
    return "http_input";
  }

  /**
   * An address as the client calls it.
   *
   * @param base where it is; the same text stands for the same origin
   */
  private record Target(EndpointUrl base, URI uri) {

    /**
     * @throws ProblemException with a sentence, without the address
     */
    static Target of(String text) {
      if (text.length() > MAX_URL_CHARS || !URL.matcher(text).matches()) {
        throw invalid("Use an address in plain ASCII of at most 2048 characters");
      }
      URI uri;
      try {
        uri = new URI(text);
      } catch (URISyntaxException e) {
        throw invalid("Use an address such as https://example.com/data.json");
      }
      if (uri.getRawAuthority() == null || uri.getRawFragment() != null) {
        throw invalid("Use an address such as https://example.com/data.json, without #");
      }
      EndpointUrl base = EndpointUrl.parse(uri.getScheme() + "://" + uri.getRawAuthority());
      String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
      String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
      return new Target(base, URI.create(base + path + query));
    }

    private static ProblemException invalid(String message) {
      return new ProblemException(Problem.INVALID, message);
    }
  }

  @Override
  public void vet(ObjectNode before, Settings after, Set<String> kept) {
    String url = after.text("url").orElse("");
    String origin = origin(url);
    if (!url.isEmpty()) {
      egress.vet(Zone.SELF_HOSTED, Target.of(url).base());
    }
    if (kept.contains(HEADERS) && !origin.equals(origin(before.path("url").asText("")))) {
      throw ProblemException.of(
          Problem.KEY_REQUIRED_FOR_NEW_ORIGIN,
          "config.headers",
          Problem.KEY_REQUIRED_FOR_NEW_ORIGIN.code(),
          "The headers were entered for another server: enter them again, or remove them");
    }
    Secret headers = after.secrets().get(HEADERS);
    if (headers != null) {
      if (url.isEmpty()) {
        throw wrong("url", "missing", "Set the address that the headers are for");
      }
      parse(headers);
    }
  }

  private static String origin(String url) {
    try {
      return url.isEmpty() ? "" : Target.of(url).base().origin();
    } catch (ProblemException e) {
      throw wrong("url", "invalid_url", e.getMessage());
    }
  }

  private static ProblemException wrong(String field, String code, String message) {
    return ProblemException.of(Problem.REFUSED, "config." + field, code, message);
  }

  /**
   * @return names and values
   * @throws ProblemException without any of it
   */
  private static Map<String, String> parse(Secret headers) {
    Map<String, String> parsed = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line : headers.reveal().split("\\R")) {
      if (line.isBlank()) {
        continue;
      }
      Matcher header = HEADER.matcher(line.strip());
      if (!header.matches()) {
        throw wrong(HEADERS, "invalid", "Write each header on a line of its own, as Name: value");
      }
      if (NOT_OURS.contains(header.group(1).toLowerCase(Locale.ROOT))) {
        throw wrong(HEADERS, "invalid", "The server sets one of these headers by itself");
      }
      if (parsed.put(header.group(1), header.group(2)) != null) {
        throw wrong(HEADERS, "invalid", "A header is there twice");
      }
    }
    return parsed;
  }

  @Override
  public ObjectNode call(String action, Settings settings, ObjectNode input, Deadline deadline)
      throws PluginCallException {
    String url = input.path("url").asText(settings.text("url").orElse(""));
    if (url.isEmpty()) {
      throw Refusals.refused("missing_url", "Give an url with the call, or configure one");
    }
    Target target;
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Accept", "application/json, text/*;q=0.9, */*;q=0.5");
    try {
      target = Target.of(url);
      requireAllowed(target, deadline.context());
      Secret secret = settings.secrets().get(HEADERS);
      if (secret != null) {
        if (!target.base().origin().equals(origin(settings.text("url").orElse("")))) {
          throw Refusals.refused(
              "headers_for_another_origin",
              "The configured headers are for another server than this url");
        }
        Map<String, String> secrets = parse(secret);
        headers.keySet().removeIf(secrets::containsKey);
        headers.putAll(secrets);
      }
    } catch (ProblemException e) {
      throw Refusals.refused("invalid_url", e.getMessage());
    }
    if (deadline.context().idempotencyKey() != null) {
      headers.putIfAbsent("Idempotency-Key", deadline.context().idempotencyKey());
    }
    deadline.check();
    Duration usual = Duration.ofMillis(settings.open().path("timeout_ms").asInt(USUAL_TIMEOUT_MS));
    Duration left = deadline.left();
    PluginCallException late =
        left.compareTo(usual) < 0
            ? Deadline.passed()
            : Refusals.refusedForNow("timeout", "The server did not answer in time");
    int most = settings.open().path("max_bytes").asInt(USUAL_BYTES);
    Duration patience = left.compareTo(usual) < 0 ? left : usual;
    return result(fetch(target.uri(), headers, patience, most, late));
  }

  /** Whoever makes pipelines is no administrator: theirs fetch what one has allowed (T70). */
  private static void requireAllowed(Target target, CallContext context)
      throws PluginCallException {
    if (context.pipelineId() == null) {
      return;
    }
    String path = target.uri().getRawPath();
    boolean plain =
        target.uri().normalize().getRawPath().equals(path)
            && !path.toLowerCase(Locale.ROOT).contains("%2e");
    boolean allowed =
        plain && context.addresses().stream().map(Target::of).anyMatch(one -> isBelow(target, one));
    if (!allowed) {
      throw Refusals.refused(
          "address_not_allowed",
          "This pipeline may not fetch from %s: an administrator can allow the address for it"
              .formatted(target.base().origin()));
    }
  }

  private static boolean isBelow(Target target, Target allowed) {
    String path = target.uri().getRawPath();
    String above = allowed.uri().getRawPath();
    return target.base().origin().equals(allowed.base().origin())
        && (path.equals(above) || path.startsWith(above.endsWith("/") ? above : above + "/"));
  }

  /**
   * Looks at an address that a pipeline is to be allowed to fetch from.
   *
   * @throws ProblemException with a sentence, without the address
   */
  public static void checkAddress(String address) {
    Target.of(address);
  }

  /**
   * @param late what is said when nothing came in time
   */
  private Whole fetch(
      URI uri, Map<String, String> headers, Duration patience, int most, PluginCallException late)
      throws PluginCallException {
    Whole answer = new Whole(most);
    Future<?> call =
        egress.send(new EgressCall(Zone.SELF_HOSTED, "GET", uri, headers, null, patience), answer);
    try {
      answer.done.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return answer;
    } catch (TimeoutException e) {
      call.cancel(true);
      throw late;
    } catch (InterruptedException e) {
      call.cancel(true);
      Thread.currentThread().interrupt();
      throw Refusals.refusedForNow("cancelled", "The call was cancelled");
    } catch (ExecutionException e) {
      call.cancel(true);
      throw refusalOf((Exception) e.getCause(), most, late);
    }
  }

  /** In our own words: what the other side has sent is none of them. */
  private static PluginCallException refusalOf(
      Exception cause, int most, PluginCallException late) {
    if (cause instanceof TooLarge) {
      return Refusals.refused(
          "too_large", "The answer is larger than the %d bytes of max_bytes".formatted(most));
    }
    LlmException failure = Failures.ofTransport(cause);
    return switch (failure.reason()) {
      case BLOCKED -> Refusals.refused(CallOutcome.BLOCKED.wire(), failure.getMessage());
      case TLS_ERROR -> Refusals.refused(CallOutcome.TLS_ERROR.wire(), failure.getMessage());
      case UNREACHABLE ->
          Refusals.refusedForNow(CallOutcome.UNREACHABLE.wire(), failure.getMessage());
      case TIMEOUT -> late;
      case NOT_LLM_API -> Refusals.refused("not_http", "What answers there does not speak HTTP");
      default ->
          Refusals.refusedForNow(
              "cut", "The server closed the connection before its answer was complete");
    };
  }

  private static ObjectNode result(Whole answer) throws PluginCallException {
    ObjectNode result = Builtins.JSON.createObjectNode();
    result.put("status", answer.status);
    result.put("content_type", answer.type);
    String type = answer.type == null ? "" : answer.type.toLowerCase(Locale.ROOT);
    String text = text(answer);
    if (type.matches("application/([a-z0-9.-]+\\+)?json\\b.*")) {
      try {
        JsonNode json = Builtins.JSON.readTree(text);
        if (!json.isMissingNode()) {
          return result.set("json", json);
        }
      } catch (IOException e) {
        // It only says that it is JSON: given as the text that it is.
      }
    }
    return result.put("text", text);
  }

  private static String text(Whole answer) throws PluginCallException {
    Charset charset = StandardCharsets.UTF_8;
    Matcher named = CHARSET.matcher(answer.type == null ? "" : answer.type);
    try {
      if (named.find()) {
        charset = Charset.forName(named.group(1));
      }
      return charset.newDecoder().decode(ByteBuffer.wrap(answer.bytes.toByteArray())).toString();
    } catch (CharacterCodingException | IllegalArgumentException e) {
      throw Refusals.refused("not_text", "The answer is no text in the encoding that it names");
    }
  }

  private static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** Collects an answer up to a bound. */
  private static final class Whole implements ResponseHandler {

    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int most;
    private int status;
    private String type;

    Whole(int most) {
      this.most = most;
    }

    @Override
    public void head(HttpResponse response) {
      status = response.getCode();
      Header named = response.getFirstHeader("Content-Type");
      if (named != null) {
        String value = named.getValue().strip();
        type = value.length() > MAX_TYPE_CHARS ? value.substring(0, MAX_TYPE_CHARS) : value;
      }
    }

    @Override
    public void data(ByteBuffer piece) throws IOException {
      if (bytes.size() + piece.remaining() > most) {
        TooLarge refusal = new TooLarge();
        done.completeExceptionally(refusal);
        throw refusal;
      }
      byte[] part = new byte[piece.remaining()];
      piece.get(part);
      bytes.writeBytes(part);
    }

    @Override
    public void end() {
      done.complete(null);
    }

    @Override
    public void failed(Exception cause) {
      done.completeExceptionally(cause);
    }
  }
}
