package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.mimir.pipeline.service.language.ContextCheck.Place;
import io.mimir.plugin.service.ConfigSchema;
import io.mimir.plugin.service.ConfigSchema.Violation;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Looks at values as far as they are known before a run, and at schemas themselves. */
final class SchemaCheck {

  /** Rules that say something about an object whatever the values of its members may be. */
  private static final Set<String> OF_NAMES =
      Set.of("required", "additionalProperties", "type", "minProperties", "maxProperties");

  private final ContextCheck context;

  SchemaCheck(ContextCheck context) {
    this.context = context;
  }

  private static final class Holder {
    private static final JsonSchema META =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(
                SchemaLocation.of(SchemaId.V202012), SchemaValidatorsConfig.builder().build());
  }

  /** Tells what keeps a text from being a JSON Schema. */
  boolean schema(JsonNode schema, Place place) {
    var broken = Holder.META.validate(schema);
    broken.stream()
        // One place breaks every alternative of a rule, and is told once.
        .collect(
            Collectors.toMap(
                message -> message.getInstanceLocation().toString(),
                ValidationMessage::getType,
                (one, other) -> one,
                TreeMap::new))
        .forEach(
            (at, rule) ->
                context.tell(
                    new Place(place.path() + at, place.step()),
                    "bad_schema",
                    "This is no JSON Schema: it breaks the rule \"" + rule + "\"."));
    if (!broken.isEmpty()) {
      return false;
    }
    try {
      ConfigSchema.of(schema.toString());
      return true;
    } catch (RuntimeException e) {
      // What the library throws at a pattern or a reference that it cannot use has no common type.
      context.tell(
          place,
          "bad_schema",
          "This schema cannot be used: it may refer to nothing but its own parts, and its patterns"
              + " have to be regular expressions.");
      return false;
    }
  }

  /**
   * Tells where a value template cannot fit a schema, whatever comes in by the way.
   *
   * @param schema null for any object
   * @param whose what has the schema, such as {@code http_input.fetch}
   */
  void fits(ObjectNode template, JsonNode schema, String whose, Place place) {
    if (schema == null || Values.special(template) != null) {
      return;
    }
    Set<String> open = new HashSet<>();
    Set<String> texts = new HashSet<>();
    JsonNode value = known(template, "", open, texts);
    ConfigSchema compiled;
    try {
      compiled = ConfigSchema.of(schema.toString());
    } catch (RuntimeException e) {
      // A plugin's schema that cannot be used is the plugin's affair, and told when it is called.
      return;
    }
    for (Violation violation : compiled.violations(value)) {
      if (counts(violation, open, texts)) {
        tell(violation, whose, place, texts);
      }
    }
  }

  /** The value with its literals put in; what only a run can tell is noted, and stands for null. */
  private static JsonNode known(JsonNode template, String at, Set<String> open, Set<String> texts) {
    if (template.isTextual() && Texts.isTemplate(template.textValue())) {
      texts.add(at);
      return template;
    }
    if (template instanceof ArrayNode list) {
      ArrayNode copy = Values.JSON.createArrayNode();
      for (int i = 0; i < list.size(); i++) {
        copy.add(known(list.get(i), at + "/" + i, open, texts));
      }
      return copy;
    }
    if (!(template instanceof ObjectNode object)) {
      return template;
    }
    String special = Values.special(object);
    if (special != null) {
      if (special.equals(Values.LITERAL)) {
        return object.get(special);
      }
      open.add(at);
      return Values.JSON.nullNode();
    }
    ObjectNode copy = Values.JSON.createObjectNode();
    for (var member : object.properties()) {
      String name = member.getKey();
      copy.set(name, known(member.getValue(), Fields.pointer(at, name), open, texts));
    }
    return copy;
  }

  private static boolean counts(Violation violation, Set<String> open, Set<String> texts) {
    String at = violation.pointer();
    if (open.contains(at)) {
      return false;
    }
    if (texts.contains(at)) {
      return violation.rule().equals("type");
    }
    boolean holdsOpen =
        open.stream().anyMatch(each -> each.startsWith(at + "/"))
            || texts.stream().anyMatch(each -> each.startsWith(at + "/"));
    return !holdsOpen || OF_NAMES.contains(violation.rule());
  }

  private void tell(Violation violation, String whose, Place place, Set<String> texts) {
    Place at = new Place(place.path() + violation.pointer(), place.step());
    switch (violation.rule()) {
      case "required" ->
          context.tell(
              at, "missing", whose + " needs " + Fields.shown(violation.member()) + ". Set it.");
      case "additionalProperties", "unevaluatedProperties" ->
          context.tell(
              violation.member() == null ? at : at.in(violation.member()),
              "unknown_member",
              whose
                  + " does not take "
                  + Fields.shown(String.valueOf(violation.member()))
                  + ". Take it out.");
      case "type" ->
          context.tell(
              at,
              "wrong_type",
              violation.sentence()
                  + (texts.contains(violation.pointer())
                      ? ", and a text with {{ }} is always a text. Take the value with $pointer or"
                          + " $cel."
                      : "."));
      default -> context.tell(at, "does_not_fit", violation.sentence() + ".");
    }
  }
}
