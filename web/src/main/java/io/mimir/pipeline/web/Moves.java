package io.mimir.pipeline.web;

import jakarta.faces.context.ExternalContext;
import jakarta.faces.context.FacesContext;
import java.io.IOException;

/** Leads a visitor to another page; what was said there is told on it. */
final class Moves {

  private Moves() {}

  /**
   * @param path below the context root
   */
  static void to(String path) throws IOException {
    ExternalContext external = FacesContext.getCurrentInstance().getExternalContext();
    external.getFlash().setKeepMessages(true);
    external.redirect(external.getRequestContextPath() + path);
  }
}
