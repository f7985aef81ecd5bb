package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a client asks, in no protocol's words. A reader fills it; a writer empties it. */
final class ChatRequest {

  final List<Turn> turns = new ArrayList<>();
  final List<Tool> tools = new ArrayList<>();
  final Map<Param, Param.Given> params = new EnumMap<>(Param.class);
  ToolChoice toolChoice = ToolChoice.UNSAID;

  /** Null for plain text. */
  Format format;

  boolean streamed;

  /** What the client's protocol wants to have repeated in the answer; null where it does not. */
  ObjectNode echo;

  /** Whether the client wants to be told the usage at the end of a stream. */
  boolean usageAsked;

  enum Role {
    SYSTEM,
    USER,
    ASSISTANT
  }

  /**
   * What one side said at once. Results of tools belong to the user's side.
   *
   * @param field where it stands in the client's body
   */
  record Turn(String field, Role role, List<Part> parts) {}

  /** A piece of a turn. */
  sealed interface Part permits Text, Image, ToolCall, ToolResult {}

  record Text(String text) implements Part {

    /** Adds a text unless it is null or empty. */
    static void add(List<Part> parts, String text) {
      if (text != null && !text.isEmpty()) {
        parts.add(new Text(text));
      }
    }
  }

  /**
   * A picture, either sent along or pointed at.
   *
   * @param base64 null where there is a URL
   */
  record Image(String field, String mediaType, String base64, String url) implements Part {}

  /**
   * @param arguments the text of a JSON object
   */
  record ToolCall(String id, String name, String arguments) implements Part {}

  /**
   * @param content texts and images
   */
  record ToolResult(String field, String id, List<Part> content, boolean failed) implements Part {}

  /**
   * A function that the model may ask to have called.
   *
   * @param description null where there is none
   * @param schema of its arguments
   * @param strict null where nothing was said
   */
  record Tool(String name, String description, ObjectNode schema, Boolean strict) {}

  /**
   * Which tools the model may or has to use.
   *
   * @param name the one tool, where the mode is ONE
   * @param alone whether it may ask for one call only
   */
  record ToolChoice(Mode mode, String name, boolean alone) {

    static final ToolChoice UNSAID = new ToolChoice(Mode.UNSAID, null, false);

    enum Mode {
      UNSAID,
      AUTO,
      NONE,
      ANY,
      ONE
    }

    ToolChoice with(boolean oneCallOnly) {
      return new ToolChoice(mode, name, oneCallOnly);
    }
  }

  /**
   * JSON instead of plain text.
   *
   * @param field what the client calls it
   * @param schema null for any JSON object
   */
  record Format(String field, ObjectNode schema) {}

  /** Adds a turn unless it holds nothing. What the model said in a row belongs together. */
  void add(String field, Role role, List<Part> parts) {
    if (parts.isEmpty()) {
      return;
    }
    Turn last = turns.isEmpty() ? null : turns.get(turns.size() - 1);
    if (last != null && role == Role.ASSISTANT && last.role() == role) {
      last.parts().addAll(parts);
    } else {
      turns.add(new Turn(field, role, new ArrayList<>(parts)));
    }
  }

  /** What no provider can answer, whatever it speaks. */
  void check(ProtocolPair pair) {
    Turn last = turns.isEmpty() ? null : turns.get(turns.size() - 1);
    if (turns.stream().allMatch(turn -> turn.role() == Role.SYSTEM)) {
      String field = pair.client() == WireProtocol.OPENAI_RESPONSES ? "input" : "messages";
      throw pair.invalid(field, "must hold something that the user says");
    }
    if (last.role() == Role.ASSISTANT) {
      throw pair.refused(last.field(), "end with a message of the user's or a tool's");
    }
  }
}
