package io.mimir.web;

import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.ejb.EJBException;
import jakarta.enterprise.context.RequestScoped;
import jakarta.faces.application.FacesMessage;
import jakarta.faces.context.FacesContext;
import jakarta.inject.Named;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.primefaces.PrimeFaces;

/** What went wrong in this request, told beside the field that it belongs to. */
@Named
@RequestScoped
public class Problems {

  /** Members of the metadata object are fields like any other on a page. */
  private static final String NESTED = "metadata.";

  private static final System.Logger LOG = System.getLogger(Problems.class.getName());

  private final Map<String, String> fields = new HashMap<>();
  private String general;

  /** What is wrong with a field, or null. */
  public String of(String field) {
    return fields.get(field);
  }

  /** What is wrong and belongs to no field, or null. */
  public String getGeneral() {
    return general;
  }

  public boolean isNone() {
    return fields.isEmpty() && general == null;
  }

  /** Keeps a refusal for the fields of a form. */
  public void take(ProblemException refusal) {
    if (refusal.errors().isEmpty()) {
      general = Sentences.said(refusal.getMessage());
    }
    for (FieldError error : refusal.errors()) {
      String field = error.field();
      add(field.startsWith(NESTED) ? field.substring(NESTED.length()) : field, error.message());
    }
  }

  public void add(String field, String message) {
    fields.putIfAbsent(field, Sentences.said(message));
  }

  /**
   * Does something for a form, or reads what a page shows.
   *
   * @return what it gave, or null when it was refused; the refusal is kept here
   * @throws EJBException when a bean says, while a page is opened, that the caller's roles do not
   *     allow it: there is no page to show then
   */
  public <T> T attempt(Callable<T> deed) {
    try {
      return deed.call();
    } catch (ProblemException e) {
      if (!asksForPassword(e)) {
        take(e);
      }
    } catch (EJBException e) {
      if (ProblemMapper.isDenial(e) && !FacesContext.getCurrentInstance().isPostback()) {
        throw e;
      }
      general = unexpected(e);
    } catch (Exception e) {
      general = unexpected(e);
    }
    return null;
  }

  /**
   * Does something that has no form of its own.
   *
   * @return what it gave, or null when it was refused; the refusal is told as a message
   */
  public <T> T attemptAloud(Callable<T> deed) {
    try {
      return deed.call();
    } catch (ProblemException e) {
      if (asksForPassword(e)) {
        return null;
      }
      tell(FacesMessage.SEVERITY_ERROR, Sentences.said(e.getMessage()));
    } catch (Exception e) {
      tell(FacesMessage.SEVERITY_ERROR, unexpected(e));
    }
    return null;
  }

  /** The script of the page asks for it in a dialog and then repeats what was refused. */
  private static boolean asksForPassword(ProblemException refusal) {
    boolean asks = refusal.problem() == Problem.PASSWORD_REQUIRED;
    if (asks) {
      PrimeFaces.current().ajax().addCallbackParam("passwordRequired", true);
    }
    return asks;
  }

  private static String unexpected(Exception e) {
    if (e instanceof EJBException || e instanceof RuntimeException) {
      return ProblemMapper.problemOf(e).getMessage();
    }
    LOG.log(System.Logger.Level.ERROR, "Unexpected", e);
    return Texts.of("problem.unexpected");
  }

  /** Says that something was done. */
  public void done(String key, Object... arguments) {
    tell(FacesMessage.SEVERITY_INFO, Texts.of(key, arguments));
  }

  /** Says something; never builds an expression from it. */
  public void tell(FacesMessage.Severity severity, String text) {
    FacesContext.getCurrentInstance().addMessage(null, new FacesMessage(severity, text, text));
  }
}
