package io.mimir.net.service;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.HttpResponse;

/** Keeps status and body of an answer, or why there is none. */
class CollectedResponse implements ResponseHandler {

  private final CompletableFuture<String> whole = new CompletableFuture<>();
  private final StringBuffer text = new StringBuffer();

  @Override
  public void head(HttpResponse response) {
    text.append(response.getCode()).append(' ');
  }

  @Override
  public void data(ByteBuffer piece) {
    text.append(StandardCharsets.UTF_8.decode(piece));
  }

  @Override
  public void end() {
    whole.complete(text.toString());
  }

  @Override
  public void failed(Exception cause) {
    whole.completeExceptionally(cause);
  }

  /** What has come so far. */
  String soFar() {
    return text.toString();
  }

  /** Waits for the end: "200 body", or the failure as it was told. */
  String get() throws Exception {
    try {
      return whole.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }
}
