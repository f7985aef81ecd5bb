package io.mimir.pipeline.web;

import io.mimir.pipeline.service.Pipelines;
import io.mimir.pipeline.service.Runs;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.security.service.Identity;
import io.mimir.security.web.Caller;
import io.mimir.web.PageAddress;
import io.mimir.web.Problems;
import io.mimir.web.Sent;
import jakarta.ejb.EJB;
import jakarta.faces.context.FacesContext;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.io.Serializable;

/** Backs {@code run.xhtml}: where a run is, and what a person can do about it. */
@Named
@ViewScoped
public class RunBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient Runs runs;
  @EJB transient Pipelines pipelines;
  @Inject Caller caller;
  @Inject Problems problems;

  private final String id = PageAddress.id();
  private Integer newest;
  private transient RunRow row;
  private transient RunPage page;

  /** Reads the run; one that the visitor may not see is not there. */
  public void load() throws IOException {
    refresh();
    if (row == null) {
      FacesContext.getCurrentInstance().getExternalContext().responseSendError(404, null);
      FacesContext.getCurrentInstance().responseComplete();
    }
  }

  /** Reads it again. */
  public void refresh() {
    problems.attempt(
        () -> {
          Identity me = caller.identity();
          RunStore.Row read = runs.get(me, id);
          page = RunPage.of(read, runs.events(read, 0, Integer.MAX_VALUE), me);
          row = RunRow.of(read);
          return row;
        });
  }

  public void cancel() {
    if (problems.attemptAloud(() -> runs.cancel(caller.identity(), id)) != null) {
      problems.done("run.cancelled");
    }
    refresh();
  }

  /**
   * Runs it again from a step on, by the revision that is chosen beside it.
   *
   * @param from empty for the first that failed: expressions of pages have no null for a text
   */
  public void retry(String from) throws IOException {
    String step = from.isEmpty() ? null : from;
    Integer revision = Sent.text("revision").isEmpty() ? null : getNewest();
    String fresh = problems.attemptAloud(() -> runs.retry(caller.identity(), id, step, revision));
    if (fresh == null) {
      refresh();
    } else {
      Moves.to("/runs/" + fresh);
    }
  }

  public RunRow getRow() {
    if (row == null) {
      refresh();
    }
    return row;
  }

  public RunPage getPage() {
    if (page == null) {
      refresh();
    }
    return page;
  }

  /** The newest revision of the pipeline when it is not that of the run; null where it is. */
  public Integer getNewest() {
    if (newest == null && getRow() != null) {
      newest = pipelines.newestRevision(caller.identity(), row.pipelineId());
    }
    return newest == null || newest <= row.revision() ? null : newest;
  }
}
