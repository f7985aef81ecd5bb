package io.mimir.pipeline.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.PipelineLimits;
import io.mimir.pipeline.service.Webhooks;
import io.mimir.web.Json;
import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Where webhooks of other servers arrive. */
@WebServlet("/hooks/*")
public class HookServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Inject transient Webhooks webhooks;

  /** What the sender is told. */
  public record Taken(String runId) {}

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String path = request.getPathInfo() == null ? "" : request.getPathInfo();
    byte[] body = request.getInputStream().readNBytes(PipelineLimits.VALUE_BYTES + 1);
    if (body.length > PipelineLimits.VALUE_BYTES) {
      throw new ProblemException(Problem.TOO_LARGE, "A webhook has at most 32 MiB");
    }
    String run =
        webhooks.take(
            path.replaceFirst("^/", ""),
            new Webhooks.Delivery(
                request.getHeader("webhook-id"),
                request.getHeader("webhook-timestamp"),
                request.getHeader("webhook-signature"),
                request.getHeader("Authorization"),
                body));
    byte[] answer = Json.write(new Taken(run));
    response.setStatus(HttpServletResponse.SC_ACCEPTED);
    response.setContentType("application/json");
    response.setContentLength(answer.length);
    response.getOutputStream().write(answer);
  }
}
