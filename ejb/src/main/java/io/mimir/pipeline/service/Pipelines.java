package io.mimir.pipeline.service;

import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.audit.AuditedAction;
import io.mimir.audit.Facts;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.PipelineRevision;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.DefinitionCheck;
import io.mimir.pipeline.service.language.DefinitionReader;
import io.mimir.pipeline.service.language.Finding;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.plugin.service.PluginActions;
import io.mimir.plugin.service.builtin.HttpInput;
import io.mimir.security.Role;
import io.mimir.security.service.Identity;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * Pipelines of people. A shared one is seen and run by all, and changed by its owner and by
 * administrators only; another's that is not shared is as unknown as one that does not exist.
 */
@Stateless
@RolesAllowed(Role.PIPELINES)
public class Pipelines {

  private static final int MAX_ADDRESSES = 50;
  private static final String PIPELINE = "pipeline";

  @PersistenceContext EntityManager em;
  @EJB PluginActions plugins;
  @EJB StoredDefinitions stored;
  @Inject ModelCatalog catalog;
  @Inject RunDispatch runs;
  @Inject Event<AuditedAction> actions;

  /**
   * What is to be saved; null members stay as they are.
   *
   * @param definition JSON, an object
   * @param addresses what it may fetch: for administrators to say
   */
  public record Wish(JsonNode definition, Boolean shared, List<String> addresses) {}

  /**
   * A pipeline as it was saved.
   *
   * @param warnings what keeps it from running at the moment
   */
  public record Saved(Pipeline pipeline, List<Finding> warnings) {}

  /** Lists those that somebody may run, by name. */
  @TransactionAttribute(SUPPORTS)
  public List<Pipeline> all(Identity caller) {
    return caller.has(Role.ADMIN)
        ? em.createNamedQuery(Pipeline.ALL, Pipeline.class).getResultList()
        : em.createNamedQuery(Pipeline.SEEN_BY, Pipeline.class)
            .setParameter("account", caller.accountId())
            .getResultList();
  }

  /**
   * @throws ProblemException NOT_FOUND
   */
  @TransactionAttribute(SUPPORTS)
  public Pipeline get(Identity caller, String id) {
    Pipeline pipeline = em.find(Pipeline.class, id);
    if (pipeline == null || !RunRights.mayRun(caller, pipeline)) {
      throw ProblemException.notFound(PIPELINE);
    }
    return pipeline;
  }

  /** Returns the number of the newest revision; null for a pipeline that is not there any more. */
  @TransactionAttribute(SUPPORTS)
  public Integer newestRevision(Identity caller, String id) {
    Pipeline pipeline = em.find(Pipeline.class, id);
    return pipeline == null || !RunRights.mayRun(caller, pipeline) ? null : pipeline.getRevision();
  }

  /** Returns the definition of the newest revision. */
  @TransactionAttribute(SUPPORTS)
  public JsonNode definitionOf(Pipeline pipeline) {
    return RunJson.stored(revision(pipeline, pipeline.getRevision()).getDefinition());
  }

  private PipelineRevision revision(Pipeline pipeline, int number) {
    PipelineRevision found =
        em.find(PipelineRevision.class, new PipelineRevision.Key(pipeline.getId(), number));
    if (found == null) {
      throw ProblemException.notFound("revision");
    }
    return found;
  }

  /** Lists the revisions of a pipeline, the newest first. */
  @TransactionAttribute(SUPPORTS)
  public List<PipelineRevision> revisions(Identity caller, String id) {
    return em.createNamedQuery(PipelineRevision.OF_PIPELINE, PipelineRevision.class)
        .setParameter(PIPELINE, get(caller, id).getId())
        .getResultList();
  }

  /**
   * @throws ProblemException NOT_FOUND
   */
  @TransactionAttribute(SUPPORTS)
  public PipelineRevision revision(Identity caller, String id, int number) {
    return revision(get(caller, id), number);
  }

  /** Tells what is wrong with a definition, saved or not. */
  @TransactionAttribute(SUPPORTS)
  public List<Finding> validate(Identity caller, JsonNode definition) {
    return looked(caller, definition).findings();
  }

  private DefinitionReader.Reading looked(Identity caller, JsonNode json) {
    DefinitionReader.Reading reading = DefinitionReader.read(json);
    if (reading.definition() == null) {
      return reading;
    }
    List<Finding> findings = new ArrayList<>(reading.findings());
    findings.addAll(check(caller, reading.definition()));
    return new DefinitionReader.Reading(reading.definition(), findings);
  }

  private List<Finding> check(Identity caller, Definition definition) {
    return DefinitionCheck.check(
        definition,
        new PipelinePalette(plugins.all(), catalog, name -> newest(caller, name)),
        runs.expressions());
  }

  private Optional<Definition> newest(Identity caller, String name) {
    return stored
        .named(name)
        .filter(one -> RunRights.mayRun(caller, one))
        .flatMap(one -> stored.revision(one.getId(), one.getRevision()));
  }

  /**
   * @throws ProblemException REFUSED with every finding that has to be mended; NAME_TAKEN
   */
  public Saved create(Identity caller, Wish wish) {
    AuditedAction deed = AuditedAction.of("pipeline.create").on(null, nameIn(wish.definition()));
    actions.fire(deed);
    DefinitionReader.Reading looked = looked(caller, wish.definition());
    Definition definition = sound(looked);
    Instant now = Instant.now();
    Pipeline pipeline = new Pipeline(definition.name(), caller.accountId(), now);
    requireFree(pipeline, definition.name());
    apply(pipeline, caller, wish, definition, now);
    em.persist(pipeline);
    em.flush();
    keep(pipeline, wish.definition(), caller, now);
    actions.fire(
        deed.on(pipeline.getId(), pipeline.getName())
            .done(Facts.between(new Facts(), facts(pipeline))));
    return new Saved(pipeline, looked.findings());
  }

  /**
   * @param expected which versions of the row may be changed
   * @throws ProblemException NOT_FOUND, FORBIDDEN, STALE, NAME_TAKEN, REFUSED
   */
  public Saved change(Identity caller, String id, Wish wish, LongPredicate expected) {
    AuditedAction deed = AuditedAction.of("pipeline.update");
    Pipeline pipeline = own(caller, id, deed);
    if (!expected.test(pipeline.getRowVersion())) {
      throw new ProblemException(
          Problem.STALE, "Somebody else has saved this pipeline meanwhile: read it again");
    }
    Facts before = facts(pipeline);
    List<Finding> findings = List.of();
    Definition definition = null;
    if (wish.definition() != null) {
      DefinitionReader.Reading looked = looked(caller, wish.definition());
      findings = looked.findings();
      definition = sound(looked);
      requireFree(pipeline, definition.name());
    }
    Instant now = Instant.now();
    apply(pipeline, caller, wish, definition, now);
    em.flush();
    if (definition != null) {
      keep(pipeline, wish.definition(), caller, now);
    }
    actions.fire(deed.on(id, pipeline.getName()).done(Facts.between(before, facts(pipeline))));
    return new Saved(pipeline, findings);
  }

  private static String nameIn(JsonNode definition) {
    String name = definition == null ? "" : definition.path("name").asText("");
    return DefinitionReader.isName(name) ? name : null;
  }

  private static Definition sound(DefinitionReader.Reading looked) {
    List<FieldError> errors = new ArrayList<>();
    for (Finding finding : looked.findings()) {
      if (!finding.isWarning()) {
        errors.add(new FieldError(finding.path(), finding.code(), finding.message()));
      }
    }
    if (!errors.isEmpty()) {
      throw ProblemException.of(Problem.REFUSED, errors);
    }
    return looked.definition();
  }

  private void requireFree(Pipeline pipeline, String name) {
    if (stored.named(name).filter(other -> !other.equals(pipeline)).isPresent()) {
      throw ProblemException.of(
          Problem.NAME_TAKEN,
          "/name",
          "name_taken",
          "There is already a pipeline named %s: names are unique on the server".formatted(name));
    }
  }

  private static void apply(
      Pipeline pipeline, Identity caller, Wish wish, Definition definition, Instant now) {
    if (definition != null) {
      pipeline.revise(definition.name(), emptyToNull(definition.description()), now);
    }
    if (wish.shared() != null) {
      pipeline.share(wish.shared(), now);
    }
    if (wish.addresses() != null && !wish.addresses().equals(pipeline.getAllowedAddresses())) {
      if (!caller.has(Role.ADMIN)) {
        throw new ProblemException(
            Problem.FORBIDDEN, "Which addresses a pipeline may fetch, an administrator says");
      }
      pipeline.allow(checked(wish.addresses()), now);
    }
  }

  private static List<String> checked(List<String> addresses) {
    if (addresses.size() > MAX_ADDRESSES) {
      throw ProblemException.of(
          Problem.REFUSED,
          "allowed_addresses",
          "too_many",
          "A pipeline has at most %d addresses".formatted(MAX_ADDRESSES));
    }
    try {
      addresses.forEach(HttpInput::checkAddress);
    } catch (ProblemException e) {
      throw ProblemException.of(Problem.REFUSED, "allowed_addresses", "invalid", e.getMessage());
    }
    return addresses;
  }

  private static String emptyToNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private void keep(Pipeline pipeline, JsonNode definition, Identity caller, Instant now) {
    em.persist(
        new PipelineRevision(
            pipeline.getId(),
            pipeline.getRevision(),
            RunJson.text(definition),
            caller.username(),
            now));
    em.flush();
  }

  private static Facts facts(Pipeline pipeline) {
    Facts facts = new Facts();
    facts.tell("name", pipeline.getName());
    facts.tell("revision", pipeline.getRevision());
    facts.tell("is_shared", pipeline.isShared());
    facts.tell("allowed_addresses", String.join(" ", pipeline.getAllowedAddresses()));
    return facts;
  }

  /**
   * Deletes a pipeline with its revisions and triggers; its runs can be read on.
   *
   * @param force whether runs that have not ended are cancelled first
   * @throws ProblemException NOT_FOUND, FORBIDDEN, IN_USE
   */
  public void delete(Identity caller, String id, boolean force) {
    AuditedAction deed = AuditedAction.of("pipeline.delete");
    Pipeline pipeline = own(caller, id, deed);
    int active = runs.runs().active(id).size();
    if (active > 0 && !force) {
      throw new ProblemException(
          Problem.IN_USE,
          "%d runs of this pipeline have not ended: wait for them, or delete with force=true"
                  .formatted(active)
              + " to cancel them");
    }
    Facts before = facts(pipeline);
    em.remove(pipeline);
    em.flush();
    actions.fire(deed.done(Facts.between(before, new Facts())));
  }

  private Pipeline own(Identity caller, String id, AuditedAction deed) {
    Pipeline pipeline = get(caller, id);
    actions.fire(deed.on(id, pipeline.getName()));
    if (!mayChange(caller, pipeline)) {
      throw new ProblemException(
          Problem.FORBIDDEN, "Only its owner and administrators change a shared pipeline: copy it");
    }
    return pipeline;
  }

  /** Whether somebody may change a pipeline. */
  public static boolean mayChange(Identity caller, Pipeline pipeline) {
    return pipeline.belongsTo(caller.accountId()) || caller.has(Role.ADMIN);
  }
}
