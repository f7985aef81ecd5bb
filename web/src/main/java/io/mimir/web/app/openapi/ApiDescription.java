package io.mimir.web.app.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.web.ProblemDetail;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.ServletContext;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The description of the API in the words of OpenAPI 3.1. It is made of the running application
 * when it is first asked for: routes, types and who may call are read from the code that answers.
 */
@ApplicationScoped
public class ApiDescription {

  static final String VERSION = "3.1.0";

  @Inject ServletContext context;

  private ObjectNode document;

  /** Returns the document; not to be changed. */
  public synchronized ObjectNode document() {
    if (document == null) {
      document = of(Routes.of(context), Descriptions.load());
    }
    return document;
  }

  /** Describes these routes. */
  static ObjectNode of(List<Route> routes, Descriptions descriptions) {
    Schemas schemas = new Schemas(descriptions);
    ProblemAnswers problems = new ProblemAnswers();
    Operations operations = new Operations(descriptions, schemas, problems);
    ObjectNode paths = Descriptions.object();
    for (Route route : routes) {
      ObjectNode path = paths.withObjectProperty(route.path());
      path.set(route.method().toLowerCase(Locale.ROOT), operations.of(route));
    }
    schemas.of(ProblemDetail.class);
    ObjectNode codes = (ObjectNode) schemas.made().get("Problem").at("/properties/code");
    for (Problem problem : Problem.values()) {
      codes.withArray("enum").add(problem.code());
    }
    ObjectNode document = Descriptions.object().put("openapi", VERSION);
    for (String part : List.of("info", "servers", "tags", "x-tagGroups")) {
      document.set(part, descriptions.get(part));
    }
    document.set("paths", paths);
    ObjectNode components = document.putObject("components");
    components.setAll((ObjectNode) descriptions.get("components").deepCopy());
    addAll(components, "schemas", schemas.made());
    addAll(components, "responses", problems.made());
    return document;
  }

  private static void addAll(ObjectNode components, String kind, Map<String, ObjectNode> made) {
    components.withObjectProperty(kind).setAll(made);
  }
}
