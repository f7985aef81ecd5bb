package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.RunStatus;
import java.util.ArrayList;
import java.util.List;

/**
 * What is appended to the journal of a run at once, and how the row of the run changes with it. Not
 * thread-safe.
 */
public final class RunWrite {

  /** Stands for the place of the last event where nothing was appended. */
  static final long LOST = -1;

  /** An event that has no place yet. */
  record Draft(long at, RunEvent.Kind kind, String path, int attempt, ObjectNode data) {}

  private final String runId;
  private final Long epoch;
  private final List<Draft> drafts = new ArrayList<>();
  private RunStatus status;
  private boolean starts;
  private boolean rests;
  private long inputTokens;
  private long outputTokens;
  private long bytes;
  private ObjectNode output;
  private ObjectNode error;

  private RunWrite(String runId, Long epoch) {
    this.runId = runId;
    this.epoch = epoch;
  }

  /** By the process that works on the run. */
  static RunWrite by(long epoch, String runId) {
    return new RunWrite(runId, epoch);
  }

  /** By somebody from outside, whoever works on the run. */
  public static RunWrite from(String runId) {
    return new RunWrite(runId, null);
  }

  /** By a process that begins to work on the run: it gets the next epoch. */
  static RunWrite start(String runId) {
    RunWrite write = new RunWrite(runId, null);
    write.starts = true;
    write.status = RunStatus.RUNNING;
    return write.event(RunEvent.Kind.STARTED, null, 0, RunJson.object());
  }

  public RunWrite event(RunEvent.Kind kind, String path, int attempt, ObjectNode data) {
    drafts.add(new Draft(System.currentTimeMillis(), kind, path, attempt, data));
    return this;
  }

  RunWrite tokens(long input, long output) {
    inputTokens += input;
    outputTokens += output;
    return this;
  }

  RunWrite bytes(long more) {
    bytes += more;
    return this;
  }

  RunWrite status(RunStatus now) {
    status = now;
    return this;
  }

  /** Nothing happens in the run before something comes from outside, or a time comes. */
  RunWrite rest() {
    rests = true;
    return this;
  }

  /** The run has ended well, and given this. */
  RunWrite succeeded(Value result) {
    output = result.toJson();
    return ended(RunStatus.SUCCEEDED, RunJson.object());
  }

  /** The run has ended, and not well. */
  RunWrite ended(RunStatus how, String code, String message) {
    error = RunJson.object().put("code", code).put("message", message);
    return ended(how, error.deepCopy());
  }

  private RunWrite ended(RunStatus how, ObjectNode data) {
    status = how;
    return event(RunEvent.Kind.ENDED, null, 0, data.put("status", how.wire()));
  }

  /** A step has ended, and given this. */
  RunWrite finished(String path, int attempt, Value result) {
    return event(
        RunEvent.Kind.FINISHED, path, attempt, RunJson.object().set("result", result.toJson()));
  }

  /** Puts what another one would append after what this one does. */
  void add(RunWrite other) {
    drafts.addAll(other.drafts);
    tokens(other.inputTokens, other.outputTokens);
    bytes += other.bytes;
    status = other.status == null ? status : other.status;
    rests |= other.rests;
    output = other.output == null ? output : other.output;
    error = other.error == null ? error : other.error;
  }

  /** Whether more than the length and the size of the run changes with it. */
  boolean changesRow() {
    return starts || rests || status != null || output != null || error != null;
  }

  boolean isEmpty() {
    return drafts.isEmpty();
  }

  String runId() {
    return runId;
  }

  Long epoch() {
    return epoch;
  }

  List<Draft> drafts() {
    return drafts;
  }

  RunStatus status() {
    return status;
  }

  boolean starts() {
    return starts;
  }

  boolean rests() {
    return rests;
  }

  long inputTokens() {
    return inputTokens;
  }

  long outputTokens() {
    return outputTokens;
  }

  long bytes() {
    return bytes;
  }

  ObjectNode output() {
    return output;
  }

  ObjectNode error() {
    return error;
  }
}
