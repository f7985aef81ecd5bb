package io.mimir.pipeline.service;

import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.PipelineRevision;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.DefinitionReader;
import io.mimir.pipeline.service.run.RunJson;
import jakarta.annotation.security.PermitAll;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads pipelines for runs, whoever they belong to. */
@Stateless
@PermitAll
@TransactionAttribute(SUPPORTS)
public class StoredDefinitions {

  @PersistenceContext EntityManager em;

  /** Finds a pipeline by its id. */
  public Optional<Pipeline> find(String id) {
    return Optional.ofNullable(em.find(Pipeline.class, id));
  }

  /** Finds a pipeline by its name. */
  public Optional<Pipeline> named(String name) {
    return em.createNamedQuery(Pipeline.NAMED, Pipeline.class)
        .setParameter("name", name)
        .getResultStream()
        .findFirst();
  }

  /** Reads a revision; empty when it is gone, or this version cannot read it. */
  public Optional<Definition> revision(String pipelineId, int revision) {
    return Optional.ofNullable(
            em.find(PipelineRevision.class, new PipelineRevision.Key(pipelineId, revision)))
        .map(stored -> DefinitionReader.read(RunJson.stored(stored.getDefinition())).definition());
  }

  /** Lists all pipelines by name. */
  public List<Pipeline> all() {
    return em.createNamedQuery(Pipeline.ALL, Pipeline.class).getResultList();
  }

  /**
   * The names of all accounts by their ids: whose a pipeline is, everybody who sees it may know.
   */
  public Map<String, String> owners() {
    Map<String, String> names = new HashMap<>();
    em.createQuery("select a.id, a.username from Account a", Object[].class)
        .getResultList()
        .forEach(row -> names.put(row[0].toString(), row[1].toString()));
    return names;
  }

  /** Lists the names of the pipelines that use a plugin in their newest revision. */
  public List<String> using(String plugin) {
    List<String> names = new ArrayList<>();
    for (Pipeline pipeline : all()) {
      boolean uses =
          revision(pipeline.getId(), pipeline.getRevision())
              .map(definition -> definition.plugins().contains(plugin))
              .orElse(false);
      if (uses) {
        names.add(pipeline.getName());
      }
    }
    return names;
  }
}
