package io.mimir.credential.web;

import io.mimir.llm.Provider;
import jakarta.faces.component.UIComponent;
import jakarta.faces.context.FacesContext;
import jakarta.faces.convert.Converter;
import jakarta.faces.convert.FacesConverter;

/** A converter between providers and the ids in the lists of the pages. */
@FacesConverter(forClass = Provider.class)
public class ProviderInputConverter implements Converter<Provider> {

  /**
   * Finds the provider that was chosen; null, which the form refuses, for an id that is not in the
   * list.
   */
  @Override
  public Provider getAsObject(FacesContext context, UIComponent component, String id) {
    return id == null ? null : Provider.ofWire(id).orElse(null);
  }

  @Override
  public String getAsString(FacesContext context, UIComponent component, Provider provider) {
    return provider == null ? "" : provider.wire();
  }
}
