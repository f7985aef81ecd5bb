package io.mimir.web.app.openapi;

import java.lang.reflect.Method;

/**
 * One thing that programs can ask for.
 *
 * @param method of HTTP, in capitals
 * @param path below the context root, with names in braces for what varies
 * @param answeredBy the method of a resource; null where a servlet answers
 */
record Route(String method, String path, Method answeredBy) {

  /** The name under which it is described. */
  String key() {
    return method + " " + path;
  }

  boolean isGateway() {
    return path.startsWith("/v1") || path.startsWith("/ollama");
  }

  boolean isChange() {
    return !method.equals("GET") && !method.equals("HEAD");
  }
}
