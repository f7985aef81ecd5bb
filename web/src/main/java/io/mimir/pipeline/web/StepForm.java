package io.mimir.pipeline.web;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.language.Finding;
import io.mimir.pipeline.web.FormField.Shape;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The form of one step, or of the pipeline itself: read from the definition, and put back. */
final class StepForm implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Members that are left out when nothing is in them. */
  private static final List<String> OPTIONAL = List.of("/retry", "/limits");

  private final String pointer;
  private List<FormField> fields;

  /**
   * @param pointer of the step; empty for the pipeline
   */
  StepForm(String pointer, List<FormField> fields) {
    this.pointer = pointer;
    this.fields = List.copyOf(fields);
  }

  String pointer() {
    return pointer;
  }

  List<FormField> fields() {
    return fields;
  }

  /**
   * Puts what was entered into the step. What cannot be read stays as it was, and is told at its
   * field.
   *
   * @param step is changed
   * @param sent gives what an input holds
   * @return whether all could be read
   */
  boolean apply(ObjectNode step, UnaryOperator<String> sent) {
    List<FormField> read = new ArrayList<>();
    boolean good = true;
    for (FormField field : fields) {
      String mode = field.shape() == Shape.VALUE ? sent.apply(field.id() + "-mode") : field.mode();
      String entered = sent.apply(field.id());
      String error = null;
      try {
        put(step, field, FieldText.read(field, mode, entered, step.at(field.member())));
      } catch (FieldText.Unfit e) {
        error = e.getMessage();
        good = false;
      }
      read.add(field.entered(mode, entered, error));
    }
    fields = List.copyOf(read);
    return good;
  }

  private static void put(ObjectNode step, FormField field, JsonNode value) {
    JsonPointer place = JsonPointer.compile(field.member());
    String name = place.last().getMatchingProperty();
    if (field.member().equals("/on_error")) {
      StepFields.putOnError(step, value);
      return;
    }
    ObjectNode parent = parent(step, place.head(), value != null);
    if (parent == null) {
      return;
    }
    if (value != null) {
      parent.set(name, value);
      return;
    }
    parent.remove(name);
    String head = place.head().toString();
    if (parent.isEmpty() && OPTIONAL.contains(head)) {
      step.remove(head.substring(1));
    }
  }

  /** Returns null where there is none and none is to be made. */
  private static ObjectNode parent(ObjectNode step, JsonPointer head, boolean make) {
    if (head.matches()) {
      return step;
    }
    if (step.at(head) instanceof ObjectNode parent) {
      return parent;
    }
    return make ? step.putObject(head.last().getMatchingProperty()) : null;
  }

  /**
   * Tells what is wrong beside the fields that it is about.
   *
   * @return what belongs to no field
   */
  List<Finding> tell(List<Finding> about) {
    List<Finding> rest = new ArrayList<>();
    List<FormField> told = new ArrayList<>(fields);
    for (Finding finding : about) {
      int best = fieldOf(finding);
      if (best < 0) {
        rest.add(finding);
      } else if (told.get(best).error() == null) {
        FormField field = told.get(best);
        told.set(best, field.entered(field.mode(), field.value(), finding.message()));
      }
    }
    fields = List.copyOf(told);
    return rest;
  }

  private int fieldOf(Finding finding) {
    int best = -1;
    for (int i = 0; i < fields.size(); i++) {
      String place = pointer + fields.get(i).member();
      boolean about = finding.path().equals(place) || finding.path().startsWith(place + "/");
      if (about && (best < 0 || place.length() > pointer.length() + length(best))) {
        best = i;
      }
    }
    return best;
  }

  private int length(int field) {
    return fields.get(field).member().length();
  }
}
