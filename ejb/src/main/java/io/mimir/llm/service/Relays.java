package io.mimir.llm.service;

import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.llm.Reason;
import io.mimir.net.service.Flow;
import io.mimir.net.service.Outbound;
import io.mimir.net.service.Receiver;
import io.mimir.net.service.Route;
import io.mimir.security.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hc.core5.http.HttpResponse;

/** Passes requests on to providers as they are, with a key of ours in place of the caller's. */
@ApplicationScoped
public class Relays {

  /** How much of a key makes a text one that gives it away. */
  private static final int TELLING = 8;

  @Inject Outbound outbound;

  /**
   * What to send, and where.
   *
   * @param method such as {@code POST}
   * @param path as {@link Route} gave it, with its query
   * @param headers what is passed on of the caller's; no credentials
   * @param body null for none
   * @param patience how long to wait for the first byte
   */
  public record Message(
      String method, String path, Map<String, String> headers, byte[] body, Duration patience) {

    @Override
    public boolean equals(Object o) {
      return this == o;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }

    @Override
    public String toString() {
      return "Message[" + method + "]";
    }
  }

  /**
   * @return cancelling it closes the connection at once
   * @throws LlmException AUTH_FAILED when the key cannot be sent at all
   */
  public Flow send(Endpoint endpoint, Route route, Secret key, Message message, Receiver receiver)
      throws LlmException {
    if (!key.isHeaderSafe()) {
      throw new LlmException(Reason.AUTH_FAILED, "The key has characters that no key has");
    }
    Map<String, String> headers = new LinkedHashMap<>(message.headers());
    if (endpoint.provider() == Provider.ANTHROPIC) {
      headers.putIfAbsent("anthropic-version", AnthropicProtocol.VERSION);
      headers.put("x-api-key", key.reveal());
    } else if (!key.isEmpty()) {
      headers.put("Authorization", "Bearer " + key.reveal());
    }
    return outbound.send(
        route,
        message.path(),
        new Outbound.Call(
            endpoint.provider(),
            message.method(),
            null,
            headers,
            message.body(),
            message.patience()),
        receiver);
  }

  /** An answer that is a refusal, in our own words. */
  public static LlmException refusal(HttpResponse response, String body) {
    return Failures.ofStatus(response, body);
  }

  /** Whether a text repeats the key, or enough of it to matter (T08). */
  public static boolean givesAway(Secret key, String text) {
    if (key.isEmpty()) {
      return false;
    }
    String clear = key.reveal();
    if (clear.length() <= TELLING) {
      return text.contains(clear);
    }
    for (int i = 0; i + TELLING <= clear.length(); i++) {
      if (text.contains(clear.substring(i, i + TELLING))) {
        return true;
      }
    }
    return false;
  }
}
