package io.mimir.llm.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.net.service.EgressCall;
import io.mimir.net.service.EgressClient;
import io.mimir.net.service.ResponseHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;

/** The calls of one test: small, one after the other, and all within one time. */
final class ControlCalls {

  private static final int MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

  private final EgressClient egress;
  private final Endpoint endpoint;
  private final long deadline;
  private long begun;
  private long ended;

  /**
   * @param timeout for all calls together
   */
  ControlCalls(EgressClient egress, Endpoint endpoint, Duration timeout) {
    this.egress = egress;
    this.endpoint = endpoint;
    this.deadline = System.nanoTime() + timeout.toNanos();
  }

  /**
   * A response, whatever its status.
   *
   * @param body UTF-8
   */
  record Response(HttpResponse head, String body) {

    int status() {
      return head.getCode();
    }

    boolean isSuccess() {
      return status() >= 200 && status() < 300;
    }

    /** Tells whether the address is not there, or not for this method. */
    boolean isAbsent() {
      return status() == 404 || status() == 405 || status() == 501;
    }

    /** Returns the refusal that it is, in our own words. */
    LlmException failure() {
      return Failures.ofStatus(head, body);
    }

    boolean isHtml() {
      Header type = head.getFirstHeader("Content-Type");
      return type != null && type.getValue().toLowerCase(Locale.ROOT).startsWith("text/html");
    }
  }

  /**
   * Returns how long the provider took for the first call, without our own preparations; to 10 ms,
   * so that it tells little (T16).
   */
  long latencyMs() {
    return Math.round((ended - begun) / 10_000_000d) * 10;
  }

  Response get(String path, Map<String, String> headers) throws LlmException {
    return send("GET", path, headers, null);
  }

  Response post(String path, Map<String, String> headers, String json) throws LlmException {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put("Content-Type", "application/json");
    return send("POST", path, all, json.getBytes(StandardCharsets.UTF_8));
  }

  private Response send(String method, String path, Map<String, String> headers, byte[] body)
      throws LlmException {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put("Accept", "application/json");
    Duration left = Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
    Whole whole = new Whole();
    boolean first = begun == 0;
    begun = first ? System.nanoTime() : begun;
    URI uri = URI.create(endpoint.url().root() + path);
    Future<?> call =
        egress.send(
            new EgressCall(endpoint.provider().zone(), method, uri, all, body, left), whole);
    try {
      return whole.response.get(left.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      call.cancel(true);
      throw new LlmException(
          CallOutcome.TIMEOUT, Failures.sentence(CallOutcome.TIMEOUT, endpoint.provider()));
    } catch (InterruptedException e) {
      call.cancel(true);
      Thread.currentThread().interrupt();
      throw new LlmException(CallOutcome.UPSTREAM_ERROR, "The call was cancelled");
    } catch (ExecutionException e) {
      call.cancel(true);
      throw (LlmException) e.getCause();
    } finally {
      ended = first ? System.nanoTime() : ended;
    }
  }

  /** Collects a whole response, or finds out why there is none. */
  private static final class Whole implements ResponseHandler {

    private final CompletableFuture<Response> response = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private HttpResponse head;

    @Override
    public void head(HttpResponse begun) {
      head = begun;
    }

    @Override
    public void data(ByteBuffer piece) throws IOException {
      if (bytes.size() + piece.remaining() > MAX_RESPONSE_BYTES) {
        response.completeExceptionally(
            new LlmException(
                CallOutcome.NOT_LLM_API, "The endpoint's answer is larger than 10 MiB"));
        throw new IOException("The answer was given up");
      }
      byte[] part = new byte[piece.remaining()];
      piece.get(part);
      bytes.writeBytes(part);
    }

    @Override
    public void end() {
      response.complete(new Response(head, bytes.toString(StandardCharsets.UTF_8)));
    }

    @Override
    public void failed(Exception cause) {
      response.completeExceptionally(Failures.ofTransport(cause));
    }
  }
}
