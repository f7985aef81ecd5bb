package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.plugin.service.PluginCallException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * One run of a list of steps over a document. All runs within it draw on one budget, so that steps
 * which multiply what is there come to an end.
 */
final class JsonSteps {

  /** Steps done, and values copied, compared or laid in. */
  static final int BUDGET = 1_000_000;

  private final Deadline deadline;
  private int left = BUDGET;

  JsonSteps(Deadline deadline) {
    this.deadline = deadline;
  }

  /**
   * @return the document after the last step; the given one may have been changed
   * @throws PluginCallException REFUSED with the step that cannot be done
   */
  JsonNode apply(ArrayNode steps, JsonNode document) throws PluginCallException {
    return new Run("", 0, document).all(steps);
  }

  private void spend(int work) throws PluginCallException {
    deadline.check();
    left -= work;
    if (left < 0) {
      throw Refusals.refused(
          "too_much_work", "The steps are too much work for this document: split it");
    }
  }

  /** How many values there are, the document itself being one. */
  private static int count(JsonNode node) {
    int count = 1;
    for (JsonNode child : node) {
      count += count(child);
    }
    return count;
  }

  private static int height(JsonNode node) {
    int highest = 0;
    for (JsonNode child : node) {
      highest = Math.max(highest, height(child));
    }
    return node.isContainerNode() ? highest + 1 : 0;
  }

  /** Steps over one document, or over one part of it. */
  private final class Run {

    private final String label;
    private final int depth;
    private JsonNode document;
    private String step = "";

    /**
     * @param label of the step that this run belongs to, with a dot; empty for the first
     * @param depth how deep the document lies in the one that comes out
     */
    Run(String label, int depth, JsonNode document) {
      this.label = label;
      this.depth = depth;
      this.document = document;
    }

    JsonNode all(ArrayNode steps) throws PluginCallException {
      int number = 0;
      for (JsonNode each : steps) {
        step = label + ++number;
        spend(1);
        if (!each.isObject()) {
          throw bad("a step is an object with op");
        }
        one((ObjectNode) each);
      }
      return document;
    }

    private void one(ObjectNode each) throws PluginCallException {
      String op = text(each, "op");
      switch (op) {
        case "add" -> add(pointer(each, "path"), copy(value(each)));
        case "remove" -> remove(pointer(each, "path"));
        case "replace" -> replace(pointer(each, "path"), copy(value(each)));
        case "copy" -> add(pointer(each, "path"), copy(at(pointer(each, "from"))));
        case "move" -> move(pointer(each, "from"), pointer(each, "path"));
        case "test" -> test(pointer(each, "path"), value(each));
        case "select" -> select(pointer(each, "path"), each.get("default"));
        case "rename" -> rename(pointer(each, "path"), text(each, "to"));
        case "keep" -> keep(optional(each, "path"), list(each, "names"));
        case "merge" -> merge(optional(each, "path"), value(each));
        case "build" -> build(each.get("members"));
        case "each" -> each(optional(each, "path"), list(each, "steps"));
        default ->
            throw bad(
                "op is one of add, remove, replace, copy, move, test, select, rename, keep, merge,"
                    + " build, each");
      }
    }

    private PluginCallException bad(String why) {
      return Refusals.refused("bad_step", "Step " + step + ": " + why);
    }

    private PluginCallException nothing(JsonPointer path) {
      return Refusals.refused("no_such_path", "Step " + step + ": there is no " + path);
    }

    private String text(ObjectNode each, String name) throws PluginCallException {
      JsonNode text = each.path(name);
      if (!text.isTextual()) {
        throw bad(name + " has to be a text");
      }
      return text.textValue();
    }

    private JsonNode value(ObjectNode each) throws PluginCallException {
      if (!each.has("value")) {
        throw bad("value has to be there");
      }
      return each.get("value");
    }

    private ArrayNode list(ObjectNode each, String name) throws PluginCallException {
      if (each.get(name) instanceof ArrayNode list) {
        return list;
      }
      throw bad(name + " has to be a list");
    }

    private JsonPointer pointer(ObjectNode each, String name) throws PluginCallException {
      return pointer(name, text(each, name));
    }

    private JsonPointer pointer(String name, String text) throws PluginCallException {
      try {
        return JsonPointer.compile(text);
      } catch (IllegalArgumentException e) {
        throw bad(name + " has to be a JSON Pointer such as /items/0/name");
      }
    }

    private JsonPointer optional(ObjectNode each, String name) throws PluginCallException {
      return each.has(name) ? pointer(each, name) : JsonPointer.empty();
    }

    private JsonNode at(JsonPointer path) throws PluginCallException {
      JsonNode found = document.at(path);
      if (found.isMissingNode()) {
        throw nothing(path);
      }
      return found;
    }

    private JsonNode copy(JsonNode value) throws PluginCallException {
      spend(count(value));
      return value.deepCopy();
    }

    private void fit(JsonPointer path, JsonNode value) throws PluginCallException {
      int levels = 0;
      for (JsonPointer part = path; !part.matches(); part = part.tail()) {
        levels++;
      }
      if (depth + levels + height(value) > Builtins.MAX_DEPTH) {
        throw Refusals.refused(
            "too_deep", "Step " + step + ": the document would be deeper than 64 levels");
      }
    }

    private void add(JsonPointer path, JsonNode value) throws PluginCallException {
      fit(path, value);
      if (path.matches()) {
        document = value;
        return;
      }
      JsonNode parent = at(path.head());
      String name = path.last().getMatchingProperty();
      if (parent instanceof ObjectNode object) {
        object.set(name, value);
      } else if (parent instanceof ArrayNode list) {
        list.insert(name.equals("-") ? list.size() : index(path, list.size()), value);
      } else {
        throw nothing(path);
      }
    }

    /**
     * @param last the highest that there is
     */
    private int index(JsonPointer path, int last) throws PluginCallException {
      String name = path.last().getMatchingProperty();
      if (!name.matches("0|[1-9]\\d{0,8}") || Integer.parseInt(name) > last) {
        throw nothing(path);
      }
      return Integer.parseInt(name);
    }

    private JsonNode remove(JsonPointer path) throws PluginCallException {
      JsonNode removed = at(path);
      if (path.matches()) {
        document = Builtins.JSON.nullNode();
      } else if (at(path.head()) instanceof ArrayNode list) {
        list.remove(index(path, list.size() - 1));
      } else {
        ((ObjectNode) at(path.head())).remove(path.last().getMatchingProperty());
      }
      return removed;
    }

    private void replace(JsonPointer path, JsonNode value) throws PluginCallException {
      at(path);
      fit(path, value);
      if (path.matches()) {
        document = value;
      } else if (at(path.head()) instanceof ArrayNode list) {
        list.set(index(path, list.size() - 1), value);
      } else {
        ((ObjectNode) at(path.head())).set(path.last().getMatchingProperty(), value);
      }
    }

    private void move(JsonPointer from, JsonPointer to) throws PluginCallException {
      if ((to + "/").startsWith(from + "/") && !to.equals(from)) {
        throw bad("nothing moves into itself");
      }
      at(from);
      if (!to.equals(from)) {
        add(to, remove(from));
      }
    }

    private void test(JsonPointer path, JsonNode value) throws PluginCallException {
      spend(count(value));
      if (!at(path).equals(value)) {
        throw Refusals.refused(
            "test_failed", "Step " + step + ": at " + path + " there is another value");
      }
    }

    private void select(JsonPointer path, JsonNode otherwise) throws PluginCallException {
      JsonNode found = document.at(path);
      if (!found.isMissingNode()) {
        document = found;
      } else if (otherwise != null) {
        document = copy(otherwise);
        fit(JsonPointer.empty(), document);
      } else {
        throw nothing(path);
      }
    }

    /** The member stays where it is among the others. */
    private void rename(JsonPointer path, String to) throws PluginCallException {
      at(path);
      if (path.matches() || !(at(path.head()) instanceof ObjectNode object)) {
        throw bad("only a member of an object has a name");
      }
      String from = path.last().getMatchingProperty();
      if (!to.equals(from) && object.has(to)) {
        throw bad("there already is a member of the new name");
      }
      spend(object.size());
      ObjectNode renamed = Builtins.JSON.createObjectNode();
      object
          .properties()
          .forEach(
              member ->
                  renamed.set(
                      member.getKey().equals(from) ? to : member.getKey(), member.getValue()));
      object.removeAll();
      object.setAll(renamed);
    }

    private void keep(JsonPointer path, ArrayNode names) throws PluginCallException {
      if (!(at(path) instanceof ObjectNode object)) {
        throw bad("only an object has members to keep");
      }
      spend(object.size() + names.size());
      Set<String> kept = new LinkedHashSet<>();
      names.forEach(name -> kept.add(name.asText()));
      object.retain(kept);
    }

    /** RFC 7396: null removes. */
    private void merge(JsonPointer path, JsonNode patch) throws PluginCallException {
      JsonNode target = at(path);
      spend(count(patch));
      fit(path, patch);
      JsonNode merged = merged(target, patch);
      if (merged != target) {
        replace(path, merged);
      }
    }

    private static JsonNode merged(JsonNode target, JsonNode patch) {
      if (!(patch instanceof ObjectNode changes)) {
        return patch.deepCopy();
      }
      ObjectNode result =
          target instanceof ObjectNode object ? object : Builtins.JSON.createObjectNode();
      for (Map.Entry<String, JsonNode> change : changes.properties()) {
        if (change.getValue().isNull()) {
          result.remove(change.getKey());
        } else {
          result.set(change.getKey(), merged(result.path(change.getKey()), change.getValue()));
        }
      }
      return result;
    }

    private void build(JsonNode members) throws PluginCallException {
      if (!(members instanceof ObjectNode wanted)) {
        throw bad("members has to be an object of names and JSON Pointers");
      }
      ObjectNode built = Builtins.JSON.createObjectNode();
      for (Map.Entry<String, JsonNode> member : wanted.properties()) {
        JsonNode value =
            copy(at(pointer("members." + member.getKey(), member.getValue().asText("?"))));
        built.set(member.getKey(), value);
      }
      fit(JsonPointer.empty(), built);
      document = built;
    }

    private void each(JsonPointer path, ArrayNode steps) throws PluginCallException {
      if (!(at(path) instanceof ArrayNode list)) {
        throw bad("each goes over a list");
      }
      int levels = path.toString().length() - path.toString().replace("/", "").length() + 1;
      for (int i = 0; i < list.size(); i++) {
        spend(1);
        list.set(i, new Run(step + ".", depth + levels, list.get(i)).all(steps));
      }
    }
  }
}
