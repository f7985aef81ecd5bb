package io.mimir.gateway.service;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.credential.ModelRef;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.gateway.ObjectKind;
import io.mimir.gateway.ProviderObject;
import io.mimir.gateway.service.ReferenceReader.Reference;
import io.mimir.id.CurrentRequest;
import io.mimir.llm.ProtocolFamily;
import io.mimir.security.Role;
import io.mimir.upstream.service.CallFailure;
import io.mimir.upstream.service.CallSpec;
import io.mimir.upstream.service.ResponseTarget;
import io.mimir.upstream.service.UpstreamCalls;
import jakarta.annotation.Resource;
import jakarta.ejb.EJBException;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Calls about what a provider keeps: each goes to the key that made it, and only for the account
 * that made it. What is new is written down before its maker hears of it. The database is asked on
 * threads of the server, never on those that read from providers.
 */
@ApplicationScoped
public class StatefulCalls {

  private static final System.Logger LOG = System.getLogger(StatefulCalls.class.getName());

  /** Characters of an id that are repeated to the client. */
  private static final int MAX_ID_CHARS = 100;

  @Inject UpstreamCalls calls;
  @Inject ProviderObjects objects;
  @Inject ModelCatalog catalog;
  @Resource ManagedExecutorService managed;

  /** Tells whether a request is about something that a provider keeps. */
  public boolean concerns(GatewayRequest request) {
    return request.address() != null || !request.references().isEmpty();
  }

  /** Begins a call that is not about anything kept, and that may make a response which is. */
  public void beginNew(GatewayRequest request, CallSpec spec, ResponseTarget target) {
    RequestPlanner plan = new RequestPlanner(request);
    calls.begin(spec, plan, recording(request, plan, target));
  }

  /**
   * Begins a call. Returns at once; the target is told how it goes.
   *
   * @throws ProblemException FORBIDDEN for a batch of a token that may not ask all models
   */
  public void begin(GatewayRequest request, CallSpec spec, ResponseTarget target) {
    ObjectAddress address = request.address();
    boolean batch =
        address != null
            && (address.kind() == ObjectKind.BATCH || address.kind() == ObjectKind.MESSAGE_BATCH);
    if (batch && address.isMaking(request.method()) && !request.caller().models().isEmpty()) {
      throw new ProblemException(
          Problem.FORBIDDEN,
          "A batch may name any model, and this token may ask some only: use a token for all"
              + " models");
    }
    hand(target, () -> proceed(request, address, spec, target));
  }

  /** Does something that may wait for the database, and tells the target when it fails. */
  void hand(ResponseTarget target, Runnable work) {
    try {
      executor().execute(CurrentRequest.carried(() -> guarded(target, work)));
    } catch (RejectedExecutionException e) {
      target.fail(
          CallFailure.of(
              new ProblemException(Problem.UNEXPECTED, "The server is stopping: try again soon")));
    }
  }

  Executor executor() {
    return managed;
  }

  private static void guarded(ResponseTarget target, Runnable work) {
    try {
      work.run();
    } catch (ProblemException e) {
      target.fail(CallFailure.of(e));
    } catch (EJBException e) {
      LOG.log(ERROR, "The table of what providers made cannot be read", e);
      target.fail(CallFailure.of(storage("The database does not answer: try again soon")));
    } catch (RuntimeException e) {
      LOG.log(ERROR, "A call about something kept failed in a way that it should not", e);
      target.fail(
          CallFailure.of(
              new ProblemException(
                  Problem.UNEXPECTED,
                  "Something unexpected happened; the server's log says what")));
    }
  }

  private static ProblemException storage(String sentence) {
    return new ProblemException(Problem.STORAGE_UNAVAILABLE, sentence);
  }

  private void proceed(
      GatewayRequest request, ObjectAddress address, CallSpec spec, ResponseTarget target) {
    String keyId = keyOf(request, address, spec.model());
    CallSpec pinned = keyId == null ? spec : pinned(request, spec, keyId);
    RequestPlanner plan = new RequestPlanner(request);
    if (address == null) {
      calls.begin(pinned, plan, recording(request, plan, target));
      return;
    }
    String method = request.method();
    if (address.isList(method) && !isEntitled(request)) {
      new OwnedList(this, request, spec, target).begin();
      return;
    }
    boolean making = address.isMaking(method);
    if (!making && !address.isDeleting(method) && !address.namesNewFiles()) {
      calls.begin(pinned, plan, target);
      return;
    }
    // The account's own batches tell of files that were made for it.
    boolean own = making || keyId != null;
    calls.begin(
        pinned,
        plan,
        new CollectedAnswer(
            target,
            making,
            whole -> hand(target, () -> settle(request, address, plan, own, whole, target))));
  }

  private void settle(
      GatewayRequest request,
      ObjectAddress address,
      RequestPlanner plan,
      boolean own,
      CollectedAnswer.Whole whole,
      ResponseTarget target) {
    JsonNode body = KeptAnswers.read(whole.body());
    String account = request.caller().accountId();
    if (address.isDeleting(request.method())) {
      forget(address.id(), account);
    } else if (own) {
      List<ProviderObject> made = new ArrayList<>();
      if (address.isMaking(request.method())) {
        add(made, body.path("id"), address.kind(), plan.keyId(), account);
      }
      made.addAll(newFiles(body, plan.keyId(), account));
      write(made, address.kind());
    }
    target.answer(
        whole.status(), whole.type(), whole.headers(), KeptAnswers.localized(body, whole.body()));
  }

  private void forget(String id, String account) {
    try {
      objects.remove(id, account);
    } catch (EJBException e) {
      LOG.log(WARNING, "Something that was deleted at a provider is still in the table", e);
    }
  }

  private void write(List<ProviderObject> made, ObjectKind kind) {
    if (made.isEmpty()) {
      return;
    }
    try {
      objects.add(made);
    } catch (EJBException e) {
      LOG.log(
          ERROR,
          "A %s was made at a provider with the key %s for the account %s, and could not be written down: nobody can use it here"
              .formatted(kind.label(), made.get(0).keyId(), made.get(0).accountId()),
          e);
      throw storage(
          "The provider has made it, and it could not be written down here: try again, and ask an"
              + " administrator to remove the first one at the provider");
    }
  }

  /** Files that were made by what this tells of: the results of batches, and completed uploads. */
  List<ProviderObject> newFiles(JsonNode body, String keyId, String account) {
    List<ProviderObject> files = new ArrayList<>(2);
    add(files, body.path("output_file_id"), ObjectKind.FILE, keyId, account);
    add(files, body.path("error_file_id"), ObjectKind.FILE, keyId, account);
    add(files, body.path("file").path("id"), ObjectKind.FILE, keyId, account);
    return files;
  }

  private void add(
      List<ProviderObject> made, JsonNode id, ObjectKind kind, String keyId, String account) {
    if (keyId != null && id.isTextual() && ObjectIds.isId(id.textValue())) {
      made.add(objects.made(id.textValue(), keyId, account, kind));
    }
  }

  private ResponseTarget recording(
      GatewayRequest request, RequestPlanner plan, ResponseTarget target) {
    if (request.operation() != Operation.RESPONSES || request.envelope().isUnkept()) {
      return target;
    }
    return new ResponseRecorder(
        target,
        id -> {
          if (plan.keyId() != null && ObjectIds.isId(id)) {
            String account = request.caller().accountId();
            objects.addLater(objects.made(id, plan.keyId(), account, ObjectKind.RESPONSE));
          }
        });
  }

  static boolean isEntitled(GatewayRequest request) {
    return request.caller().groups().contains(Role.ADMIN);
  }

  /** The key that holds what a request names; null where it names nothing that is known. */
  private String keyOf(GatewayRequest request, ObjectAddress address, ModelRef model) {
    List<Reference> references = new ArrayList<>(request.references());
    if (address != null && address.id() != null) {
      references.add(0, new Reference("id", address.id()));
    }
    String keyId = null;
    for (Reference reference : references) {
      String found = isForTranslation(request, reference, model) ? null : find(request, reference);
      if (keyId != null && found != null && !keyId.equals(found)) {
        throw ProblemException.of(
            Problem.INVALID,
            reference.field(),
            "different_keys",
            "What this request names was made with different keys, at accounts of the provider that"
                + " know nothing of each other: make it again with one of them");
      }
      keyId = found == null ? keyId : found;
    }
    return keyId;
  }

  /** Where there are no responses the translation says so, and what to do. */
  private boolean isForTranslation(GatewayRequest request, Reference reference, ModelRef model) {
    return request.operation() == Operation.RESPONSES
        && (reference.field().equals("previous_response_id")
            || reference.field().equals("conversation"))
        && !catalog.isServed(model, provider -> provider.family() == ProtocolFamily.OPENAI);
  }

  /**
   * @return null for something that only those who may see the settings can ask for
   * @throws ProblemException NOT_FOUND
   */
  private String find(GatewayRequest request, Reference reference) {
    String account = request.caller().accountId();
    List<ProviderObject> rows = objects.find(reference.id(), account);
    for (ProviderObject row : rows) {
      if (row.accountId().equals(account)) {
        return row.keyId();
      }
    }
    if (rows.isEmpty() && isEntitled(request)) {
      return null;
    }
    throw unknown(reference);
  }

  static ProblemException unknown(Reference reference) {
    String id = reference.id();
    String shown = id.length() > MAX_ID_CHARS ? id.substring(0, MAX_ID_CHARS) + "…" : id;
    return ProblemException.of(
        Problem.NOT_FOUND,
        reference.field(),
        "not_found",
        "There is nothing with the id %s that was made here for your account"
            .formatted(shown.replaceAll("[\\p{Cc}\\p{Cf}]", " ")));
  }

  private CallSpec pinned(GatewayRequest request, CallSpec spec, String keyId) {
    ModelRef ofKey =
        catalog
            .ofKey(keyId)
            .orElseThrow(
                () ->
                    new ProblemException(
                        Problem.NO_USABLE_KEY,
                        "The key that made what this request names is not active: ask an"
                            + " administrator"));
    if (request.model() == null) {
      return spec.pinned(ofKey, keyId);
    }
    if (!catalog.isServedBy(spec.model(), keyId)) {
      throw ProblemException.of(
          Problem.INVALID,
          "model",
          "not_offered",
          "The key that made what this request names does not offer this model: choose one of the"
              + " same provider");
    }
    return spec.pinned(spec.model(), keyId);
  }
}
