package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.language.Finding;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.web.Texts;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the builder shows: the pipeline as it is stored, and the definition as it is edited. */
public class BuilderView implements Serializable {

  private static final long serialVersionUID = 1L;

  /** A text that is longer is no definition that a person edits. */
  private static final int LONGEST = 2 * 1024 * 1024;

  private String id;
  private String name;
  private int revision;
  private long version;
  private boolean shared;
  private boolean changeable = true;
  private String text = "";
  private transient List<NewSteps.Group> groups;
  private transient List<StepTree.Row> rows;
  private transient List<StepTree.Place> places;
  private transient List<Finding> findings;

  void take(Pipeline pipeline, boolean mayChange) {
    id = pipeline.getId();
    name = pipeline.getName();
    revision = pipeline.getRevision();
    version = pipeline.getRowVersion();
    shared = pipeline.isShared();
    changeable = mayChange;
  }

  void offer(List<NewSteps.Group> kinds) {
    groups = kinds;
  }

  void show(ObjectNode definition, List<Finding> found) {
    show(PrettyJson.of(definition), definition, found);
  }

  void show(String as, ObjectNode definition, List<Finding> found) {
    StepTree tree = new StepTree(definition);
    text = as;
    findings = found;
    rows = tree.rows(found);
    places = tree.places();
  }

  /**
   * @throws ProblemException when the text is no JSON object
   */
  ObjectNode read() {
    ObjectNode read = readable();
    if (read == null) {
      throw ProblemException.of(
          Problem.INVALID, "definition", "invalid", Texts.of("pipeline.text.wrong"));
    }
    return read;
  }

  /** Returns null when the text is no JSON object. */
  ObjectNode readable() {
    if (text == null || text.length() > LONGEST) {
      return null;
    }
    try {
      JsonNode read = RunJson.read(text.getBytes(StandardCharsets.UTF_8));
      return read instanceof ObjectNode object ? object : null;
    } catch (IOException e) {
      return null;
    }
  }

  public boolean isFresh() {
    return id == null;
  }

  public String getId() {
    return id;
  }

  public String getName() {
    return name;
  }

  public int getRevision() {
    return revision;
  }

  public long getVersion() {
    return version;
  }

  public boolean isShared() {
    return shared;
  }

  public boolean isChangeable() {
    return changeable;
  }

  public String getText() {
    return text;
  }

  public void setText(String text) {
    this.text = text;
  }

  public List<NewSteps.Group> getGroups() {
    return groups == null ? List.of() : groups;
  }

  public List<StepTree.Row> getRows() {
    return rows == null ? List.of() : rows;
  }

  public List<StepTree.Place> getPlaces() {
    return places == null ? List.of() : places;
  }

  public List<Finding> getFindings() {
    return findings == null ? List.of() : findings;
  }
}
