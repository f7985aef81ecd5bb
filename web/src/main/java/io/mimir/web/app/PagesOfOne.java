package io.mimir.web.app;

import io.mimir.web.PageAddress;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;

/** Leads from the address of one pipeline or one run to the page that shows it. */
@WebServlet({"/pipelines/*", "/runs/*"})
public class PagesOfOne extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private static final Pattern ID = Pattern.compile("/([0-9A-Za-z_]{1,64})");

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    String rest = request.getPathInfo();
    var id = ID.matcher(rest == null ? "" : rest);
    if (!id.matches()) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    PageAddress.tell(request, id.group(1));
    String page = request.getServletPath().equals("/runs") ? "/run.xhtml" : "/pipeline.xhtml";
    request.getRequestDispatcher(page).forward(request, response);
  }
}
