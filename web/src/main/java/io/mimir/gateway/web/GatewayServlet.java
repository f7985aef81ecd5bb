package io.mimir.gateway.web;

import static java.lang.System.Logger.Level.DEBUG;

import io.mimir.credential.service.TokenLimits;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.gateway.service.ClientProtocol;
import io.mimir.gateway.service.ErrorResponse;
import io.mimir.gateway.service.Gateway;
import io.mimir.gateway.service.GatewayRequest;
import io.mimir.gateway.service.Operation;
import io.mimir.gateway.service.RequestEnvelope;
import io.mimir.gateway.web.BodyReader.Body;
import io.mimir.id.CurrentRequest;
import io.mimir.lifecycle.service.Readiness;
import io.mimir.metrics.service.HttpMetrics;
import io.mimir.security.Role;
import io.mimir.security.service.Identity;
import io.mimir.web.ProblemMapper;
import io.mimir.web.Requests;
import jakarta.inject.Inject;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The gateway's addresses. Its callers bring an access token of ours where they would bring a
 * provider's key, and are answered in the protocol that they speak, refusals too.
 */
@WebServlet(
    urlPatterns = {"/v1/*", "/ollama/*"},
    asyncSupported = true)
public class GatewayServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private static final System.Logger LOG = System.getLogger(GatewayServlet.class.getName());

  private static final Set<String> READING = Set.of("GET", "HEAD");
  private static final String JSON = "application/json";

  @Inject transient Gateway gateway;
  @Inject transient GatewayCallers callers;
  @Inject transient TokenLimits limits;
  @Inject transient CallsInFlight flights;
  @Inject transient ModelLists models;
  @Inject transient BodyRoom room;
  @Inject transient Cors cors;
  @Inject transient Readiness readiness;
  @Inject transient HttpMetrics metrics;

  /** A request whose caller is known and whose body may still be on its way. */
  private record Call(
      HttpServletRequest request,
      HttpServletResponse response,
      GatewayAddress address,
      Identity caller,
      String requestId,
      CallTime time) {}

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String requestId = Requests.id(request);
    GatewayAddress address = GatewayAddress.of(request);
    CallTime time = new CallTime(metrics.of(address.template()), request.getMethod());
    boolean answered = true;
    try {
      ProblemException refusal = readiness.refusal();
      if (refusal == null) {
        refusal = flights.refusal();
      }
      if (refusal != null) {
        throw refusal;
      }
      answered =
          cors.answered(request, response) || answer(request, response, address, requestId, time);
    } catch (RuntimeException e) {
      refuse(request, response, address.family(), ProblemMapper.problemOf(e));
    }
    if (answered) {
      time.answered(response.getStatus());
    }
  }

  private static void refuse(
      HttpServletRequest request,
      HttpServletResponse response,
      ClientProtocol family,
      ProblemException problem)
      throws IOException {
    try {
      ErrorResponseWriter.write(
          response, ErrorResponse.of(family, problem, false), Requests.id(request));
    } finally {
      if (request.isAsyncStarted()) {
        request.getAsyncContext().complete();
      }
    }
  }

  /**
   * @return false when the answer is to come later, or has come by another way
   */
  private boolean answer(
      HttpServletRequest request,
      HttpServletResponse response,
      GatewayAddress address,
      String requestId,
      CallTime time)
      throws IOException {
    boolean reading = READING.contains(request.getMethod());
    if (reading && address.isOllamaRoot()) {
      running(response);
      return true;
    }
    Identity caller = callers.caller(request, address.family());
    RequestHeaders.check(request);
    if (reading && models.answer(address, caller, request, response, requestId)) {
      return true;
    }
    if (address.isForOwnersOfModels()) {
      throw new ProblemException(
          Problem.FORBIDDEN,
          "The models here are those of the providers whose keys the administrators keep: ask them"
              + " for another one; GET /ollama/api/tags lists what there is");
    }
    if (address.operation() == null) {
      refuseUnlessOther(request, address, caller);
    } else if (!request.getMethod().equals("POST")) {
      throw new ProblemException(Problem.METHOD_NOT_ALLOWED, "Send a POST to this address");
    }
    Call call = new Call(request, response, address, caller, requestId, time);
    if (hasBody(request)) {
      read(call);
    } else {
      proceed(call, Body.NONE);
    }
    return false;
  }

  /** What Ollama says at its base; its clients ask before they bring a token. */
  private static void running(HttpServletResponse response) throws IOException {
    byte[] text = "Ollama is running".getBytes(StandardCharsets.US_ASCII);
    response.setContentType("text/plain; charset=utf-8");
    response.setContentLength(text.length);
    response.getOutputStream().write(text);
  }

  private static boolean hasBody(HttpServletRequest request) {
    return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
  }

  private void read(Call call) throws IOException {
    BodyReader reader = room.reader(call.request());
    Body body = reader.readArrived();
    if (body != null) {
      proceed(call, body);
      return;
    }
    asynchronous(call);
    reader.await(
        new BodyReader.Handler() {
          @Override
          public void arrived(Body whole) {
            String before = CurrentRequest.enter(call.requestId());
            try {
              proceed(call, whole);
            } catch (RuntimeException e) {
              refuseQuietly(call, ProblemMapper.problemOf(e));
            } finally {
              CurrentRequest.enter(before);
            }
          }

          @Override
          public void failed(ProblemException why) {
            // What is left of the body stands where the next request would be read.
            call.response().setHeader("Connection", "close");
            refuseQuietly(call, why);
          }
        });
  }

  /** The request's context, which has been there since its body was awaited if it was. */
  private static AsyncContext asynchronous(Call call) {
    HttpServletRequest request = call.request();
    if (request.isAsyncStarted()) {
      return request.getAsyncContext();
    }
    AsyncContext context = request.startAsync(request, call.response());
    context.setTimeout(0);
    return context;
  }

  private static void refuseQuietly(Call call, ProblemException problem) {
    try {
      call.time().answered(problem.problem().status());
      refuse(call.request(), call.response(), call.address().family(), problem);
    } catch (IOException | IllegalStateException e) {
      LOG.log(DEBUG, "The client left before it was refused");
    }
  }

  private void proceed(Call call, Body body) {
    boolean begun = false;
    try {
      GatewayRequest asked =
          call.address().operation() == null
              ? other(call, body.bytes())
              : known(call, body.bytes());
      begun = true;
      begin(call, asked, body.held());
    } finally {
      if (!begun) {
        room.release(body.held());
      }
    }
  }

  /** From here on the client is told what happens, and its room is given back, by the call. */
  private void begin(Call call, GatewayRequest asked, long held) {
    Identity caller = call.caller();
    OptionalInt limit =
        caller.requestsPerMinute() == null
            ? OptionalInt.empty()
            : OptionalInt.of(caller.requestsPerMinute());
    AsyncContext context = asynchronous(call);
    ServletResponseTarget client =
        new ServletResponseTarget(
            context,
            asked.operation().client(),
            asked.requestId(),
            limit,
            () -> limits.remaining(caller),
            flights,
            call.time());
    flights.begin(client, held);
    try {
      gateway.begin(asked, call.address().isOldEmbedding() ? new OldEmbedding(client) : client);
    } catch (RuntimeException e) {
      client.refuse(
          ErrorResponse.of(asked.operation().client(), ProblemMapper.problemOf(e), false));
    }
  }

  private static GatewayRequest known(Call call, byte[] sent) {
    byte[] body = call.address().isOldEmbedding() ? OldEmbedding.asEmbed(sent) : sent;
    if (body == null) {
      throw new ProblemException(Problem.MALFORMED, "Send one JSON object");
    }
    RequestEnvelope head = RequestEnvelope.read(body);
    return new GatewayRequest(
        call.address().operation(),
        "POST",
        null,
        body,
        head,
        head.model(),
        RequestHeaders.passed(call.request(), JSON),
        call.caller(),
        RequestHeaders.session(call.request()),
        RequestHeaders.isStrict(call.request(), call.caller()),
        call.request().getHeader("User-Agent"),
        call.requestId());
  }

  /**
   * Any other address. What names a model and keeps nothing is for every token of the gateway, and
   * so are files, batches and the like, of which each account has its own; the rest belongs to the
   * account behind a key, so it is for tokens that may see the settings too.
   */
  private static void refuseUnlessOther(
      HttpServletRequest request, GatewayAddress address, Identity caller) {
    boolean entitled =
        address.isStateless(request.getMethod())
            || address.isOfOwnedObjects()
            || caller.groups().contains(Role.ADMIN);
    if (!entitled || !address.canBePassedOn() || !RequestHeaders.isQueryPlain(request)) {
      throw new ProblemException(
          Problem.NOT_FOUND,
          "There is nothing at this address for this token: docs/api.md lists what the gateway"
              + " has");
    }
  }

  private static GatewayRequest other(Call call, byte[] body) {
    HttpServletRequest request = call.request();
    String below = call.address().below();
    String type = request.getContentType();
    String lower = type == null ? "" : type.toLowerCase(Locale.ROOT);
    if (body != null && !call.address().takes(lower)) {
      throw new ProblemException(
          Problem.UNSUPPORTED_MEDIA_TYPE,
          "Send JSON with Content-Type: application/json, and files as a form");
    }
    boolean json = body != null && lower.startsWith(JSON);
    RequestEnvelope head = json ? RequestEnvelope.read(body, call.address().isForBatches()) : null;
    String model = head != null ? head.model() : body == null ? null : MultipartModel.in(body);
    if (model == null && call.address().isStateless(request.getMethod())) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "model", "missing", "Name the model: GET /v1/models lists them");
    }
    String query = request.getQueryString();
    return new GatewayRequest(
        call.address().family() == ClientProtocol.ANTHROPIC
            ? Operation.ANTHROPIC_OTHER
            : Operation.OTHER,
        request.getMethod(),
        query == null ? below : below + "?" + query,
        body,
        head,
        model,
        RequestHeaders.passed(request, type == null ? JSON : type),
        call.caller(),
        RequestHeaders.session(call.request()),
        RequestHeaders.isStrict(call.request(), call.caller()),
        call.request().getHeader("User-Agent"),
        call.requestId());
  }
}
