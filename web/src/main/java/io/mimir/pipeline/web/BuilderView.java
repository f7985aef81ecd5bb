package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.language.Finding;
import io.mimir.pipeline.service.language.YamlException;
import io.mimir.pipeline.service.language.YamlText;
import io.mimir.web.Sentences;
import io.mimir.web.Texts;
import java.io.Serializable;
import java.util.List;

/** What the builder shows: the pipeline as it is stored, and the definition as it is edited. */
public class BuilderView implements Serializable {

  private static final long serialVersionUID = 1L;

  private String id;
  private String name;
  private int revision;
  private long version;
  private boolean shared;
  private boolean changeable = true;
  private boolean changed;
  private String text = "";
  private transient List<NewSteps.Group> groups;
  private transient List<StepTree.Row> rows;
  private transient List<StepTree.Place> places;
  private transient List<Told> told;

  /**
   * Something that is wrong with the definition.
   *
   * @param line of the text, from 1 on; 0 where the text cannot be read
   */
  public record Told(Finding finding, int line) implements Serializable {}

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
    show(YamlText.write(definition), definition, found);
  }

  void show(String as, ObjectNode definition, List<Finding> found) {
    StepTree tree = new StepTree(definition);
    text = as;
    told = told(as, found);
    rows = tree.rows(found);
    places = tree.places();
  }

  private static List<Told> told(String text, List<Finding> found) {
    try {
      YamlText yaml = found.isEmpty() ? null : YamlText.read(text);
      return found.stream().map(one -> new Told(one, yaml.lineOf(one.path()).line())).toList();
    } catch (YamlException e) {
      return found.stream().map(one -> new Told(one, 0)).toList();
    }
  }

  /**
   * @throws ProblemException with line and column when the text is no object in YAML
   */
  ObjectNode read() {
    try {
      if (YamlText.read(text == null ? "" : text).json() instanceof ObjectNode object) {
        return object.deepCopy();
      }
      throw ProblemException.of(
          Problem.INVALID, "definition", "invalid", Texts.of("pipeline.text.wrong"));
    } catch (YamlException e) {
      throw ProblemException.of(Problem.INVALID, "definition", "invalid", sentence(e));
    }
  }

  private static String sentence(YamlException e) {
    String what = Sentences.said(e.getMessage());
    return e.line() == 0 ? what : Texts.of("pipeline.text.at", e.line(), e.column(), what);
  }

  /** Returns null when the text is no object in YAML. */
  ObjectNode readable() {
    try {
      return read();
    } catch (ProblemException e) {
      return null;
    }
  }

  List<Finding> findings() {
    return getFindings().stream().map(Told::finding).toList();
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

  public List<Told> getFindings() {
    return told == null ? List.of() : told;
  }

  /** Whether something is not saved yet. */
  public boolean isChanged() {
    return changed;
  }

  void setChanged(boolean changed) {
    this.changed = changed;
  }
}
