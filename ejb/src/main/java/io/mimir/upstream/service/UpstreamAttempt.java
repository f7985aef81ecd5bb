package io.mimir.upstream.service;

import static java.lang.System.Logger.Level.ERROR;

import io.mimir.credential.service.KeyLease;
import io.mimir.error.Faults;
import io.mimir.error.ProblemException;
import io.mimir.id.CurrentRequest;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.FailureOwner;
import io.mimir.llm.LlmException;
import io.mimir.llm.service.Failures;
import io.mimir.net.service.CallHandle;
import io.mimir.net.service.EgressRequest;
import io.mimir.net.service.ResponseHandler;
import io.mimir.security.SecretTraces;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.hc.core5.http.HttpResponse;

/** One question to one provider with one key, and its answer on the way to the target. */
final class UpstreamAttempt implements ResponseHandler {

  private static final System.Logger LOG = System.getLogger(UpstreamAttempt.class.getName());

  /** How often a client is told that a silent stream lives. */
  private static final long KEEP_ALIVE = Duration.ofSeconds(15).toNanos();

  private final UpstreamCall call;
  private final KeyLease lease;
  private final UpstreamRequest request;
  private final ResponseTarget target;
  private final UsageTap usage = new UsageTap();

  private volatile AttemptTimer timer;
  private volatile CallHandle handle;
  private volatile boolean pausing;
  private boolean over;
  private HttpResponse head;
  private RelayChoice choice;
  private ResponseRelay relay;
  private SecretTraces secrets;
  private boolean accepted;
  private boolean opened;
  private boolean advanced;
  private long lastWrite;

  UpstreamAttempt(UpstreamCall call, KeyLease lease, UpstreamRequest request) {
    this.call = call;
    this.lease = lease;
    this.request = request;
    this.target = call.target();
  }

  KeyLease lease() {
    return lease;
  }

  UpstreamRequest request() {
    return request;
  }

  CallSpec spec() {
    return call.spec();
  }

  UsageTap usage() {
    return usage;
  }

  /** The media type that the provider gave. */
  String type() {
    return choice.type();
  }

  void send() throws LlmException {
    lease.sent();
    timer = new AttemptTimer(call.engine().metrics, lease, request);
    CallHandle begun =
        call.engine()
            .relays
            .send(
                lease.adapter(),
                lease.route(),
                lease.secret(),
                lease.headers(),
                egressRequest(),
                this);
    handle = begun;
    if (call.isGone()) {
      begun.cancel(true);
    } else if (pausing) {
      begun.pause();
    }
  }

  /** Files, batches and the like are made once: a second one would be there, and paid, twice. */
  private EgressRequest egressRequest() {
    EgressRequest sent =
        new EgressRequest(
            request.method(),
            request.path(),
            request.headers(),
            request.body(),
            call.patience(lease));
    return spec().repeatable() || request.method().equals("GET") ? sent : sent.once();
  }

  void cancel() {
    CallHandle begun = handle;
    if (begun != null) {
      begun.cancel(true);
    }
  }

  void pause() {
    pausing = true;
    CallHandle begun = handle;
    if (begun != null) {
      begun.pause();
    }
  }

  void resume() {
    pausing = false;
    CallHandle begun = handle;
    if (begun != null) {
      begun.resume();
    }
  }

  @Override
  public synchronized void head(HttpResponse response) {
    String before = CurrentRequest.enter(call.requestId());
    try {
      head = response;
      choice = new RelayChoice(this, response);
      begin(choice.byHead());
    } finally {
      CurrentRequest.enter(before);
    }
  }

  private void begin(ResponseRelay chosen) {
    relay = chosen;
    if (relay != null && relay.isStream()) {
      call.engine().watch.begin(this);
    }
  }

  /** What would be seen of the secrets that the provider was sent. */
  SecretTraces secrets() {
    if (secrets == null) {
      secrets = SecretTraces.of(lease.secrets());
    }
    return secrets;
  }

  @Override
  public synchronized void data(ByteBuffer piece) throws IOException {
    if (over || call.isGone()) {
      throw new IOException("Nobody waits for the answer any more");
    }
    String before = CurrentRequest.enter(call.requestId());
    try {
      timer.heard();
      advanced = relay != null || chooseRelay(piece);
      if (advanced) {
        long events = relay.events();
        relay.data(piece);
        advanced = !relay.isStream() || relay.events() > events;
      }
    } catch (LlmException e) {
      fail(e);
      throw new IOException("The answer was given up");
    } finally {
      CurrentRequest.enter(before);
    }
  }

  /** A comment of the provider's only keeps the connection open. */
  @Override
  public boolean hasAdvanced() {
    return advanced;
  }

  /**
   * Looks at the first byte that is no white space.
   *
   * @return whether there was one
   */
  private boolean chooseRelay(ByteBuffer piece) throws LlmException {
    while (piece.hasRemaining() && Character.isWhitespace(piece.get(piece.position()))) {
      piece.get();
    }
    if (!piece.hasRemaining()) {
      return false;
    }
    begin(choice.byFirst(piece.get(piece.position())));
    return true;
  }

  /** The provider took the question, and its answer is on the way to the target. */
  private void accept() {
    if (!accepted) {
      accepted = true;
      lease.accepted();
    }
  }

  boolean hasBegun() {
    return target.hasBegun();
  }

  /** Begins an answer in pieces, unless it has begun. */
  void open(String mediaType) {
    if (!opened) {
      opened = true;
      accept();
      target.open(head.getCode(), mediaType, headers());
    }
  }

  void write(ByteBuffer piece) {
    lastWrite = System.nanoTime();
    target.write(piece);
  }

  void close() {
    target.close();
  }

  void answer(String mediaType, byte[] body) throws LlmException {
    if (spec().streamed()) {
      // A caller that waits for events would take it for an empty stream.
      throw new LlmException(
          CallOutcome.NOT_LLM_API, "The endpoint answers as a whole where a stream was asked for");
    }
    accept();
    target.answer(head.getCode(), mediaType, headers(), body);
  }

  private Map<String, String> headers() {
    Map<String, String> headers = ProviderHeaders.passed(head, this::secrets);
    if (spec().showsKey()) {
      headers.put("mimir-key", ProviderHeaders.printable(lease.keyName()));
    }
    List<String> leftOut = leftOut();
    if (!leftOut.isEmpty()) {
      headers.put("mimir-left-out", String.join(", ", leftOut));
    }
    return headers;
  }

  /** The hints of the question that the provider's protocol has no word for. */
  List<String> leftOut() {
    return request.translation() == null ? List.of() : request.translation().leftOut();
  }

  @Override
  public synchronized void end() {
    if (over) {
      return;
    }
    String before = CurrentRequest.enter(call.requestId());
    try {
      if (relay == null) {
        throw new LlmException(CallOutcome.NOT_LLM_API, "The endpoint's answer is empty");
      }
      boolean whole = relay.end();
      over = true;
      ended("success");
      call.finished(this, !whole, true);
    } catch (LlmException e) {
      fail(spec().judged(e));
    } catch (RuntimeException e) {
      // The connection has done with it: nobody would tell whoever waits.
      LOG.log(ERROR, "The end of an answer could not be read", Faults.nameless(e));
      fail(
          new LlmException(
              CallOutcome.UPSTREAM_ERROR, "The end of the provider's answer could not be read"));
    } finally {
      CurrentRequest.enter(before);
    }
  }

  @Override
  public void failed(Exception cause) {
    String before = CurrentRequest.enter(call.requestId());
    try {
      fail(call.isGone() ? UpstreamCall.cancelled() : Failures.ofTransport(cause));
    } finally {
      CurrentRequest.enter(before);
    }
  }

  /** A stream that is silent for a while is said to be alive, between two of its events. */
  synchronized void keepAlive(long now) {
    if (!over && opened && now - lastWrite > KEEP_ALIVE && relay.isBetweenEvents()) {
      lastWrite = now;
      target.keepAlive();
    }
  }

  private void ended(String outcome) {
    if (timer != null) {
      timer.ended(outcome);
    }
    if (relay != null && relay.isStream()) {
      call.engine().watch.end(this);
    }
    if (request.translation() != null) {
      usage.set(request.translation().usage());
    }
  }

  private void fail(LlmException failure) {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      ended(call.isGone() ? "cancelled" : failure.reason().wire());
    }
    if (call.isGone()) {
      call.finished(this, false, false);
    } else if (opened) {
      lease.failed(failure, call.question());
      tell(failure(failure));
      call.finished(this, true, false);
    } else if (!asksInAnotherWay(failure)) {
      call.failed(this, failure);
    }
  }

  /**
   * Ends it, though nothing has failed.
   *
   * @return false when it was over
   */
  boolean end(ProblemException why) {
    synchronized (this) {
      if (over) {
        return false;
      }
      over = true;
      ended("cancelled");
    }
    tell(CallFailure.of(why));
    call.finished(this, true, false);
    return true;
  }

  private void tell(CallFailure failure) {
    if (!opened) {
      target.fail(failure);
    } else if (relay.canTellFailure()) {
      relay.fail(failure);
      target.fail(failure);
    } else {
      target.cut();
    }
  }

  /** An endpoint may know less than the protocol has: it is asked once more, for less. */
  private boolean asksInAnotherWay(LlmException failure) {
    boolean refused = relay instanceof ErrorRelay error && !error.isAboutModel();
    if (!refused || failure.status() < 400) {
      return false;
    }
    try {
      UpstreamRequest other = call.plan().otherwise(lease, request, failure.status());
      if (other == null) {
        return false;
      }
      call.again(new UpstreamAttempt(call, lease, other));
      return true;
    } catch (ProblemException e) {
      call.unsayable(this, e);
      return true;
    }
  }

  /** Why there is no answer, for the target. */
  CallFailure failure(LlmException failure) {
    ProviderWords words = null;
    if (failure.owner() == FailureOwner.QUESTION && relay instanceof ErrorRelay error) {
      words = ProviderWords.of(error.body(), error.length(), secrets());
    }
    return new CallFailure(
        ProviderProblems.of(lease, call.patience(lease), failure),
        failure.reason(),
        failure.status(),
        words,
        false);
  }
}
