package io.mimir.pipeline.web;

import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.Pipelines;
import io.mimir.pipeline.service.language.YamlText;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.security.web.Caller;
import io.mimir.web.PageAddress;
import io.mimir.web.Problems;
import io.mimir.web.Texts;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.util.List;

/** Backs the comparison of an older revision with the newest one that is saved. */
@Named
@ViewScoped
public class ComparisonBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient Pipelines pipelines;
  @Inject Caller caller;
  @Inject Problems problems;

  private final String id = PageAddress.id();
  private int older;
  private int newest;
  private transient List<TextDiff.Line> lines;

  /** Compares a revision with what is saved now, which may be newer than what the page shows. */
  public void compare(int revision) {
    older = revision;
    lines =
        problems.attempt(
            () -> {
              Pipeline pipeline = pipelines.get(caller.identity(), id);
              newest = pipeline.getRevision();
              return TextDiff.between(
                  YamlText.write(
                      RunJson.stored(
                          pipelines.revision(caller.identity(), id, revision).getDefinition())),
                  YamlText.write(pipelines.definitionOf(pipeline)));
            });
  }

  /** Says which two are compared; empty before any are. */
  public String getTitle() {
    return older == 0 ? "" : Texts.of("pipeline.diff.title", older, newest);
  }

  /** Whether the two are the same. */
  public boolean isSame() {
    return lines != null && lines.isEmpty();
  }

  public List<TextDiff.Line> getLines() {
    return lines == null ? List.of() : lines;
  }
}
