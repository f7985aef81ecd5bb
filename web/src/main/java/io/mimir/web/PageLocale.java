package io.mimir.web;

import jakarta.faces.application.ViewHandler;
import jakarta.faces.application.ViewHandlerWrapper;
import jakarta.faces.component.UIViewRoot;
import jakarta.faces.context.FacesContext;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Locale;

/**
 * Gives each new view the language of its request, so that the messages of Faces and PrimeFaces are
 * in that of our own texts. A page that is open keeps its language.
 */
public class PageLocale extends ViewHandlerWrapper {

  public PageLocale(ViewHandler wrapped) {
    super(wrapped);
  }

  @Override
  public Locale calculateLocale(FacesContext faces) {
    return Languages.of((HttpServletRequest) faces.getExternalContext().getRequest());
  }

  @Override
  public UIViewRoot restoreView(FacesContext faces, String viewId) {
    UIViewRoot view = super.restoreView(faces, viewId);
    if (view != null) {
      Languages.speak(view.getLocale());
    }
    return view;
  }

  @Override
  public void renderView(FacesContext faces, UIViewRoot view) throws IOException {
    faces
        .getExternalContext()
        .setResponseHeader("Content-Language", view.getLocale().toLanguageTag());
    super.renderView(faces, view);
  }
}
