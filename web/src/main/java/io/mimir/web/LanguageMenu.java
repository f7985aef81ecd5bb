package io.mimir.web;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Locale;

/** What the form needs in which a person chooses the language of the pages. */
@Named
@RequestScoped
public class LanguageMenu {

  @Inject HttpServletRequest request;

  public List<Locale> getLanguages() {
    return Languages.ALL;
  }

  /** Returns the address of this page below the context root, to come back to it. */
  public String getHere() {
    String failed = (String) request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
    String asked = failed == null ? PageAddress.of(request) : failed;
    String path =
        asked == null ? Requests.path(request) : asked.substring(request.getContextPath().length());
    String query = request.getQueryString();
    return query == null ? path : path + "?" + query;
  }
}
