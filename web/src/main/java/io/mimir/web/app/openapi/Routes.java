package io.mimir.web.app.openapi;

import io.mimir.gateway.web.GatewayRoutes;
import io.mimir.gateway.web.GatewayServlet;
import io.mimir.web.app.Home;
import io.mimir.web.app.LanguageChoice;
import io.mimir.web.app.RestApplication;
import io.mimir.web.app.RouteNames;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What programs can ask for, as the running application has it: the methods of its resources, and
 * the servlets that the server knows. Nobody keeps a list of them, so none can be forgotten.
 */
final class Routes {

  /** How a servlet answers a method of HTTP: by a method of its own. */
  private static final Map<String, String> METHODS =
      Map.of("doGet", "GET", "doPost", "POST", "doPut", "PUT", "doDelete", "DELETE");

  /** They only lead on to a page. */
  private static final Set<Class<?>> OF_PAGES = Set.of(Home.class, LanguageChoice.class);

  private Routes() {}

  /** Returns all routes, by path. */
  static List<Route> of(ServletContext context) {
    List<Route> routes = new ArrayList<>(ofResources());
    for (ServletRegistration servlet : context.getServletRegistrations().values()) {
      routes.addAll(ofServlet(servlet.getClassName(), servlet.getMappings()));
    }
    routes.sort(Comparator.comparing(Route::path).thenComparing(Route::method));
    return List.copyOf(routes);
  }

  /** Returns the routes of the REST application. */
  static List<Route> ofResources() {
    List<Route> routes = new ArrayList<>();
    for (Class<?> resource : new RestApplication().getClasses()) {
      Path path = resource.getAnnotation(Path.class);
      if (path != null) {
        for (Method method : resource.getDeclaredMethods()) {
          String verb = verb(method);
          if (verb != null) {
            Path below = method.getAnnotation(Path.class);
            String address = RouteNames.address(path.value(), below == null ? "" : below.value());
            routes.add(new Route(verb, address, method));
          }
        }
      }
    }
    return routes;
  }

  private static String verb(Method method) {
    for (Annotation annotation : method.getAnnotations()) {
      HttpMethod http = annotation.annotationType().getAnnotation(HttpMethod.class);
      if (http != null) {
        return http.value();
      }
    }
    return null;
  }

  /**
   * Returns the routes of a servlet of ours; none for those of the server, which serve pages and
   * files, and for what only leads on to a page.
   */
  static List<Route> ofServlet(String className, Collection<String> mappings) {
    if (className == null || !className.startsWith("io.mimir.")) {
      return List.of();
    }
    if (className.equals(GatewayServlet.class.getName())) {
      return GatewayRoutes.all().stream()
          .map(known -> new Route(known.method(), known.path(), null))
          .toList();
    }
    Class<?> servlet = load(className);
    if (!HttpServlet.class.isAssignableFrom(servlet) || OF_PAGES.contains(servlet)) {
      return List.of();
    }
    List<Route> routes = new ArrayList<>();
    for (Method method : servlet.getDeclaredMethods()) {
      String verb = METHODS.get(method.getName());
      if (verb != null) {
        // What follows the address of a servlet is the id of a trigger: only webhooks have it.
        mappings.forEach(
            mapping -> routes.add(new Route(verb, mapping.replace("/*", "/{trigger}"), null)));
      }
    }
    return routes;
  }

  private static Class<?> load(String className) {
    try {
      return Class.forName(className, false, Routes.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("A servlet of ours is not there", e);
    }
  }
}
