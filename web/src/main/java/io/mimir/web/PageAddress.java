package io.mimir.web;

import jakarta.faces.application.ViewHandler;
import jakarta.faces.application.ViewHandlerWrapper;
import jakarta.faces.context.FacesContext;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;

/**
 * Keeps pages about one thing, such as {@code /runs/{id}}, at their address: the server forwards
 * such a request to the page, and its forms are sent to where the visitor is.
 */
public class PageAddress extends ViewHandlerWrapper {

  private static final String ID = "mimir.pageId";

  public PageAddress(ViewHandler wrapped) {
    super(wrapped);
  }

  @Override
  public String getActionURL(FacesContext faces, String viewId) {
    String address = of((HttpServletRequest) faces.getExternalContext().getRequest());
    return address == null ? super.getActionURL(faces, viewId) : address;
  }

  /** Returns the address that was asked for and forwarded from; null when none was. */
  static String of(HttpServletRequest request) {
    return (String) request.getAttribute(RequestDispatcher.FORWARD_REQUEST_URI);
  }

  /** Says which one a page is about, before it is forwarded to. */
  public static void tell(HttpServletRequest request, String id) {
    request.setAttribute(ID, id);
  }

  /** Whether a request was forwarded to the page about one thing, and not to an error. */
  static boolean isTold(HttpServletRequest request) {
    return request.getAttribute(ID) != null;
  }

  /** Returns which one the page of this request is about; null when it is about none. */
  public static String id() {
    return (String) FacesContext.getCurrentInstance().getExternalContext().getRequestMap().get(ID);
  }
}
