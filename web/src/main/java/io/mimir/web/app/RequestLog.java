package io.mimir.web.app;

import io.mimir.id.CurrentRequest;
import io.mimir.web.Requests;
import io.mimir.web.payara.LogLines;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import jakarta.servlet.annotation.WebListener;
import jakarta.servlet.http.HttpServletRequest;

/**
 * Lets the lines of the log name the request that they are about. Listeners are told before filters
 * and after them, so that what the server itself has to say of a request is named too.
 */
@WebListener
public class RequestLog implements ServletContextListener, ServletRequestListener {

  @Override
  public void contextInitialized(ServletContextEvent event) {
    LogLines.learnRequests(CurrentRequest::id);
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    LogLines.learnRequests(() -> null);
  }

  @Override
  public void requestInitialized(ServletRequestEvent event) {
    if (event.getServletRequest() instanceof HttpServletRequest request) {
      CurrentRequest.enter(Requests.id(request));
    }
  }

  @Override
  public void requestDestroyed(ServletRequestEvent event) {
    CurrentRequest.enter(null);
  }
}
