package io.mimir.web.app;

import io.mimir.lifecycle.service.ServerStatus;
import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Tells a load balancer or an orchestrator whether to send requests here. Anonymous, and without
 * details.
 */
@WebServlet(urlPatterns = {"/health/started", "/health/ready", "/health/live"})
public class HealthServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Inject transient ServerStatus status;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    boolean up = request.getServletPath().equals("/health/live") || status.isReady();
    byte[] body =
        "{\"status\":\"%s\"}".formatted(up ? "UP" : "DOWN").getBytes(StandardCharsets.UTF_8);
    response.setStatus(up ? HttpServletResponse.SC_OK : HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    response.setContentType("application/json");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
