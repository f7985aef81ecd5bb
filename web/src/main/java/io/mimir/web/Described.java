package io.mimir.web;

import jakarta.faces.component.FacesComponent;
import jakarta.faces.component.UIComponent;
import jakarta.faces.component.UIComponentBase;
import jakarta.faces.context.FacesContext;
import jakarta.faces.context.ResponseWriter;
import jakarta.faces.context.ResponseWriterWrapper;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * Tells people who cannot see it what belongs to the input that is written within: the ids of the
 * texts that describe it ({@code by}), whether it was refused ({@code refused}), and whether it
 * must be filled in ({@code required}). It does so for components and for plain inputs, which hold
 * secrets, alike.
 */
@FacesComponent(Described.TYPE)
public class Described extends UIComponentBase {

  static final String TYPE = "mimir.Described";

  private static final Set<String> INPUTS = Set.of("input", "select", "textarea");

  @Override
  public String getFamily() {
    return TYPE;
  }

  @Override
  public boolean getRendersChildren() {
    return true;
  }

  @Override
  public void encodeChildren(FacesContext faces) throws IOException {
    ResponseWriter plain = faces.getResponseWriter();
    faces.setResponseWriter(new Marking(plain, getAttributes()));
    try {
      super.encodeChildren(faces);
    } finally {
      faces.setResponseWriter(plain);
    }
  }

  /** Adds to the first input that passes. */
  private static final class Marking extends ResponseWriterWrapper {

    private final Map<String, Object> words;
    private boolean done;

    Marking(ResponseWriter wrapped, Map<String, Object> words) {
      super(wrapped);
      this.words = words;
    }

    @Override
    public void startElement(String name, UIComponent component) throws IOException {
      super.startElement(name, component);
      if (!done && INPUTS.contains(name)) {
        done = true;
        writeAttribute("aria-describedby", words.get("by"), null);
        mark("aria-invalid", "refused");
        mark("aria-required", "required");
      }
    }

    private void mark(String attribute, String word) throws IOException {
      if (Boolean.parseBoolean(String.valueOf(words.get(word)))) {
        writeAttribute(attribute, "true", null);
      }
    }
  }
}
