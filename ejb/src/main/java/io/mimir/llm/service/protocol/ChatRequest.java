package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.WireProtocol;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a model is asked, in no protocol's words. A reader fills it from a client's body, or {@link
 * #conversation} from within this server; a writer says it in a provider's protocol and leaves it
 * unchanged, so that several providers can be asked in turn.
 */
public final class ChatRequest {

  final List<Turn> turns = new ArrayList<>();
  final List<Tool> tools = new ArrayList<>();
  final Map<Param, Param.Given> params = new EnumMap<>(Param.class);
  ToolChoice toolChoice = ToolChoice.UNSAID;

  /** Null for plain text. */
  Format format;

  /** How much the model is to think; null where nothing was said. */
  Thinking thinking;

  /** Null where nothing was said. */
  Verbosity verbosity;

  boolean streamed;

  /** What the client's protocol wants to have repeated in the answer; null where it does not. */
  ObjectNode echo;

  /** The client's own tools by the names of their functions; null where they have no others. */
  ClientTools clientTools;

  /** The account that may refer to parts of the answer; null where all is sent again. */
  String referringAccount;

  /** Whether the client wants to be told the usage at the end of a stream. */
  boolean usageAsked;

  /** Whether the client knows functions only, as OpenAI had them before tools. */
  boolean hasLegacyFunctions;

  /** Whether the client can take thoughts in the answer, as its protocol has them. */
  boolean thoughtsShown = true;

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
  sealed interface Part permits Text, Image, Document, Thought, ToolCall, ToolResult, CacheMark {}

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
   * @param detail how closely OpenAI's models are to look at it; null where nothing was said
   */
  record Image(String field, String mediaType, String base64, String url, String detail)
      implements Part {

    Image(String field, String mediaType, String base64, String url) {
      this(field, mediaType, base64, url, null);
    }
  }

  /**
   * A file, either sent along or pointed at.
   *
   * @param name null where it has none
   * @param base64 null where there is a URL
   */
  record Document(String field, String name, String mediaType, String base64, String url)
      implements Part {}

  /**
   * What the model thought in an earlier turn.
   *
   * @param text may be empty
   * @param handle what the provider wants to have back; null where there is none
   */
  record Thought(String field, String text, String handle) implements Part {}

  /**
   * @param arguments the text of a JSON object
   */
  record ToolCall(String id, String name, String arguments) implements Part {}

  /**
   * @param content texts, images and documents
   */
  record ToolResult(String field, String id, List<Part> content, boolean failed) implements Part {}

  /** Says that a prompt cache may end after the piece before this one. */
  record CacheMark(String field, ObjectNode control) implements Part {}

  /**
   * A function that the model may ask to have called.
   *
   * @param field where it stands in the client's body
   * @param description null where there is none
   * @param schema of its arguments
   * @param strict null where nothing was said
   * @param cache null where no prompt cache ends here
   * @param isFreeForm whether the client's tool takes a text: its function has one argument {@code
   *     input} then
   */
  record Tool(
      String field,
      String name,
      String description,
      ObjectNode schema,
      Boolean strict,
      ObjectNode cache,
      boolean isFreeForm) {

    Tool(String field, String name, String description, ObjectNode schema, Boolean strict) {
      this(field, name, description, schema, strict, null, false);
    }

    /** A tool that takes a text, as a function with one argument. */
    static Tool freeForm(String field, String name, String description) {
      ObjectNode schema = Json.object().put("type", "object");
      schema.putObject("properties").putObject("input").put("type", "string");
      schema.putArray("required").add("input");
      schema.put("additionalProperties", false);
      return new Tool(field, name, description, schema, null, null, true);
    }
  }

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

    /** Whether some tool has to be called. */
    boolean isRequired() {
      return mode == Mode.ANY || mode == Mode.ONE;
    }
  }

  /**
   * JSON instead of plain text.
   *
   * @param field what the client calls it
   * @param schema null for any JSON object
   * @param isStrict whether the client relies on the schema, and not only hopes for it
   */
  record Format(String field, ObjectNode schema, boolean isStrict) {}

  /**
   * How many words an answer has.
   *
   * @param level {@code low}, {@code medium} or {@code high}
   */
  record Verbosity(String field, String level) {}

  /** Whether there is a tool of this name that takes a text instead of arguments. */
  boolean isFreeForm(String toolName) {
    return tools.stream().anyMatch(tool -> tool.isFreeForm() && tool.name().equals(toolName));
  }

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

  /** Whether the model is to go on with words that were put into its mouth. */
  boolean endsWithAssistant() {
    return !turns.isEmpty() && turns.get(turns.size() - 1).role() == Role.ASSISTANT;
  }

  /** What no provider can answer, whatever it speaks. */
  void check(ProtocolPair pair) {
    if (turns.stream().allMatch(turn -> turn.role() == Role.SYSTEM)) {
      String field = pair.client() == WireProtocol.OPENAI_RESPONSES ? "input" : "messages";
      throw pair.invalid(field, "must hold something that the user says");
    }
  }

  /** Begins a plain conversation, for callers within this server. */
  public static Conversation conversation() {
    return new Conversation();
  }

  /** Collects a plain conversation, in the order in which it was held. */
  public static final class Conversation {

    private final ChatRequest request = new ChatRequest();

    private Conversation() {}

    /** Adds what the system says; null or blank adds nothing. */
    public Conversation system(String text) {
      return say(Role.SYSTEM, text == null || text.isBlank() ? null : text);
    }

    public Conversation user(String text) {
      return say(Role.USER, text);
    }

    public Conversation assistant(String text) {
      return say(Role.ASSISTANT, text);
    }

    private Conversation say(Role role, String text) {
      List<Part> parts = new ArrayList<>();
      Text.add(parts, text);
      request.add(field(), role, parts);
      return this;
    }

    /**
     * @param tokens the most that the answer may have; null for the default
     */
    public Conversation maxTokens(Integer tokens) {
      if (tokens != null) {
        request.params.put(
            Param.MAX_TOKENS, new Param.Given("max_tokens", IntNode.valueOf(tokens)));
      }
      return this;
    }

    /** Adds what the assistant said and wanted to have called. */
    public Conversation assistant(String text, List<io.mimir.llm.ToolCall> calls) {
      List<Part> parts = new ArrayList<>();
      Text.add(parts, text);
      for (io.mimir.llm.ToolCall call : calls) {
        parts.add(new ToolCall(call.id(), call.name(), call.arguments()));
      }
      request.add(field(), Role.ASSISTANT, parts);
      return this;
    }

    /** Adds what a tool gave; results that follow one another are one turn. */
    public Conversation toolResult(String callId, String text) {
      List<Part> content = new ArrayList<>();
      Text.add(content, text);
      Part result = new ToolResult(field(), callId, content, false);
      Turn last = request.turns.get(request.turns.size() - 1);
      if (last.role() == Role.USER
          && last.parts().stream().allMatch(ToolResult.class::isInstance)) {
        last.parts().add(result);
      } else {
        request.add(field(), Role.USER, new ArrayList<>(List.of(result)));
      }
      return this;
    }

    private String field() {
      return "messages[" + request.turns.size() + "]";
    }

    /**
     * Offers a tool.
     *
     * @param schema JSON Schema of its arguments, as text
     */
    public Conversation tool(String name, String description, String schema) {
      String field = "tools[" + request.tools.size() + "]";
      request.tools.add(new Tool(field, name, description, Json.objectIn(schema), null));
      return this;
    }

    /**
     * Asks for JSON of a form; null asks for plain text.
     *
     * @param schema JSON Schema, as text
     */
    public Conversation answer(String schema) {
      request.format = schema == null ? null : new Format("answer", Json.objectIn(schema), false);
      return this;
    }

    /** Whether the answer is to come piece by piece. */
    public Conversation streamed(boolean streamed) {
      request.streamed = streamed;
      return this;
    }

    public ChatRequest build() {
      return request;
    }
  }
}
