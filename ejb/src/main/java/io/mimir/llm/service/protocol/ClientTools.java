package io.mimir.llm.service.protocol;

import java.util.HashMap;
import java.util.Map;

/**
 * The tools of OpenAI's responses that the client itself runs, by the names that they have as
 * functions. Other protocols know neither namespaces nor tools with a shape of their own.
 */
final class ClientTools {

  private static final String JOINT = "__";

  private final Map<String, ClientTool> byFunction = new HashMap<>();

  /** What a call of a tool looks like in the client's protocol. */
  enum Kind {
    FUNCTION,
    CUSTOM,
    LOCAL_SHELL,
    SHELL,
    APPLY_PATCH,
    TOOL_SEARCH
  }

  /**
   * @param namespace null where it has none
   */
  record ClientTool(Kind kind, String namespace, String name) {}

  /** The one name of a tool within a namespace; the same in each turn. */
  static String functionName(String namespace, String name) {
    if (namespace == null || namespace.isEmpty()) {
      return name;
    }
    return namespace.endsWith(JOINT) ? namespace + name : namespace + JOINT + name;
  }

  /**
   * Keeps a tool.
   *
   * @return the name of its function; null where it is known already
   */
  String add(Kind kind, String namespace, String name) {
    String function = functionName(namespace, name);
    return byFunction.putIfAbsent(function, new ClientTool(kind, namespace, name)) == null
        ? function
        : null;
  }

  boolean knows(String function) {
    return byFunction.containsKey(function);
  }

  /** The tool behind a function; one without a namespace where it is not known. */
  ClientTool of(String function) {
    return byFunction.getOrDefault(function, new ClientTool(Kind.FUNCTION, null, function));
  }
}
