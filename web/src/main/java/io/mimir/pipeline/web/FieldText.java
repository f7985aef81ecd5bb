package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.web.Texts;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What stands in a field, and what it is in the definition. */
final class FieldText {

  private static final String POINTER = "$pointer";
  private static final String CEL = "$cel";

  private FieldText() {}

  /** That a field holds what cannot be kept. */
  static final class Unfit extends Exception {

    private static final long serialVersionUID = 1L;

    Unfit(String message) {
      super(message);
    }
  }

  /**
   * @param usual where nothing is there yet
   */
  static String mode(JsonNode value, String usual) {
    if (value.isMissingNode()) {
      return usual;
    }
    if (value.isTextual()) {
      return "text";
    }
    if (value.size() == 1 && value.path(POINTER).isTextual()) {
      return "pointer";
    }
    return value.size() == 1 && value.path(CEL).isTextual() ? "cel" : "json";
  }

  /** Returns what an input shows of a value; empty for one that is not there. */
  static String shown(FormField.Shape shape, String mode, JsonNode value) {
    if (value.isMissingNode()) {
      return "";
    }
    return switch (shape) {
      case VALUE ->
          switch (mode) {
            case "pointer" -> value.path(POINTER).asText();
            case "cel" -> value.path(CEL).asText();
            case "text" -> value.asText();
            default -> PrettyJson.of(value);
          };
      case JSON -> PrettyJson.of(value);
      case LIST -> String.join("\n", texts(value));
      case WAYS -> String.join("\n", names(value));
      default -> value.isContainerNode() ? PrettyJson.of(value) : value.asText();
    };
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(one -> texts.add(one.asText()));
    return texts;
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /**
   * Reads what was entered.
   *
   * @param old what was there before; missing for nothing
   * @return null for a field that is to be left out
   * @throws Unfit with a sentence in the language of the page
   */
  static JsonNode read(FormField field, String mode, String entered, JsonNode old) throws Unfit {
    String text = entered.replace("\r\n", "\n");
    if (text.isBlank()
        && !(field.required() && old.isTextual() && field.shape() != FormField.Shape.WAYS)) {
      return null;
    }
    return switch (field.shape()) {
      case LINE, CHOICE -> text(text.strip());
      case LINES -> text(text);
      case NUMBER -> number(text.strip());
      case JSON -> json(text);
      case LIST -> list(text);
      case WAYS -> ways(text, old);
      case VALUE ->
          switch (mode) {
            case "pointer" -> RunJson.object().put(POINTER, text.strip());
            case "cel" -> RunJson.object().put(CEL, text);
            case "json" -> json(text);
            default -> text(text);
          };
    };
  }

  private static JsonNode text(String text) {
    return RunJson.object().textNode(text);
  }

  private static JsonNode number(String text) throws Unfit {
    try {
      return RunJson.object().numberNode(new BigDecimal(text));
    } catch (NumberFormatException e) {
      throw new Unfit(Texts.of("pipeline.field.number.wrong"));
    }
  }

  private static JsonNode json(String text) throws Unfit {
    try {
      return RunJson.read(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new Unfit(Texts.of("pipeline.field.json.wrong"));
    }
  }

  private static ArrayNode list(String text) {
    ArrayNode list = RunJson.object().arrayNode();
    text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(list::add);
    return list;
  }

  /** Ways that stay keep their steps; one that is new begins with a step that does little. */
  private static ObjectNode ways(String text, JsonNode old) {
    ObjectNode ways = RunJson.object();
    text.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .forEach(
            name -> {
              if (old.has(name)) {
                ways.set(name, old.get(name));
              } else {
                ways.putArray(name).add(NewSteps.placeholder(name));
              }
            });
    return ways;
  }
}
