package io.mimir.gateway.web;

import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.audit.service.RequestOrigin;
import io.mimir.credential.service.TokenLimits;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.gateway.service.Asked;
import io.mimir.gateway.service.BodyHead;
import io.mimir.gateway.service.Family;
import io.mimir.gateway.service.Gateway;
import io.mimir.gateway.service.Operation;
import io.mimir.gateway.service.Refusal;
import io.mimir.gateway.web.RequestBodies.Upload;
import io.mimir.security.Role;
import io.mimir.security.Scope;
import io.mimir.security.Secret;
import io.mimir.security.service.Identity;
import io.mimir.security.service.SignIn;
import io.mimir.security.web.ClientAddress;
import io.mimir.web.ProblemMapper;
import io.mimir.web.Requests;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.control.RequestContextController;
import jakarta.inject.Inject;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The gateway's addresses. Its callers bring an access token of ours where they would bring a
 * provider's key, and are answered in the protocol that they speak, refusals too.
 */
@WebServlet(
    urlPatterns = {"/v1/*", "/ollama/*"},
    asyncSupported = true)
public class GatewayServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private static final String GATEWAY = "scope:" + Scope.GATEWAY.wire();
  private static final String TOKEN_HEADER = "x-api-key";
  private static final String ANTHROPIC_VERSION = "anthropic-version";

  /** What a provider may see of a caller's headers. */
  private static final List<String> PASSED =
      List.of(ANTHROPIC_VERSION, "anthropic-beta", "OpenAI-Beta", "Accept", "Idempotency-Key");

  /** What would let a caller choose where a key is sent (T11). */
  private static final Set<String> REFUSED_HEADERS =
      Set.of(
          "x-base-url",
          "x-api-base",
          "api-base",
          "base-url",
          "x-endpoint-url",
          "x-custom-host",
          "x-portkey-custom-host",
          "helicone-target-url",
          "x-forward-to");

  /** Addresses of OpenAI's that name a model, and touch nothing that is stored there. */
  private static final Set<String> STATELESS =
      Set.of(
          "/moderations",
          "/audio/speech",
          "/audio/transcriptions",
          "/audio/translations",
          "/images/generations",
          "/images/edits",
          "/images/variations",
          "/rerank");

  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_.:-]+)+");
  private static final Pattern QUERY = Pattern.compile("[\\x21-\\x7E]{0,2000}");
  private static final Pattern HEADER_VALUE = Pattern.compile("[\\x20-\\x7E]{0,2048}");

  @Inject transient Gateway gateway;
  @Inject transient SignIn signIn;
  @Inject transient TokenLimits limits;
  @Inject transient CallsInFlight flights;
  @Inject transient ModelLists models;
  @Inject transient RequestBodies uploads;
  @Inject transient RequestOrigin origin;
  @Inject transient RequestContextController scope;
  @Inject transient ClientAddress clientAddress;
  @EJB transient AuditLog audit;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String requestId = Requests.id(request);
    Family family = familyOf(request);
    try {
      answer(request, response, family, requestId);
    } catch (RuntimeException e) {
      refuse(request, response, Refusal.of(family, ProblemMapper.problemOf(e), false), requestId);
    }
  }

  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, Refusal refusal, String requestId)
      throws IOException {
    ErrorResponseWriter.write(response, refusal, requestId);
    if (request.isAsyncStarted()) {
      request.getAsyncContext().complete();
    }
  }

  private static Family familyOf(HttpServletRequest request) {
    String path = Requests.path(request);
    if (path.startsWith("/ollama/")) {
      return Family.OLLAMA;
    }
    boolean anthropic =
        path.startsWith("/v1/messages") || request.getHeader(ANTHROPIC_VERSION) != null;
    return anthropic ? Family.ANTHROPIC : Family.OPENAI;
  }

  private void answer(
      HttpServletRequest request, HttpServletResponse response, Family family, String requestId)
      throws IOException {
    String path = Requests.path(request);
    Identity caller = caller(request, family);
    if (!caller.groups().contains(GATEWAY)) {
      denied(request, path, caller, requestId);
      throw new ProblemException(
          Problem.FORBIDDEN, "This token has not the scope gateway: make one that has");
    }
    refuseSteering(request);
    if (request.getMethod().equals("GET")
        && models.answer(path, family, caller, request, response, requestId)) {
      return;
    }
    Operation operation = Operation.at(path);
    if (operation == null) {
      refuseUnlessOther(request, path, caller);
    } else if (!request.getMethod().equals("POST")) {
      throw new ProblemException(Problem.METHOD_NOT_ALLOWED, "Send a POST to this address");
    }
    Upload upload = hasBody(request) ? uploads.read(request) : Upload.NONE;
    try {
      Asked asked =
          operation == null
              ? other(request, path, upload.body(), caller, requestId)
              : known(request, operation, upload.body(), caller, requestId);
      begin(request, response, asked, upload.held());
    } catch (RuntimeException e) {
      if (!request.isAsyncStarted()) {
        uploads.release(upload.held());
      }
      throw e;
    }
  }

  private static boolean hasBody(HttpServletRequest request) {
    return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
  }

  /** From here on the client is told what happens, and its room is given back, by the call. */
  private void begin(
      HttpServletRequest request, HttpServletResponse response, Asked asked, long held) {
    Identity caller = asked.caller();
    OptionalInt limit =
        caller.requestsPerMinute() == null
            ? OptionalInt.empty()
            : OptionalInt.of(caller.requestsPerMinute());
    AsyncContext context = request.startAsync(request, response);
    context.setTimeout(0);
    ServletResponseTarget client =
        new ServletResponseTarget(
            context, asked.requestId(), limit, () -> limits.remaining(caller), flights);
    flights.begin(client, held);
    try {
      gateway.begin(asked, client);
    } catch (RuntimeException e) {
      client.refuse(Refusal.of(asked.operation().family(), ProblemMapper.problemOf(e), false));
    }
  }

  /** Calls of the gateway have no scope of a request; what is audited needs to know where from. */
  private void denied(HttpServletRequest request, String path, Identity caller, String requestId) {
    boolean begun = scope.activate();
    try {
      origin.set(clientAddress.of(request), requestId);
      audit.write(caller.username(), "access", path, Outcome.DENIED);
    } finally {
      if (begun) {
        scope.deactivate();
      }
    }
  }

  private Identity caller(HttpServletRequest request, Family family) {
    String authorization = request.getHeader("Authorization");
    String key = family == Family.ANTHROPIC ? request.getHeader(TOKEN_HEADER) : null;
    String text = null;
    if (authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      text = authorization.substring(7).strip();
    } else if (key != null) {
      text = key.strip();
    }
    if (text == null) {
      throw new ProblemException(
          Problem.UNAUTHENTICATED,
          "Send an access token of Mimir as the API key: Authorization: Bearer mimir_…");
    }
    try (Secret token = Secret.of(text)) {
      return signIn
          .withToken(token)
          .orElseThrow(
              () ->
                  new ProblemException(
                      Problem.UNAUTHENTICATED,
                      "This token is unknown, revoked or expired: make a new one"));
    }
  }

  private static void refuseSteering(HttpServletRequest request) {
    if (request.getHeader("Content-Encoding") != null) {
      throw new ProblemException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "Send the body without Content-Encoding");
    }
    for (String name : REFUSED_HEADERS) {
      if (request.getHeader(name) != null) {
        throw new ProblemException(
            Problem.INVALID,
            "Leave the header %s out: where a key is used is set by administrators"
                .formatted(name));
      }
    }
    String query = request.getQueryString();
    if (query != null) {
      String lower = query.toLowerCase(Locale.ROOT);
      for (String word : List.of("key=", "token=", "api_base=", "base_url=")) {
        if (lower.contains(word)) {
          throw new ProblemException(
              Problem.MALFORMED, "Neither secrets nor servers belong into an address");
        }
      }
    }
  }

  private static Asked known(
      HttpServletRequest request,
      Operation operation,
      byte[] body,
      Identity caller,
      String requestId) {
    if (body == null) {
      throw new ProblemException(Problem.MALFORMED, "Send one JSON object");
    }
    BodyHead head = BodyHead.read(body);
    return new Asked(
        operation,
        "POST",
        null,
        body,
        head,
        head.model(),
        passed(request, "application/json"),
        caller,
        requestId);
  }

  /**
   * Any other address of OpenAI's. What names a model and keeps nothing is for every token of the
   * gateway; files, batches and the like belong to the account behind a key, so they are for tokens
   * that may see the settings too.
   */
  private static void refuseUnlessOther(HttpServletRequest request, String path, Identity caller) {
    String below = below(path);
    boolean stateless = isStateless(request, below);
    boolean entitled = caller.groups().contains(Role.ADMIN);
    String query = request.getQueryString();
    boolean plain =
        PATH.matcher(below).matches()
            && !below.contains("..")
            && !below.contains("/.")
            && (query == null || QUERY.matcher(query).matches());
    if (!plain || path.startsWith("/v1/messages/") || (!stateless && !entitled)) {
      throw nothingHere();
    }
  }

  private static String below(String path) {
    return path.startsWith("/v1/") ? path.substring("/v1".length()) : "";
  }

  private static boolean isStateless(HttpServletRequest request, String below) {
    return STATELESS.contains(below) && request.getMethod().equals("POST");
  }

  private static Asked other(
      HttpServletRequest request, String path, byte[] body, Identity caller, String requestId) {
    String below = below(path);
    String type = request.getContentType();
    boolean json =
        body != null
            && type != null
            && type.toLowerCase(Locale.ROOT).startsWith("application/json");
    BodyHead head = json ? BodyHead.read(body) : null;
    String model = head != null ? head.model() : body == null ? null : RequestBodies.modelIn(body);
    if (model == null && isStateless(request, below)) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "model", "missing", "Name the model: GET /v1/models lists them");
    }
    String query = request.getQueryString();
    return new Asked(
        Operation.OTHER,
        request.getMethod(),
        query == null ? below : below + "?" + query,
        body,
        head,
        model,
        passed(request, type == null ? "application/json" : type),
        caller,
        requestId);
  }

  private static ProblemException nothingHere() {
    return new ProblemException(
        Problem.NOT_FOUND,
        "There is nothing at this address for this token: docs/api.md lists what the gateway has");
  }

  private static Map<String, String> passed(HttpServletRequest request, String type) {
    Map<String, String> headers = new LinkedHashMap<>(8);
    headers.put("Content-Type", HEADER_VALUE.matcher(type).matches() ? type : "application/json");
    for (String name : PASSED) {
      String value = request.getHeader(name);
      if (value != null && HEADER_VALUE.matcher(value).matches()) {
        headers.put(name, value);
      }
    }
    return headers;
  }
}
