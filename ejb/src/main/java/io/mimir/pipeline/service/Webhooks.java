package io.mimir.pipeline.service;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.PipelineTrigger;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.WebhookSignature;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * Takes webhooks as Standard Webhooks has them (standardwebhooks.com): {@code webhook-id}, {@code
 * webhook-timestamp} in seconds, and {@code webhook-signature}, a list of {@code v1,<base64 of
 * HMAC-SHA-256 over id.timestamp.body>}. An id is taken once.
 */
@ApplicationScoped
public class Webhooks {

  private static final Duration TOLERANCE = Duration.ofMinutes(5);
  private static final Pattern ID = Pattern.compile("[\\x21-\\x7E]{1,150}");
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,12}");
  private static final String BEARER = "Bearer ";

  @Inject TriggerStore triggers;
  @Inject TriggeredRuns runs;
  @Inject Vault vault;

  /**
   * A webhook as it came.
   *
   * @param authorization the header; null when there is none, like the others
   */
  public record Delivery(
      String id, String timestamp, String signature, String authorization, byte[] body) {}

  /**
   * Starts a run of the body.
   *
   * @return the id of the run; of the one before, when the webhook came before
   * @throws ProblemException NOT_FOUND; UNAUTHENTICATED when it is not signed as it has to be;
   *     MALFORMED; and as {@link RunStarts#start}
   */
  public String take(String triggerId, Delivery delivery) {
    PipelineTrigger trigger =
        triggers
            .find(triggerId)
            .filter(one -> one.getKind().equals(PipelineTrigger.WEBHOOK) && one.isActive())
            .orElseThrow(() -> ProblemException.notFound("webhook"));
    try (Secret secret = trigger.open(vault)) {
      if (trigger.isSigned()) {
        requireSigned(delivery, secret);
      } else {
        requireBearer(delivery, secret);
      }
    }
    String key =
        delivery.id() == null || !ID.matcher(delivery.id()).matches()
            ? null
            : trigger.getId() + " " + delivery.id();
    String run = runs.start(trigger, input(delivery.body()), key);
    triggers.fired(triggerId, Instant.now(), null);
    return run;
  }

  private static void requireSigned(Delivery delivery, Secret secret) {
    String id = delivery.id() == null ? "" : delivery.id();
    String timestamp = delivery.timestamp() == null ? "" : delivery.timestamp();
    if (!ID.matcher(id).matches() || !SECONDS.matcher(timestamp).matches()) {
      throw refused("webhook-id and webhook-timestamp have to be there, and are not");
    }
    Instant sent = Instant.ofEpochSecond(Long.parseLong(timestamp));
    if (Duration.between(sent, Instant.now()).abs().compareTo(TOLERANCE) > 0) {
      throw refused("webhook-timestamp is more than five minutes from now: look at the clocks");
    }
    byte[] signed = signed(id, timestamp, delivery.body());
    if (delivery.signature() == null
        || !WebhookSignature.isIn(delivery.signature(), signed, secret)) {
      throw refused("No signature in webhook-signature fits: look at the secret");
    }
  }

  private static byte[] signed(String id, String timestamp, byte[] body) {
    byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
    byte[] all = new byte[head.length + body.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return all;
  }

  private static void requireBearer(Delivery delivery, Secret secret) {
    String sent = delivery.authorization();
    if (sent == null
        || !sent.startsWith(BEARER)
        || !WebhookSignature.isSame(sent.substring(BEARER.length()), secret)) {
      throw refused("Send the secret of this trigger as Authorization: Bearer");
    }
  }

  private static ProblemException refused(String why) {
    return new ProblemException(Problem.UNAUTHENTICATED, why);
  }

  private static JsonNode input(byte[] body) {
    try {
      return body.length == 0 ? RunJson.object() : RunJson.read(body);
    } catch (IOException e) {
      throw new ProblemException(Problem.MALFORMED, "The body of a webhook is a JSON object here");
    }
  }
}
