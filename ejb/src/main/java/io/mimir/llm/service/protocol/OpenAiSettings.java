package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What OpenAI's two protocols have in common about settings, tools and formats. Where a value
 * stands is a matter of each.
 */
final class OpenAiSettings {

  /** Settings that models which reason refuse to have changed. */
  private static final Set<Param> SAMPLING = EnumSet.of(Param.TEMPERATURE, Param.TOP_P);

  private static final Set<Param> PENALTIES =
      EnumSet.of(Param.FREQUENCY_PENALTY, Param.PRESENCE_PENALTY);

  /** OpenAI wants a name for a schema; it is a label only. */
  private static final String SCHEMA_NAME = "answer";

  private final ProtocolPair pair;
  private final OpenAiModel model;
  private final ToolNames names;

  OpenAiSettings(ProtocolPair pair, OpenAiModel model, ToolNames names) {
    this.pair = pair;
    this.model = model;
    this.names = names;
  }

  /**
   * The limit as the model takes it. Agents ask for the most that another provider's model gives,
   * or for one token as a trial.
   */
  JsonNode limit(Param.Given given, int least) {
    long asked = given.value().asLong();
    int most = model.maxOutputTokens();
    if (most > 0 && asked > most) {
      return limit(given, most, "ask for at most " + most + " tokens");
    }
    if (asked > 0 && asked < least) {
      return limit(given, least, "ask for at least " + least + " tokens");
    }
    return given.value();
  }

  private JsonNode limit(Param.Given given, int tokens, String instead) {
    pair.replace(given.field(), String.valueOf(tokens), instead);
    return IntNode.valueOf(tokens);
  }

  /** Whether this is a setting that the model refuses to have changed. */
  boolean isFixed(Param param) {
    return SAMPLING.contains(param) && !model.takesSampling();
  }

  /** Leaves a setting out, and names it unless it says what holds anyway. */
  void leaveOut(Param param, Param.Given given) {
    double value = given.value().asDouble();
    boolean harmless =
        SAMPLING.contains(param) && value == 1 || PENALTIES.contains(param) && value == 0;
    if (!harmless) {
      pair.leaveOut(given.field());
    }
  }

  /**
   * The word for how much the model is to think. Some models think unless they are told not to, and
   * others only when they are told to: a wish is said in either case, one without an effort as a
   * medium one.
   *
   * @return null where nothing is to be said
   */
  String effort(Thinking thinking) {
    if (thinking == null || thinking.isOff() && model.neverThinks()) {
      return null;
    }
    Thinking.Effort asked = thinking.nearestEffort();
    Thinking.Effort wanted = asked == null ? Thinking.Effort.MEDIUM : asked;
    Thinking.Effort said = model.effort(wanted);
    if (said == null) {
      pair.leaveOut(thinking.field());
      return null;
    }
    if (said != wanted) {
      pair.replace(thinking.field(), said.word(), "ask for " + said.word());
    }
    return said.word();
  }

  /**
   * The word for how many words an answer has.
   *
   * @return null where nothing is to be said
   */
  String verbosity(ChatRequest.Verbosity verbosity) {
    if (verbosity == null) {
      return null;
    }
    if (model.takesVerbosity()) {
      return verbosity.level();
    }
    if (!verbosity.level().equals("medium")) {
      pair.leaveOut(verbosity.field());
    }
    return null;
  }

  /** Whether there are tools to be offered. */
  boolean offersTools(ChatRequest request) {
    if (request.tools.isEmpty() && request.toolChoice.isRequired()) {
      throw pair.invalid("tool_choice", "must name one of the tools, and there are none");
    }
    return !request.tools.isEmpty();
  }

  /** Writes what a function is; strict where the model is to be, and can be, held to it. */
  void function(Tool tool, ObjectNode function) {
    function.put("name", names.name(tool.name()));
    if (tool.description() != null) {
      function.put("description", tool.description());
    }
    if (tool.cache() != null) {
      pair.leaveOut(tool.field() + ".cache_control");
    }
    ObjectNode schema = tool.schema();
    if (Boolean.TRUE.equals(tool.strict())) {
      // Other protocols hold a model to schemas that OpenAI does not take.
      ObjectNode closed = StrictSchema.closed(schema);
      if (StrictSchema.isStrict(closed)) {
        schema = closed;
        function.put("strict", true);
      } else {
        pair.leaveOut(tool.field() + ".strict");
      }
    }
    function.set("parameters", schema);
  }

  /**
   * The word for a choice of tools; null where nothing is to be said, since the provider's default
   * is the same everywhere, and where one function is to be named.
   */
  static String word(ToolChoice.Mode mode) {
    return switch (mode) {
      case AUTO -> "auto";
      case NONE -> "none";
      case ANY -> "required";
      case ONE, UNSAID -> null;
    };
  }

  /**
   * Whether nothing that is said has the word JSON, without which OpenAI refuses to answer with it;
   * that it has to be said for the client is named.
   */
  static boolean lacksJson(ArrayNode said, ProtocolPair pair, String field) {
    boolean lacks = !said.toString().toLowerCase(Locale.ROOT).contains("json");
    if (lacks) {
      pair.replace(field, "instruction", "say in a message that the answer is to be JSON");
    }
    return lacks;
  }

  /** Writes the name, the strictness and the schema of a format that has one. */
  void schema(Format format, ObjectNode named) {
    ObjectNode schema = StrictSchema.closed(format.schema());
    boolean strict = StrictSchema.isStrict(schema);
    if (format.isStrict() && !strict && model.isOwn()) {
      throw pair.refused(
          format.field(), "let each object require all of its properties and allow no others");
    }
    strict |= format.isStrict();
    named.put("name", SCHEMA_NAME).put("strict", strict);
    named.set("schema", strict ? schema : format.schema());
  }
}
