package io.mimir.web;

import jakarta.faces.context.FacesContext;
import java.util.List;

/**
 * What a form sent in plain inputs, for what no component is to hold: a component keeps the value
 * of an input in the session for as long as the form is not accepted (T04).
 */
public final class Sent {

  private Sent() {}

  /** Returns what an input holds; empty when it was not sent, never null. */
  public static String text(String name) {
    return FacesContext.getCurrentInstance()
        .getExternalContext()
        .getRequestParameterMap()
        .getOrDefault(name, "");
  }

  /** The values of the boxes of one name that were ticked. */
  public static List<String> all(String name) {
    String[] values =
        FacesContext.getCurrentInstance()
            .getExternalContext()
            .getRequestParameterValuesMap()
            .get(name);
    return values == null ? List.of() : List.of(values);
  }
}
