package io.mimir.web.app.openapi;

import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The description of the API, as JSON or for those who ask for it as YAML. */
@WebServlet("/openapi")
public class OpenApiServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Inject transient ApiDescription description;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String accept = request.getHeader("Accept");
    boolean yaml = accept != null && accept.toLowerCase(Locale.ROOT).contains("yaml");
    String text = yaml ? Yaml.of(description.document()) : description.document().toPrettyString();
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    response.setHeader("Vary", "Accept");
    response.setContentType(yaml ? "application/yaml" : "application/json");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
