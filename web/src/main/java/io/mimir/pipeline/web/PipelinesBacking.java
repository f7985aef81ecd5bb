package io.mimir.pipeline.web;

import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.PipelineTrigger;
import io.mimir.pipeline.service.Pipelines;
import io.mimir.pipeline.service.Runs;
import io.mimir.pipeline.service.StoredDefinitions;
import io.mimir.pipeline.service.TriggerStore;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.pipeline.service.run.RunTallies;
import io.mimir.security.service.Identity;
import io.mimir.security.web.Caller;
import io.mimir.web.Problems;
import jakarta.annotation.PostConstruct;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.primefaces.PrimeFaces;

/** Backs {@code pipelines.xhtml}: the list, and what a row can do. */
@Named
@ViewScoped
public class PipelinesBacking implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int DAYS_LOOKED_BACK = 30;

  @EJB transient Pipelines pipelines;
  @EJB transient Runs runs;
  @EJB transient StoredDefinitions stored;
  @EJB transient TriggerStore triggers;
  @Inject Caller caller;
  @Inject Problems problems;

  private transient List<PipelineRow> all;
  private transient PipelineRow chosen;

  @PostConstruct
  void load() {
    all = problems.attempt(this::rows);
  }

  private List<PipelineRow> rows() {
    Identity me = caller.identity();
    Map<String, String> owners = stored.owners();
    Map<String, RunTallies.Tally> tallies = runs.tallies(me, DAYS_LOOKED_BACK);
    Map<String, Instant> next = nextTimes();
    return pipelines.all(me).stream()
        .map(
            one ->
                PipelineRow.of(
                    one,
                    owners.get(one.getAccountId()),
                    Pipelines.mayChange(me, one),
                    last(me, one),
                    tallies.get(one.getId()),
                    next.get(one.getId())))
        .toList();
  }

  private Map<String, Instant> nextTimes() {
    return triggers.timed().stream()
        .filter(one -> one.getNextRunAt() != null)
        .collect(
            Collectors.toMap(
                PipelineTrigger::getPipelineId,
                PipelineTrigger::getNextRunAt,
                BinaryOperator.minBy(Comparator.naturalOrder())));
  }

  private RunRow last(Identity me, Pipeline pipeline) {
    RunStore.Filter filter = new RunStore.Filter(pipeline.getId(), null, null, null);
    return runs.list(me, filter, 1).stream().findFirst().map(RunRow::of).orElse(null);
  }

  /** Reads the list again. */
  public void refresh() {
    load();
  }

  /** Before the question whether it is to be deleted. */
  public void choose(PipelineRow pipeline) {
    chosen = pipeline;
  }

  /** Deletes it, unless runs of it go on. */
  public void delete() {
    Boolean deleted =
        problems.attempt(
            () -> {
              pipelines.delete(caller.identity(), chosen.id(), false);
              return true;
            });
    PrimeFaces.current().ajax().addCallbackParam("done", deleted != null);
    if (deleted != null) {
      problems.done("pipelines.deleted", chosen.name());
    }
    load();
  }

  public List<PipelineRow> getAll() {
    return all == null ? List.of() : all;
  }

  public boolean isBroken() {
    return all == null;
  }

  public boolean isNothingYet() {
    return all != null && all.isEmpty();
  }

  public List<String> getStarters() {
    return Starters.NAMES;
  }

  public PipelineRow getChosen() {
    return chosen;
  }
}
