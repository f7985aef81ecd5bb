package io.mimir.web.app;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Notes which route of the API a request has found, for {@link RequestTimes}. */
@Provider
public class RouteNames implements ContainerRequestFilter {

  private static final Map<Method, String> TEMPLATES = new ConcurrentHashMap<>();

  @Context ResourceInfo resource;
  @Context HttpServletRequest request;

  @Override
  public void filter(ContainerRequestContext context) {
    Method method = resource.getResourceMethod();
    if (method != null) {
      request.setAttribute(
          RequestTimes.ROUTE, TEMPLATES.computeIfAbsent(method, RouteNames::template));
    }
  }

  private static String template(Method method) {
    Path path = method.getDeclaringClass().getAnnotation(Path.class);
    Path below = method.getAnnotation(Path.class);
    return address(path == null ? "" : path.value(), below == null ? "" : below.value());
  }

  /** Returns the template of an address below that of the application. */
  public static String address(String... parts) {
    StringBuilder address =
        new StringBuilder(RestApplication.class.getAnnotation(ApplicationPath.class).value());
    for (String part : parts) {
      String stripped = part.replaceAll("^/|/$", "");
      if (!stripped.isEmpty()) {
        address.append('/').append(stripped);
      }
    }
    return address.toString();
  }
}
