package io.mimir.gateway.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.credential.service.KeyLease;
import io.mimir.credential.service.ProviderProblems;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.FailureOwner;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.llm.SseReader;
import io.mimir.llm.service.Failures;
import io.mimir.llm.service.Relays;
import io.mimir.net.service.CallHandle;
import io.mimir.net.service.EgressRequest;
import io.mimir.net.service.ResponseHandler;
import io.mimir.security.SecretTraces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.util.ByteArrayBuffer;

/** One question to one provider with one key, and its answer on the way to the client. */
final class Attempt implements ResponseHandler {

  private static final int LARGEST_TRANSLATED = 10 * 1024 * 1024;
  private static final int LARGEST_HELD = 256 * 1024;
  private static final int LARGEST_REFUSAL = 64 * 1024;
  private static final int LARGEST_EVENT = 4 * 1024 * 1024;
  private static final int LONGEST_MESSAGE = 2000;

  /** However long an answer goes on coming, it ends within this time (T80). */
  private static final long LONGEST = Duration.ofHours(1).toNanos();

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final GatewayCall call;
  private final KeyLease lease;
  private final Course course;
  private final Client client;
  private final TokenCounts counts = new TokenCounts();

  /** Nearly every answer comes in one piece: then it has just the size of that. */
  private ByteArrayBuffer held = new ByteArrayBuffer(0);

  private volatile CallHandle flow;
  private volatile boolean pausing;
  private volatile boolean over;
  private HttpResponse head;
  private String type;
  private Mode mode;
  private StreamPass pass;
  private SseReader events;
  private boolean opened;

  private enum Mode {
    REFUSAL,
    /** Kept until it is complete. */
    WHOLE,
    /** Too large to be kept, and of a form that nothing can be added to. */
    SPILLED,
    STREAM,
    TRANSLATED_STREAM
  }

  Attempt(GatewayCall call, KeyLease lease, Course course) {
    this.call = call;
    this.lease = lease;
    this.course = course;
    this.client = call.client();
  }

  KeyLease lease() {
    return lease;
  }

  TokenCounts counts() {
    return counts;
  }

  void send() throws LlmException {
    Asked asked = call.asked();
    CallHandle begun =
        call.gateway()
            .relays
            .send(lease.endpoint(), lease.route(), lease.secret(), request(asked), this);
    flow = begun;
    if (call.isGone()) {
      begun.cancel(true);
    } else if (pausing) {
      begun.pause();
    }
  }

  /** Files, batches and the like are made once: a second one would be there, and paid, twice. */
  private EgressRequest request(Asked asked) {
    EgressRequest request =
        new EgressRequest(
            asked.method(), course.path(), asked.headers(), course.body(), lease.timeout());
    boolean makes = asked.operation() == Operation.OTHER && !asked.method().equals("GET");
    return makes ? request.once() : request;
  }

  void cancel() {
    CallHandle begun = flow;
    if (begun != null) {
      begun.cancel(true);
    }
  }

  void pause() {
    pausing = true;
    CallHandle begun = flow;
    if (begun != null) {
      begun.pause();
    }
  }

  void resume() {
    pausing = false;
    CallHandle begun = flow;
    if (begun != null) {
      begun.resume();
    }
  }

  @Override
  public void head(HttpResponse response) {
    head = response;
    Header header = response.getFirstHeader("Content-Type");
    type = header == null ? "application/json" : header.getValue();
    String lower = type.toLowerCase(Locale.ROOT);
    if (response.getCode() < 200 || response.getCode() > 299 || lower.startsWith("text/html")) {
      mode = Mode.REFUSAL;
      return;
    }
    boolean lines = lower.startsWith("application/x-ndjson");
    boolean events = lower.startsWith("text/event-stream");
    if (!lines && !events && call.asked().wantsStream()) {
      // A client that waits for events would take it for an empty stream.
      mode = Mode.REFUSAL;
      return;
    }
    lease.accepted();
    if (!lines && !events) {
      mode = Mode.WHOLE;
    } else if (course.translation() != null) {
      mode = Mode.TRANSLATED_STREAM;
      this.events = new SseReader(LARGEST_EVENT);
    } else {
      mode = Mode.STREAM;
      pass =
          new StreamPass(
              call.asked().operation(),
              lines,
              course.askedForUsage(),
              counts,
              text -> Relays.givesAway(lease.secret(), text));
    }
  }

  @Override
  public void data(ByteBuffer piece) throws IOException {
    if (call.isGone()) {
      throw new IOException("The client has left");
    }
    try {
      take(piece);
    } catch (LlmException e) {
      fail(e);
      throw new IOException("The answer was given up");
    }
  }

  private void take(ByteBuffer piece) throws LlmException {
    if (System.nanoTime() - call.begunAt() > LONGEST) {
      throw new LlmException(CallOutcome.TIMEOUT, "The answer goes on for more than an hour");
    }
    switch (mode) {
      case REFUSAL -> {
        int limit = piece.limit();
        int room = LARGEST_REFUSAL - held.length();
        piece.limit(piece.position() + Math.min(piece.remaining(), room));
        held.append(piece);
        piece.limit(limit).position(limit);
      }
      case WHOLE -> whole(piece);
      case SPILLED -> client.write(piece);
      case STREAM -> write(pass.feed(piece));
      case TRANSLATED_STREAM -> translate(piece);
    }
  }

  private byte[] kept() {
    return held.isFull() ? held.array() : held.toByteArray();
  }

  private void whole(ByteBuffer piece) throws LlmException {
    boolean translated = course.translation() != null;
    int size = held.length() + piece.remaining();
    if (translated && size > LARGEST_TRANSLATED) {
      throw new LlmException(
          CallOutcome.NOT_LLM_API, "The endpoint's answer is larger than 10 MiB");
    }
    held.append(piece);
    if (!translated && size > LARGEST_HELD) {
      open(type);
      client.write(ByteBuffer.wrap(kept()));
      // A cleared one would keep its room for as long as the rest takes.
      held = new ByteArrayBuffer(0);
      mode = Mode.SPILLED;
    }
  }

  private void open(String mediaType) {
    opened = true;
    client.open(head.getCode(), mediaType, headers());
  }

  private void write(ByteArrayOutputStream out) {
    write(out.toByteArray());
  }

  private void write(byte[] out) {
    if (out.length == 0) {
      return;
    }
    if (!opened) {
      open(course.translation() == null ? type : course.translation().streamType());
    }
    client.write(ByteBuffer.wrap(out));
  }

  private void translate(ByteBuffer piece) throws LlmException {
    for (SseReader.Event event : events.feed(piece)) {
      try {
        write(course.translation().event(event.name(), event.data()));
      } catch (IOException e) {
        throw new LlmException(CallOutcome.UPSTREAM_ERROR, "The provider broke off with an error");
      }
    }
  }

  private Map<String, String> headers() {
    return ProviderHeaders.passed(head, () -> SecretTraces.of(lease.secret()));
  }

  @Override
  public void end() {
    if (over) {
      return;
    }
    try {
      complete();
    } catch (LlmException e) {
      fail(e);
    }
  }

  private void complete() throws LlmException {
    switch (mode) {
      case REFUSAL -> refused();
      case WHOLE -> answer();
      case SPILLED -> {
        client.close();
        done(false);
      }
      case STREAM -> {
        write(pass.rest());
        if (!pass.isComplete() && !pass.isBroken()) {
          throw cut();
        }
        client.close();
        done(pass.isBroken());
      }
      case TRANSLATED_STREAM -> {
        try {
          write(course.translation().end());
        } catch (IOException e) {
          throw cut();
        }
        takeCounts();
        client.close();
        done(false);
      }
    }
  }

  private static LlmException cut() {
    return new LlmException(
        CallOutcome.UPSTREAM_ERROR, "The provider broke off before its answer was complete");
  }

  private void takeCounts() {
    if (course.translation() != null) {
      counts.set(course.translation().inputTokens(), course.translation().outputTokens());
    }
  }

  private void answer() throws LlmException {
    byte[] body = kept();
    if (course.translation() == null) {
      boolean json = counts.read(body, 0, body.length);
      if (!json && call.asked().operation() != Operation.OTHER) {
        throw new LlmException(
            CallOutcome.NOT_LLM_API, "The endpoint answers, but not as this provider does");
      }
      client.answer(head.getCode(), type, headers(), body);
    } else {
      try {
        byte[] translated = course.translation().answer(body);
        takeCounts();
        client.answer(head.getCode(), "application/json", headers(), translated);
      } catch (IOException e) {
        throw new LlmException(
            CallOutcome.NOT_LLM_API, "The endpoint answers, but not as this provider does");
      }
    }
    done(false);
  }

  private void refused() throws LlmException {
    int code = head.getCode();
    if (code >= 200 && code < 300) {
      throw new LlmException(CallOutcome.NOT_LLM_API, "What answers at the endpoint is no LLM API");
    }
    boolean mayNotKnow =
        course.askedForUsage()
            && (code == 400 || code == 422)
            && lease.endpoint().provider() != Provider.OPENAI;
    if (mayNotKnow) {
      over = true;
      call.again(new Attempt(call, lease, course.plain(call.asked(), lease)));
      return;
    }
    boolean mayHaveChatOnly =
        call.asked().operation() == Operation.RESPONSES
            && (code == 404 || code == 405)
            && course.translation() == null
            && lease.endpoint().provider() != Provider.OPENAI;
    if (mayHaveChatOnly) {
      over = true;
      byChat();
      return;
    }
    throw Relays.refusal(head, new String(held.array(), 0, held.length(), StandardCharsets.UTF_8));
  }

  private void byChat() {
    Course other;
    try {
      other = Course.byChat(call.asked(), lease);
    } catch (ProblemException e) {
      call.unsayable(this, e);
      return;
    }
    call.again(new Attempt(call, lease, other));
  }

  @Override
  public void failed(Exception cause) {
    fail(call.isGone() ? GatewayCall.cancelled() : Failures.ofTransport(cause));
  }

  private void fail(LlmException failure) {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    if (call.isGone()) {
      takeCounts();
      call.finished(this, false);
    } else if (!opened) {
      call.failed(this, failure);
    } else {
      lease.failed(failure, call.question());
      takeCounts();
      tell(failure);
      call.finished(this, true);
    }
  }

  /** The answer has begun: its protocol's own event ends it. */
  private void tell(LlmException failure) {
    if (mode == Mode.SPILLED) {
      client.cut();
      return;
    }
    client.write(ByteBuffer.wrap(refusal(failure).event(call.asked().requestId())));
    client.close();
  }

  private void done(boolean error) {
    over = true;
    call.finished(this, error);
  }

  /** Why there is no answer, for the client. */
  Refusal refusal(LlmException failure) {
    Family family = call.asked().operation().family();
    if (failure.owner() == FailureOwner.QUESTION) {
      return ofTheQuestion(family, failure);
    }
    return Refusal.of(family, ProviderProblems.of(lease, failure), true);
  }

  /**
   * What the provider found wrong with the question, which its author needs to know; unless it
   * repeats the key (T08).
   */
  private Refusal ofTheQuestion(Family family, LlmException failure) {
    String message = failure.getMessage();
    String param = null;
    String code = "provider_refused";
    try {
      JsonNode error = JSON.readTree(held.array(), 0, held.length()).path("error");
      String said = error.isTextual() ? error.asText() : error.path("message").asText("");
      boolean fit = !said.isBlank() && said.length() <= LONGEST_MESSAGE;
      if (fit && !Relays.givesAway(lease.secret(), error.toString())) {
        message = said;
        param = error.path("param").isTextual() ? error.path("param").asText() : null;
        code = error.path("code").isTextual() ? error.path("code").asText() : code;
      }
    } catch (IOException e) {
      // Not JSON: our own sentence has to do.
    }
    return new Refusal(family, failure.status(), code, message, param, null, false);
  }
}
