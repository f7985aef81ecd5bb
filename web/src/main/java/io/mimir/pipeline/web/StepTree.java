package io.mimir.pipeline.web;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.PipelineLimits;
import io.mimir.pipeline.service.language.Finding;
import io.mimir.pipeline.service.run.RunJson;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The steps of a definition, right or wrong, as a page shows and moves them. */
final class StepTree {

  private static final String TOP = "/steps";

  private final ObjectNode definition;

  StepTree(ObjectNode definition) {
    this.definition = definition;
  }

  /**
   * A step, or the head of a list of steps within one.
   *
   * @param pointer the place in the definition; of a head, the place of its list
   * @param name of the step; of a head, {@code then}, {@code else} or the name of a way
   * @param path with the names of the steps that it lies in
   * @param detail the action, the model or what else it is about; may be empty
   * @param depth from 0 on
   */
  public record Row(
      String pointer,
      String name,
      String path,
      String kind,
      String icon,
      String detail,
      int depth,
      boolean head,
      boolean first,
      boolean last,
      List<Finding> findings)
      implements Serializable {}

  /**
   * A list that a step can be added to.
   *
   * @param pointer of the list
   * @param path empty for the pipeline itself
   */
  public record Place(String pointer, String path) implements Serializable {}

  /** Lists the steps, those within steps after the one that they are in. */
  List<Row> rows(List<Finding> findings) {
    List<Row> rows = new ArrayList<>();
    collect(definition.path("steps"), TOP, "", 0, findings, rows);
    return rows;
  }

  private static void collect(
      JsonNode list, String at, String prefix, int depth, List<Finding> findings, List<Row> rows) {
    if (depth > PipelineLimits.DEPTH * 2) {
      return;
    }
    for (int i = 0; i < list.size(); i++) {
      JsonNode step = list.get(i);
      StepKind kind = StepKind.of(step);
      String pointer = at + "/" + i;
      String name = step.path("name").asText("");
      Map<String, JsonNode> lists = kind.lists(step);
      rows.add(
          new Row(
              pointer,
              name,
              prefix + name,
              kind.wire(),
              kind.icon(),
              detail(step, kind),
              depth,
              false,
              i == 0,
              i == list.size() - 1,
              about(pointer, lists.keySet(), findings)));
      lists.forEach(
          (member, inner) -> {
            String way = kind == StepKind.EACH ? "" : member.substring(member.lastIndexOf('/') + 1);
            String inside = prefix + name + "." + (way.isEmpty() ? "" : way + ".");
            if (!way.isEmpty()) {
              rows.add(head(pointer + member, way, inside, depth + 1));
            }
            int deeper = depth + (way.isEmpty() ? 1 : 2);
            collect(inner, pointer + member, inside, deeper, findings, rows);
          });
    }
  }

  private static Row head(String pointer, String way, String path, int depth) {
    return new Row(
        pointer, way, path, "way", "down", "", depth, true, true, true, List.<Finding>of());
  }

  private static String detail(JsonNode step, StepKind kind) {
    JsonNode work = step.path(kind.wire());
    return switch (kind) {
      case ACTION, MODEL, PIPELINE -> work.asText("");
      case BRANCH -> work.path("when").asText("");
      case EACH -> work.path("over").isMissingNode() ? "" : RunJson.text(work.path("over"));
      case WAIT -> work.path("for").asText(work.path("until").asText(""));
      case APPROVE -> work.path("message").asText("");
      case PARALLEL, NONE -> "";
    };
  }

  /** Finds what is wrong with one step itself; with the pipeline itself where it is empty. */
  List<Finding> about(String pointer, List<Finding> findings) {
    if (pointer.isEmpty()) {
      return findings.stream().filter(one -> !one.path().startsWith(TOP + "/")).toList();
    }
    JsonNode step = definition.at(pointer);
    return about(pointer, StepKind.of(step).lists(step).keySet(), findings);
  }

  /** What is wrong with a step itself, and not with one that lies in it. */
  private static List<Finding> about(String pointer, Set<String> inner, List<Finding> findings) {
    return findings.stream()
        .filter(one -> one.path().equals(pointer) || one.path().startsWith(pointer + "/"))
        .filter(one -> inner.stream().noneMatch(l -> one.path().startsWith(pointer + l + "/")))
        .toList();
  }

  /** Lists where steps can be added, the pipeline itself first. */
  List<Place> places() {
    List<Place> places = new ArrayList<>();
    places.add(new Place(TOP, ""));
    for (Row row : rows(List.of())) {
      if (row.head() || row.kind().equals(StepKind.EACH.wire())) {
        String list = row.head() ? row.pointer() : row.pointer() + "/each/steps";
        String path = row.head() ? row.path().substring(0, row.path().length() - 1) : row.path();
        places.add(new Place(list, path));
      }
    }
    return places;
  }

  /**
   * Moves a step within its list; at an end it stays where it is.
   *
   * @return the place where it is now
   */
  String move(String pointer, int by) {
    ArrayNode list = listOf(pointer);
    int from = indexOf(pointer);
    int to = from + by;
    if (list == null || !list.has(from) || to < 0 || to >= list.size()) {
      return pointer;
    }
    list.insert(to, list.remove(from));
    return pointer.substring(0, pointer.lastIndexOf('/') + 1) + to;
  }

  /**
   * Moves a step to the end of another list; into itself it does not go.
   *
   * @return the place where it is now
   */
  String relocate(String pointer, String at) {
    return place(pointer, at, Integer.MAX_VALUE);
  }

  /**
   * Moves a step before or behind another one, or to the end of a list.
   *
   * @param target the other step, or a list
   * @return the place where it is now
   */
  String drop(String pointer, String target, boolean behind) {
    if (definition.at(target).isArray()) {
      return relocate(pointer, target);
    }
    String at = target.substring(0, target.lastIndexOf('/'));
    return place(pointer, at, indexOf(target) + (behind ? 1 : 0));
  }

  private String place(String pointer, String at, int index) {
    ArrayNode from = listOf(pointer);
    if (from == null || !from.has(indexOf(pointer)) || (at + "/").startsWith(pointer + "/")) {
      return pointer;
    }
    ArrayNode to = list(at);
    ObjectNode gap = from.objectNode();
    JsonNode step = from.set(indexOf(pointer), gap);
    to.insert(Math.min(index, to.size()), step);
    for (int i = 0; i < from.size(); i++) {
      if (from.get(i) == gap) {
        from.remove(i);
        break;
      }
    }
    return pointerOf(step);
  }

  private String pointerOf(JsonNode step) {
    for (Row row : rows(List.of())) {
      if (!row.head() && definition.at(row.pointer()) == step) {
        return row.pointer();
      }
    }
    return TOP;
  }

  /** Takes a step out, with all that lies in it. */
  void remove(String pointer) {
    ArrayNode list = listOf(pointer);
    if (list != null && list.has(indexOf(pointer))) {
      list.remove(indexOf(pointer));
    }
  }

  /**
   * Adds a step at the end of a list, under a name that is not taken.
   *
   * @return the place where it is
   */
  String add(String at, ObjectNode step) {
    String wanted = step.path("name").asText();
    Set<String> taken = new HashSet<>();
    rows(List.of()).forEach(row -> taken.add(row.name()));
    String name = wanted;
    for (int i = 2; taken.contains(name); i++) {
      name = wanted + "_" + i;
    }
    step.put("name", name);
    ArrayNode list = list(at);
    list.add(step);
    return at + "/" + (list.size() - 1);
  }

  private ArrayNode list(String at) {
    if (definition.at(at) instanceof ArrayNode list) {
      return list;
    }
    JsonPointer place = JsonPointer.compile(at);
    if (definition.at(place.head()) instanceof ObjectNode parent) {
      return parent.putArray(place.last().getMatchingProperty());
    }
    return definition.withArray(TOP);
  }

  private ArrayNode listOf(String pointer) {
    return definition.at(JsonPointer.compile(pointer).head()) instanceof ArrayNode list
        ? list
        : null;
  }

  private static int indexOf(String pointer) {
    return JsonPointer.compile(pointer).last().getMatchingIndex();
  }
}
