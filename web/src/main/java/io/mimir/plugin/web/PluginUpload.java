package io.mimir.plugin.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.service.PluginInstaller;
import io.mimir.plugin.service.PluginRefusedException;
import io.mimir.plugin.service.PluginRegistry;
import io.mimir.plugin.service.Plugins;
import io.mimir.plugin.web.PluginView.CheckView;
import io.mimir.web.Json;
import io.mimir.web.ProblemDetail;
import io.mimir.web.Requests;
import jakarta.ejb.EJB;
import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Takes a plugin's file: multipart with {@code file}, and optional {@code signature}, {@code name},
 * {@code type} and {@code description}. A servlet, because it reads the body as it comes. Of the
 * name that a client gives to the file only the end counts, and content types mean nothing.
 */
@WebServlet(urlPatterns = "/api/v1/settings/plugins/upload")
public class PluginUpload extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private static final Pattern LIBRARY_NAME = Pattern.compile("(?is).*\\.(?:so|dll)");

  @EJB transient Plugins plugins;
  @EJB transient PluginInstaller installer;
  @Inject transient PluginRegistry registry;

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      PluginInstaller.Installed installed = install(request);
      answer(
          response,
          HttpServletResponse.SC_CREATED,
          "application/json",
          PluginView.of(
              installed.plugin(), plugins, registry, installed.checks(), told(installed.plugin())));
    } catch (PluginRefusedException e) {
      refuse(request, response, e);
    }
  }

  private static String told(Plugin plugin) {
    return plugin
        .next()
        .map(
            next ->
                "Version %s of plugin \"%s\" is kept and waits for trust; %s goes on"
                    .formatted(next.version(), plugin.getName(), plugin.getVersion()))
        .orElseGet(() -> "Plugin \"%s\" uploaded".formatted(plugin.getName()));
  }

  private PluginInstaller.Installed install(HttpServletRequest request) throws IOException {
    try (PluginForm form = PluginForm.read(request, PluginInstaller.maxSignatureBytes())) {
      if (!form.hasFile()) {
        throw ProblemException.of(
            Problem.MISSING_FIELD, "file", "missing", "Send the plugin as the part \"file\"");
      }
      requireLibraryName(form.fileName());
      try (InputStream content = form.content()) {
        return installer.install(
            new PluginInstaller.Upload(
                content,
                form.signature(),
                form.text("name"),
                form.text("type"),
                form.text("description"),
                "true".equals(form.text("replace"))
                    || "true".equals(request.getParameter("replace"))));
      }
    }
  }

  /**
   * Whoever takes the wrong file hears of it before it is looked into; a name need not be given.
   */
  private static void requireLibraryName(String name) {
    if (name != null && !name.isBlank() && !LIBRARY_NAME.matcher(name.strip()).matches()) {
      throw ProblemException.of(
          Problem.REFUSED,
          "file",
          "extension",
          "A plugin is a shared library: send a file that ends in .so or .dll");
    }
  }

  /** A problem with one member more: what was looked at. */
  public record Refusal(
      String type,
      String title,
      int status,
      String detail,
      String code,
      String requestId,
      List<io.mimir.error.FieldError> errors,
      List<CheckView> checks) {}

  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, PluginRefusedException e)
      throws IOException {
    ProblemDetail problem = ProblemDetail.of(e, Requests.id(request));
    answer(
        response,
        problem.status(),
        ProblemDetail.MEDIA_TYPE,
        new Refusal(
            problem.type(),
            problem.title(),
            problem.status(),
            problem.detail(),
            problem.code(),
            problem.requestId(),
            problem.errors(),
            e.checks().stream().map(CheckView::of).toList()));
  }

  private static void answer(HttpServletResponse response, int status, String type, Object body)
      throws IOException {
    byte[] json = Json.write(body);
    response.setStatus(status);
    response.setContentType(type);
    response.setContentLength(json.length);
    response.getOutputStream().write(json);
  }
}
