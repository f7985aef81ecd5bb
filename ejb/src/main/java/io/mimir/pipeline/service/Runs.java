package io.mimir.pipeline.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.audit.AuditedAction;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.StepStatus;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.run.JournalException;
import io.mimir.pipeline.service.run.Restart;
import io.mimir.pipeline.service.run.RunEvent;
import io.mimir.pipeline.service.run.RunFacts;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.pipeline.service.run.RunLostException;
import io.mimir.pipeline.service.run.RunState;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.pipeline.service.run.RunTallies;
import io.mimir.pipeline.service.run.RunWrite;
import io.mimir.pipeline.service.run.StepFailure;
import io.mimir.pipeline.service.run.StepState;
import io.mimir.pipeline.service.run.Value;
import io.mimir.security.Role;
import io.mimir.security.service.Identity;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.inject.Inject;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Runs of pipelines: people start them, watch them, and answer what they ask. */
@Stateless
@RolesAllowed(Role.PIPELINES)
@TransactionAttribute(NOT_SUPPORTED)
public class Runs {

  private static final int LONGEST_NOTE = 2000;
  private static final Set<String> WAYS = Set.of("result", "repeat", "skip");

  @EJB Pipelines pipelines;
  @EJB StoredDefinitions stored;
  @EJB AuditLog audit;
  @Inject RunDispatch dispatch;
  @Inject RunStarts starts;

  /**
   * Has a pipeline run, with the rights of whoever calls.
   *
   * @return the id of the run; of the one before, when the same key was used before
   * @throws ProblemException NOT_FOUND, and as {@link RunStarts#start}
   */
  public String start(Identity caller, String pipelineId, RunStarts.Wish wish) {
    return starts.start(caller, pipelines.get(caller, pipelineId), wish);
  }

  /**
   * Lists runs, the newest first: administrators all, others their own.
   *
   * @param filter its account is not looked at
   */
  public List<RunStore.Row> list(Identity caller, RunStore.Filter filter, int limit) {
    String account = caller.has(Role.ADMIN) ? null : caller.accountId();
    return dispatch
        .runs()
        .list(
            new RunStore.Filter(filter.pipelineId(), account, filter.status(), filter.after()),
            limit);
  }

  /**
   * Counts the runs that ended on the last days, today included, by pipeline: administrators see
   * all, others their own.
   *
   * @param days at most {@link RunRetention#COUNTED_DAYS}
   */
  public Map<String, RunTallies.Tally> tallies(Identity caller, int days) {
    String account = caller.has(Role.ADMIN) ? null : caller.accountId();
    return dispatch.tallies().since(LocalDate.now(ZoneOffset.UTC).minusDays(days - 1), account);
  }

  /** Whether somebody may end a run, and say what became of its steps. */
  public static boolean mayEnd(Identity caller, RunFacts run) {
    return caller.has(Role.ADMIN) || caller.accountId().equals(run.accountId());
  }

  /** Whether somebody may answer what a step asks. */
  public static boolean mayAnswer(Identity caller, StepState step) {
    return step.asked() != null
        && step.approved() == null
        && step.status() == StepStatus.WAITING
        && caller.isPerson()
        && caller.has(step.asked().path("role").asText());
  }

  /**
   * @throws ProblemException NOT_FOUND
   */
  public RunStore.Row get(Identity caller, String id) {
    return dispatch
        .runs()
        .find(id)
        .filter(row -> maySee(caller, row.facts()))
        .orElseThrow(() -> ProblemException.notFound("run"));
  }

  private boolean maySee(Identity caller, RunFacts run) {
    return caller.has(Role.ADMIN)
        || caller.accountId().equals(run.accountId())
        || asked(run.id()).anyMatch(one -> caller.has(one.asked().path("role").asText()));
  }

  private Stream<StepState> asked(String id) {
    return state(id).steps().stream()
        .filter(step -> step.asked() != null && step.status() == StepStatus.WAITING);
  }

  /** Returns where the steps of a run are. */
  public RunState state(Identity caller, String id) {
    return state(get(caller, id).facts().id());
  }

  private RunState state(String id) {
    return RunState.of(dispatch.reader().events(id, 0, Integer.MAX_VALUE));
  }

  /** Returns where the steps of a run are that the caller was given. */
  public RunState state(RunStore.Row run) {
    return state(run.facts().id());
  }

  /** Reads the journal of a run that the caller was given, after a place. */
  public List<RunEvent> events(RunStore.Row run, long after, int most) {
    return dispatch.reader().events(run.facts().id(), after, most);
  }

  /** Reads a value of a run that the caller may see. */
  public JsonNode value(String runId, Value value) {
    return value == null ? null : dispatch.values().load(runId, value);
  }

  /**
   * Ends a run: what it does at the moment is cancelled.
   *
   * @throws ProblemException NOT_FOUND; IN_USE when it has ended
   */
  public RunStore.Row cancel(Identity caller, String id) {
    RunFacts run = own(caller, id);
    ObjectNode data = RunJson.object().put("by", caller.username());
    append(RunWrite.from(id).event(RunEvent.Kind.CANCELLING, null, 0, data));
    dispatch.dispatcher().cancelled(id);
    audit.write(AuditedAction.of("run.cancel").on(id, run.pipelineName()), Outcome.SUCCESS);
    return get(caller, id);
  }

  private RunFacts own(Identity caller, String id) {
    RunFacts run = get(caller, id).facts();
    if (!mayEnd(caller, run)) {
      throw new ProblemException(
          Problem.FORBIDDEN, "Only whoever started a run and administrators may do this");
    }
    return run;
  }

  private void append(RunWrite write) {
    try {
      dispatch.journal().append(write);
    } catch (RunLostException e) {
      throw new ProblemException(Problem.IN_USE, "The run has ended: nothing can be changed in it");
    } catch (JournalException e) {
      throw RunStarts.unavailable();
    }
  }

  /**
   * Answers what a step asks.
   *
   * @param note may be null
   * @throws ProblemException NOT_FOUND; FORBIDDEN when another role is asked, or a program answers;
   *     IN_USE when it is answered already
   */
  public void approve(Identity caller, String id, String path, boolean approved, String note) {
    RunFacts run = get(caller, id).facts();
    StepState step = step(id, path);
    if (step.asked() == null) {
      throw new ProblemException(Problem.REFUSED, "This step asks nobody");
    }
    if (!caller.isPerson()) {
      throw new ProblemException(
          Problem.FORBIDDEN, "A person answers this, with a password or a session, and no token");
    }
    String role = step.asked().path("role").asText();
    if (!caller.has(role)) {
      throw new ProblemException(
          Problem.FORBIDDEN, "This is for somebody of the role %s to answer".formatted(role));
    }
    if (step.status() != StepStatus.WAITING || step.approved() != null) {
      throw new ProblemException(Problem.IN_USE, "This is answered already");
    }
    ObjectNode data =
        RunJson.object()
            .put("approved", approved)
            .put("by", caller.username())
            .put("note", checked(note));
    append(RunWrite.from(id).event(RunEvent.Kind.APPROVED, path, step.attempt(), data));
    dispatch.dispatcher().wake(id);
    audit.write(
        AuditedAction.of(approved ? "run.approve" : "run.reject")
            .on(id, run.pipelineName())
            .detail("step", path),
        Outcome.SUCCESS);
  }

  private static String checked(String note) {
    if (note != null && note.length() > LONGEST_NOTE) {
      throw ProblemException.of(
          Problem.REFUSED,
          "note",
          "too_long",
          "A note has at most %,d characters".formatted(LONGEST_NOTE));
    }
    return note == null ? "" : note;
  }

  private StepState step(String id, String path) {
    return state(id).steps().stream()
        .filter(one -> one.path().equals(path))
        .findFirst()
        .orElseThrow(() -> ProblemException.notFound("step"));
  }

  /**
   * Says what became of a step that may have happened when the server ended.
   *
   * @param how {@code result}: it happened, and this is what it gave; {@code repeat}; {@code skip}
   * @param result null unless it happened
   * @throws ProblemException NOT_FOUND, FORBIDDEN, INVALID, IN_USE
   */
  public void resolve(Identity caller, String id, String path, String how, JsonNode result) {
    RunFacts run = own(caller, id);
    StepState step = step(id, path);
    if (!WAYS.contains(how == null ? "" : how)) {
      throw ProblemException.of(
          Problem.INVALID, "how", "invalid", "how is one of result, repeat and skip");
    }
    if (step.status() != StepStatus.IN_DOUBT) {
      throw new ProblemException(Problem.IN_USE, "This step is not in doubt");
    }
    ObjectNode data = RunJson.object().put("how", how).put("by", caller.username());
    if (how.equals("result")) {
      if (result == null) {
        throw ProblemException.of(
            Problem.MISSING_FIELD, "result", "missing", "Give what the step gave as result");
      }
      try {
        data.set("result", dispatch.values().keep(id, result).toJson());
      } catch (StepFailure e) {
        throw new ProblemException(Problem.TOO_LARGE, e.getMessage());
      }
    }
    append(RunWrite.from(id).event(RunEvent.Kind.RESOLVED, path, step.attempt(), data));
    dispatch.dispatcher().wake(id);
    audit.write(
        AuditedAction.of("run.resolve")
            .on(id, run.pipelineName())
            .detail("step", path)
            .detail("how", how),
        Outcome.SUCCESS);
  }

  /**
   * Runs again what a run did from a step on; what other steps gave is taken over.
   *
   * @param from the path of the step; null for the first that failed
   * @param revision to go by; null for that of then
   * @return the id of the new run
   * @throws ProblemException NOT_FOUND, IN_USE when the run has not ended, REFUSED
   */
  public String retry(Identity caller, String id, String from, Integer revision) {
    RunStore.Row row = get(caller, id);
    RunFacts run = row.facts();
    if (!run.status().isFinal()) {
      throw new ProblemException(
          Problem.IN_USE, "The run has not ended: cancel it first, or wait for its end");
    }
    Pipeline pipeline = pipelines.get(caller, run.pipelineId());
    int number = revision == null ? run.revision() : revision;
    Optional<Definition> definition = stored.revision(pipeline.getId(), number);
    if (definition.isEmpty()) {
      throw ProblemException.notFound("revision");
    }
    starts.requireRoom();
    RunState state = state(id);
    String start = from == null ? Restart.firstFailed(state) : from;
    if (start == null || from != null && !Restart.isIn(definition.get(), from)) {
      throw ProblemException.of(
          Problem.REFUSED,
          "from",
          "unknown_step",
          from == null
              ? "No step of this run failed: say from which one to go on"
              : "This revision has no such step");
    }
    String fresh = RunStore.newId();
    return starts.insert(
        new RunStore.Wish(
            fresh,
            pipeline.getId(),
            pipeline.getName(),
            number,
            caller.accountId(),
            caller.tokenId(),
            caller.isPerson() ? "manual" : "api",
            null,
            null,
            id,
            dispatch.values().copied(id, fresh, row.input()),
            Restart.takenOver(state, definition.get(), start, id, fresh, dispatch.values())));
  }
}
