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
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.MultipartConfig;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Takes a plugin's file: multipart with {@code file}, and optional {@code signature}, {@code name},
 * {@code type} and {@code description}. A servlet, because the server reads large parts to the disk
 * for servlets only. Of the name that a client gives to the file only the end counts, and content
 * types mean nothing.
 */
@WebServlet(urlPatterns = "/api/v1/settings/plugins/upload")
@MultipartConfig(
    maxFileSize = PluginUpload.MAX_FILE_BYTES,
    maxRequestSize = PluginUpload.MAX_REQUEST_BYTES,
    fileSizeThreshold = 64 * 1024)
public class PluginUpload extends HttpServlet {

  /** Above every bound that can be set; the store keeps to the one that is. */
  static final long MAX_FILE_BYTES = 64L * 1024 * 1024;

  /** A file and what is sent beside it. */
  static final long MAX_REQUEST_BYTES = MAX_FILE_BYTES + 1024 * 1024;

  private static final long serialVersionUID = 1L;
  private static final int MAX_TEXT_CHARS = 4096;
  private static final Set<String> KNOWN =
      Set.of("file", "plugin", "signature", "name", "type", "description");

  private static final Pattern LIBRARY_NAME = Pattern.compile("(?is).*\\.(?:so|dll)");

  @EJB transient Plugins plugins;
  @EJB transient PluginInstaller installer;
  @Inject transient PluginRegistry registry;

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
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

  private PluginInstaller.Installed install(HttpServletRequest request)
      throws IOException, ServletException {
    Map<String, Part> parts = parts(request);
    Part file = parts.containsKey("file") ? parts.get("file") : parts.get("plugin");
    if (file == null) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "file", "missing", "Send the plugin as the part \"file\"");
    }
    requireLibraryName(file.getSubmittedFileName());
    try (InputStream content = file.getInputStream()) {
      return installer.install(
          new PluginInstaller.Upload(
              content,
              signature(parts.get("signature")),
              text(parts, "name"),
              text(parts, "type"),
              text(parts, "description"),
              "true".equals(request.getParameter("replace"))));
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

  private static Map<String, Part> parts(HttpServletRequest request)
      throws IOException, ServletException {
    String type = request.getContentType();
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
      throw new ProblemException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "Send multipart/form-data with the part \"file\"");
    }
    if (request.getContentLengthLong() > MAX_REQUEST_BYTES) {
      throw tooLarge();
    }
    Map<String, Part> parts = new LinkedHashMap<>();
    try {
      for (Part part : request.getParts()) {
        if (!KNOWN.contains(part.getName()) && !part.getName().equals("replace")) {
          throw new ProblemException(
              Problem.UNKNOWN_FIELD, "Known parts are file, signature, name, type, description");
        }
        if (parts.put(part.getName(), part) != null) {
          throw new ProblemException(Problem.MALFORMED, "A part is there twice");
        }
      }
    } catch (IllegalStateException e) {
      throw tooLarge();
    } catch (ServletException | IOException e) {
      throw new ProblemException(Problem.MALFORMED, "The multipart body cannot be read");
    }
    return parts;
  }

  private static ProblemException tooLarge() {
    return ProblemException.of(
        Problem.TOO_LARGE, "file", "too_large", "A plugin may have at most 64 MiB");
  }

  private static byte[] signature(Part part) throws IOException {
    if (part == null || part.getSize() == 0) {
      return null;
    }
    try (InputStream in = part.getInputStream()) {
      byte[] bytes = in.readNBytes(PluginInstaller.maxSignatureBytes() + 1);
      if (bytes.length > PluginInstaller.maxSignatureBytes()) {
        throw ProblemException.of(
            Problem.TOO_LARGE, "signature", "too_large", "A signature has at most 64 KiB");
      }
      return bytes;
    }
  }

  private static String text(Map<String, Part> parts, String name) throws IOException {
    Part part = parts.get(name);
    if (part == null) {
      return null;
    }
    try (InputStream in = part.getInputStream()) {
      byte[] bytes = in.readNBytes(MAX_TEXT_CHARS + 1);
      if (bytes.length > MAX_TEXT_CHARS) {
        throw ProblemException.of(
            Problem.TOO_LARGE, name, "too_large", "This has at most 4096 bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
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
