package io.mimir.pipeline.web;

import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.Runs;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.security.web.Caller;
import io.mimir.web.PageAddress;
import io.mimir.web.Problems;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.primefaces.PrimeFaces;

/** Backs the runs that {@code pipeline.xhtml} shows below the builder, a page at a time. */
@Named
@ViewScoped
public class RunHistoryBacking implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int PAGE = 20;

  @EJB transient Runs runs;
  @Inject Caller caller;
  @Inject Problems problems;

  private final String id = PageAddress.id();
  private String status;
  private boolean more;
  private transient List<RunRow> rows;

  /** Reads the first page of the runs of the status that is chosen. */
  public void refresh() {
    rows = problems.attempt(() -> find(null));
  }

  /** The page after what is shown; the page's script puts the focus on its first run. */
  public void loadMore() {
    if (rows == null || rows.isEmpty()) {
      refresh();
      return;
    }
    RunRow last = rows.get(rows.size() - 1);
    RunStore.After after = new RunStore.After(last.queuedAt().toEpochMilli(), last.id());
    List<RunRow> next = problems.attemptAloud(() -> find(after));
    if (next != null) {
      List<RunRow> all = new ArrayList<>(rows);
      all.addAll(next);
      rows = all;
      next.stream()
          .findFirst()
          .ifPresent(run -> PrimeFaces.current().ajax().addCallbackParam("first", run.id()));
    }
  }

  private List<RunRow> find(RunStore.After after) {
    RunStatus wanted = status == null ? null : RunStatus.ofWire(status).orElse(null);
    List<RunStore.Row> found =
        runs.list(caller.identity(), new RunStore.Filter(id, null, wanted, after), PAGE + 1);
    more = found.size() > PAGE;
    return found.stream().limit(PAGE).map(RunRow::of).toList();
  }

  public List<RunRow> getRows() {
    if (rows == null) {
      refresh();
    }
    return rows == null ? List.of() : rows;
  }

  /** Whether there are older runs than those that are shown. */
  public boolean isMore() {
    return more;
  }

  public List<String> getStatuses() {
    return Arrays.stream(RunStatus.values()).map(RunStatus::wire).toList();
  }

  public String getStatus() {
    return status;
  }

  public void setStatus(String status) {
    this.status = status;
  }
}
