package io.mimir.credential.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.LastTest;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Probe;
import io.mimir.llm.service.EndpointProbe;
import io.mimir.security.Role;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import jakarta.annotation.Resource;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Tests of keys at their providers. No transaction waits for a provider. */
@Stateless
@RolesAllowed(Role.ADMIN)
public class KeyTests {

  /** A test is to be quick, whatever the key's own patience for answers is. */
  static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** A model may think before it answers. */
  private static final Duration QUESTION_TIMEOUT = Duration.ofSeconds(60);

  @Inject Vault vault;
  @Inject Event<KeysChanged> changed;
  @Inject KeyEditor editor;
  @Inject KeyEndpoints endpoints;
  @Inject KeyStatusReader statuses;
  @Inject KeyTestLimiter limiter;
  @Inject EndpointProbe probes;
  @Resource SessionContext session;
  @EJB ApiKeys keys;
  @EJB KeyUse store;
  @EJB AuditLog audit;

  /**
   * This bean again, through the container, so that the transaction of the called method counts.
   */
  @EJB KeyTests self;

  /** What is asked of an endpoint with opened secrets. */
  private interface Check {
    Probe of(Endpoint endpoint, Secret key, Secret headers);
  }

  /**
   * Tests a stored key with calls that cost nothing, and stores the verdict. The key itself is not
   * changed, and this counts as no use.
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public LastTest test(String id) {
    ApiKey key = keys.get(id);
    return stored(
        key,
        checked(
            key, (endpoint, secret, headers) -> probes.probe(endpoint, secret, headers, TIMEOUT)));
  }

  /**
   * Asks a model of a stored key one question, which costs tokens, and stores the verdict. What the
   * test before found out stays known.
   *
   * @throws ProblemException MISSING_FIELD for the default model, when the key names no model and
   *     none is known
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public LastTest ask(String id) {
    ApiKey key = keys.get(id);
    String model = modelOf(key);
    LastTest asked =
        checked(
            key,
            (endpoint, secret, headers) ->
                probes.ask(endpoint, secret, headers, model, QUESTION_TIMEOUT));
    Optional<LastTest> before = key.getLastTest();
    return stored(
        key,
        new LastTest(
            asked.success(),
            asked.reason(),
            asked.message(),
            asked.latencyMs(),
            before.map(LastTest::models).orElse(List.of()),
            asked.testedAt(),
            before.map(LastTest::findings).orElse(null)));
  }

  private static String modelOf(ApiKey key) {
    return key.getMetadata()
        .defaultModel()
        .or(() -> key.getMetadata().allowedModels().stream().filter(KeyTests::isName).findFirst())
        .or(() -> key.getMetadata().availableModels().stream().filter(KeyTests::isName).findFirst())
        .or(() -> key.getLastTest().stream().flatMap(t -> t.models().stream()).findFirst())
        .orElseThrow(
            () ->
                ProblemException.of(
                    Problem.MISSING_FIELD,
                    "metadata.default_model",
                    "missing",
                    "Choose a default model first: it is the one that is asked"));
  }

  private static boolean isName(String model) {
    return !model.endsWith("*");
  }

  private LastTest checked(ApiKey key, Check check) {
    limiter.take(by(), key.getId());
    Endpoint endpoint = endpoints.of(key);
    try (Secret secret = key.open(vault);
        Secret headers = key.openHeaders(vault)) {
      LastTest verdict = LastTest.of(check.of(endpoint, secret, headers), endpoint, Instant.now());
      note(key.getId(), key.getName(), verdict.success(), verdict.reason());
      return verdict;
    } catch (VaultException e) {
      note(key.getId(), key.getName(), false, "unreadable");
      throw ProblemException.of(
          Problem.REFUSED,
          "key_value",
          "unreadable",
          "The stored key does not open any more: enter it again");
    }
  }

  private LastTest stored(ApiKey key, LastTest verdict) {
    store.tested(key.getId(), verdict);
    statuses.tested(key.getId(), verdict.success());
    self.modelsLearned(key.getId());
    return verdict;
  }

  /** Tests a key that is not saved, and saves nothing. */
  @TransactionAttribute(NOT_SUPPORTED)
  public LastTest testUnsaved(KeyDraft draft) {
    ApiKey key = editor.build(draft, by());
    limiter.take(by(), null);
    Endpoint endpoint = endpoints.of(key);
    try (Secret secret = draft.secret().stripped();
        Secret headers = key.openHeaders(vault)) {
      LastTest verdict =
          LastTest.of(probes.probe(endpoint, secret, headers, TIMEOUT), endpoint, Instant.now());
      note(null, draft.name(), verdict.success(), verdict.reason());
      return verdict;
    }
  }

  /** A test is no success for having been made: the log tells what came of it. */
  private void note(String id, String name, boolean success, String reason) {
    audit.write(
        AuditedAction.of("key.test").on(id, name).detail("reason", reason),
        success ? Outcome.SUCCESS : Outcome.FAILURE);
  }

  /** A test may have found models that calls can now be routed by. */
  public void modelsLearned(String id) {
    changed.fire(new KeysChanged(id));
  }

  private String by() {
    return session.getCallerPrincipal().getName();
  }
}
