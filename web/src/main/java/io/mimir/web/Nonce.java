package io.mimir.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;

/**
 * Gives each whole page a nonce of its own for its Content-Security-Policy. PrimeFaces would take
 * the one that a form sends back, and fail where none came: without scripts, or in an error page.
 * Only partial answers keep the nonce of the page that they become part of.
 */
@WebFilter(
    servletNames = "pages",
    dispatcherTypes = {DispatcherType.REQUEST, DispatcherType.FORWARD, DispatcherType.ERROR})
public class Nonce extends HttpFilter {

  private static final long serialVersionUID = 1L;

  private static final String PARAMETER = "primefaces.nonce";

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    boolean partial =
        "partial/ajax".equals(request.getHeader("Faces-Request"))
            && (request.getDispatcherType() == DispatcherType.REQUEST
                || request.getDispatcherType() == DispatcherType.FORWARD
                    && PageAddress.isTold(request));
    chain.doFilter(partial ? request : new Fresh(request), response);
  }

  private static final class Fresh extends HttpServletRequestWrapper {

    private final String nonce;

    Fresh(HttpServletRequest request) {
      super(request);
      // The form that PrimeFaces demands: Base64 of a random UUID's text.
      byte[] text = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
      nonce = Base64.getEncoder().encodeToString(text);
    }

    @Override
    public String getParameter(String name) {
      return name.equals(PARAMETER) ? nonce : super.getParameter(name);
    }
  }
}
