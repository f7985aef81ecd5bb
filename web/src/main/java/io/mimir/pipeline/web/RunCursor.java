package io.mimir.pipeline.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.web.Paging;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a page of runs ended, and what pages are asked for. */
final class RunCursor {

  private static final Pattern FORM = Pattern.compile("(\\d{1,15})-(run_[0-9A-Za-z]{1,40})");

  private RunCursor() {}

  /** Returns null for the first page. */
  static RunStore.After read(String text) {
    if (text == null || text.isBlank()) {
      return null;
    }
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw ProblemException.of(
          Problem.INVALID, "cursor", "invalid", "Use the address of the Link header as it is");
    }
    return new RunStore.After(Long.parseLong(matcher.group(1)), matcher.group(2));
  }

  /** Returns null for all. */
  static RunStatus status(String word) {
    if (word == null || word.isBlank()) {
      return null;
    }
    return RunStatus.ofWire(word)
        .orElseThrow(
            () ->
                ProblemException.of(
                    Problem.INVALID,
                    "status",
                    "invalid",
                    "status is one of queued, running, waiting, succeeded, failed, cancelled,"
                        + " in_doubt"));
  }

  static Response page(List<RunStore.Row> rows, int size, UriInfo uri) {
    return Paging.answer(
        rows.stream().map(RunView::of).toList(),
        size,
        view -> view.queuedAt().toEpochMilli() + "-" + view.id(),
        uri);
  }
}
