package io.mimir.web.app.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;

/** JSON as YAML 1.2 in blocks: names and texts are quoted as in JSON, which YAML reads alike. */
final class Yaml {

  private Yaml() {}

  static String of(JsonNode node) {
    StringBuilder out = new StringBuilder();
    block(node, 0, out);
    return out.toString();
  }

  private static void block(JsonNode node, int depth, StringBuilder out) {
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> member : node.properties()) {
        indent(depth, out).append(quoted(member.getKey())).append(':');
        value(member.getValue(), depth, out);
      }
    } else {
      for (JsonNode item : node) {
        indent(depth, out).append('-');
        value(item, depth, out);
      }
    }
  }

  private static void value(JsonNode value, int depth, StringBuilder out) {
    if (value.isContainerNode() && !value.isEmpty()) {
      out.append('\n');
      block(value, depth + 1, out);
    } else {
      out.append(' ').append(value).append('\n');
    }
  }

  private static StringBuilder indent(int depth, StringBuilder out) {
    return out.append("  ".repeat(depth));
  }

  private static String quoted(String name) {
    return TextNode.valueOf(name).toString();
  }
}
