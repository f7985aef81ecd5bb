package io.mimir.llm.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.net.service.EgressCall;
import io.mimir.net.service.EgressClient;
import io.mimir.net.service.ResponseHandler;
import jakarta.ws.rs.client.ClientRequestContext;
import jakarta.ws.rs.client.ClientRequestFilter;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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

/**
 * Lets the typed REST clients speak through {@link EgressClient}: it answers each of their requests
 * itself, before they open a connection.
 */
final class VettedTransport implements ClientRequestFilter {

  private static final int LARGEST = 10 * 1024 * 1024;

  private final EgressClient egress;
  private final Provider provider;
  private final Duration timeout;
  private long begun;
  private long ended;

  VettedTransport(EgressClient egress, Provider provider, Duration timeout) {
    this.egress = egress;
    this.provider = provider;
    this.timeout = timeout;
  }

  /**
   * How long the provider took, without our own preparations; to 10 ms, so that it tells little.
   */
  long latencyMs() {
    return Math.round((ended - begun) / 10_000_000d) * 10;
  }

  @Override
  public void filter(ClientRequestContext request) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    request
        .getStringHeaders()
        .forEach((name, values) -> headers.put(name, String.join(",", values)));
    // The REST client turns a parameter that is null into an empty header.
    headers.values().removeIf(String::isEmpty);
    headers.remove("User-Agent");
    Whole answer = new Whole();
    begun = System.nanoTime();
    try {
      request.abortWith(
          Response.ok(
                  new ByteArrayInputStream(fetch(request, headers, answer)),
                  ModelIdsReader.MEDIA_TYPE)
              .build());
    } finally {
      ended = System.nanoTime();
    }
  }

  private byte[] fetch(ClientRequestContext request, Map<String, String> headers, Whole answer)
      throws CallFailed {
    Future<?> call =
        egress.send(
            new EgressCall(
                provider.zone(), request.getMethod(), request.getUri(), headers, null, timeout),
            answer);
    try {
      return answer.body.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      call.cancel(true);
      throw new CallFailed(
          new LlmException(CallOutcome.TIMEOUT, Failures.sentence(CallOutcome.TIMEOUT, provider)));
    } catch (InterruptedException e) {
      call.cancel(true);
      Thread.currentThread().interrupt();
      throw new CallFailed(new LlmException(CallOutcome.UPSTREAM_ERROR, "The call was cancelled"));
    } catch (ExecutionException e) {
      call.cancel(true);
      throw new CallFailed((LlmException) e.getCause());
    }
  }

  /** Collects a whole answer, or finds out why there is none. */
  private static final class Whole implements ResponseHandler {

    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private HttpResponse head;

    @Override
    public void head(HttpResponse response) {
      head = response;
      Header type = response.getFirstHeader("Content-Type");
      boolean html =
          type != null && type.getValue().toLowerCase(Locale.ROOT).startsWith("text/html");
      if (html && response.getCode() < 300) {
        body.completeExceptionally(Answers.notLlmApi());
      }
    }

    @Override
    public void data(ByteBuffer piece) throws IOException {
      if (bytes.size() + piece.remaining() > LARGEST) {
        body.completeExceptionally(
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
      if (head.getCode() >= 200 && head.getCode() < 300) {
        body.complete(bytes.toByteArray());
      } else {
        body.completeExceptionally(Failures.ofStatus(head, bytes.toString(StandardCharsets.UTF_8)));
      }
    }

    @Override
    public void failed(Exception cause) {
      body.completeExceptionally(Failures.ofTransport(cause));
    }
  }
}
