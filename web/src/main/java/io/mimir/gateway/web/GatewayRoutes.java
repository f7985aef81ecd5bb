package io.mimir.gateway.web;

import io.mimir.gateway.ObjectKind;
import io.mimir.gateway.service.Operation;
import java.util.ArrayList;
import java.util.List;

/**
 * The addresses of the gateway that have a name here. Below {@code /v1} there are more, which are
 * passed on for tokens that may see the settings too.
 */
public final class GatewayRoutes {

  private static final List<Known> ALL = list();

  private GatewayRoutes() {}

  /**
   * One of them.
   *
   * @param path with names in braces for what varies
   */
  public record Known(String method, String path) {}

  /** Returns all of them; {@code /ollama/v1/…} is {@code /v1/…} and not listed again. */
  public static List<Known> all() {
    return ALL;
  }

  private static List<Known> list() {
    List<Known> all = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      if (operation.path() != null) {
        all.add(new Known("POST", operation.path()));
      }
    }
    for (String path : ModelLists.ADDRESSES) {
      all.add(new Known("GET", path));
    }
    for (String below : GatewayAddress.STATELESS) {
      all.add(new Known("POST", "/v1" + below));
    }
    all.add(new Known("GET", GatewayAddress.OLLAMA));
    all.add(new Known("POST", GatewayAddress.OLD_EMBEDDING));
    for (String path : GatewayAddress.OWNERS_ONLY) {
      all.add(new Known(path.endsWith("/delete") ? "DELETE" : "POST", path));
    }
    all.add(new Known("POST", GatewayAddress.BLOBS + "{digest}"));
    for (ObjectKind kind : ObjectKind.values()) {
      addKept(kind, all);
    }
    return List.copyOf(all);
  }

  private static void addKept(ObjectKind kind, List<Known> all) {
    String path = "/v1" + kind.path();
    if (Operation.at(path) == null) {
      all.add(new Known("POST", path));
    }
    if (kind != ObjectKind.RESPONSE && kind != ObjectKind.CONVERSATION) {
      all.add(new Known("GET", path));
    }
    if (kind == ObjectKind.VECTOR_STORE || kind == ObjectKind.CONVERSATION) {
      all.add(new Known("POST", path + "/{id}"));
    }
    all.add(new Known("GET", path + "/{id}"));
    all.add(new Known("DELETE", path + "/{id}"));
    all.add(new Known("GET", path + "/{id}/{part}"));
    all.add(new Known("POST", path + "/{id}/{part}"));
  }
}
