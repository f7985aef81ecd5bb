package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.CacheMark;
import io.mimir.llm.service.protocol.ChatRequest.Document;
import io.mimir.llm.service.protocol.ChatRequest.Image;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import io.mimir.llm.service.protocol.ChatRequest.Turn;
import java.util.ArrayList;
import java.util.List;

/** Writes the messages of OpenAI's chat completions. */
final class OpenAiChatMessageWriter {

  /** What a model is told that would answer its own last words otherwise. */
  static final String GO_ON =
      "Go on with the assistant's last message exactly where it ends. Repeat nothing of it.";

  /** The type of what a provider wants back in this protocol. */
  static final String SEAL = "openai_chat";

  private final ProtocolPair pair;
  private final UpstreamOptions options;
  private final ToolNames names;
  private final ArrayNode messages;

  OpenAiChatMessageWriter(
      ProtocolPair pair, UpstreamOptions options, ToolNames names, ArrayNode messages) {
    this.pair = pair;
    this.options = options;
    this.names = names;
    this.messages = messages;
  }

  /**
   * Results of tools are messages of their own here, and come right after what asked for them. They
   * hold texts only: what else they have follows in a message of the user's.
   */
  void turn(Turn turn) {
    List<Part> said = new ArrayList<>();
    List<Part> shown = new ArrayList<>();
    for (Part part : turn.parts()) {
      if (part instanceof ToolResult result) {
        result(result, shown);
      } else if (part instanceof CacheMark mark) {
        pair.leaveOut(mark.field());
      } else {
        said.add(part);
      }
    }
    said.addAll(0, shown);
    if (said.isEmpty()) {
      return;
    }
    switch (turn.role()) {
      case SYSTEM -> message("system", text(turn, said));
      case USER -> message("user", content(turn, said));
      case ASSISTANT -> answer(turn, said);
    }
  }

  private ObjectNode message(String role, JsonNode content) {
    ObjectNode message = messages.addObject().put("role", role);
    message.set("content", content);
    return message;
  }

  /** Tells a model to go on with its last words, which it would answer anew otherwise. */
  void goOn(String field) {
    pair.replace(field, "instruction", "end with a message of the user's or a tool's");
    message("system", Json.MAPPER.getNodeFactory().textNode(GO_ON));
  }

  /** Says the word JSON where no message does. */
  void sayJson(String field) {
    if (OpenAiSettings.lacksJson(messages, pair, field)) {
      ObjectNode said = Json.object().put("role", "system");
      messages.insert(0, said.put("content", JsonPromise.INSTRUCTION));
    }
  }

  private void result(ToolResult result, List<Part> shown) {
    StringBuilder text = new StringBuilder();
    List<Part> others = new ArrayList<>();
    for (Part part : result.content()) {
      if (part instanceof Text piece) {
        text.append(piece.text());
      } else if (part instanceof CacheMark mark) {
        pair.leaveOut(mark.field());
      } else {
        others.add(part);
      }
    }
    String id = names.id(result.id());
    if (!others.isEmpty()) {
      text.append(text.isEmpty() ? "" : "\n").append("(It has files, which follow.)");
      shown.add(new Text("Files of the result of " + id + ":"));
      shown.addAll(others);
    }
    messages
        .addObject()
        .put("role", "tool")
        .put("tool_call_id", id)
        .put("content", (result.failed() ? "Error: " : "") + text);
  }

  /** What the model said is one text here: its pieces belong together. */
  private void answer(Turn turn, List<Part> said) {
    StringBuilder text = new StringBuilder();
    ArrayNode calls = Json.MAPPER.createArrayNode();
    List<ObjectNode> seals = new ArrayList<>();
    for (Part part : said) {
      if (part instanceof ToolCall call) {
        ObjectNode item = calls.addObject().put("id", names.id(call.id())).put("type", "function");
        ObjectNode function = item.putObject("function").put("name", names.name(call.name()));
        function.put("arguments", call.arguments());
      } else if (part instanceof Text piece) {
        text.append(piece.text());
      } else if (part instanceof Thought thought) {
        ObjectNode seal = ThoughtHandle.open(thought.handle(), options);
        if (seal == null || !seal.path("type").asText().equals(SEAL)) {
          pair.leaveOut(thought.field());
        } else {
          seals.add(seal);
        }
      } else {
        throw pair.refused(turn.field(), "let the assistant say texts only");
      }
    }
    if (text.isEmpty() && calls.isEmpty() && seals.isEmpty()) {
      return;
    }
    ObjectNode message = messages.addObject().put("role", "assistant");
    message.put("content", text.isEmpty() && !calls.isEmpty() ? null : text.toString());
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
    seals.forEach(seal -> unseal(seal, message));
  }

  private void sign(JsonNode calls, ObjectNode seal) {
    for (JsonNode call : calls) {
      if (call.path("id").asText().equals(names.id(seal.path("call").asText()))) {
        ((ObjectNode) call).set("extra_content", seal.path("extra_content"));
      }
    }
  }

  /**
   * The provider gets its own words back under the name that it gave them. A handle comes from a
   * client, who may have written it: only what a handle of ours can hold is taken.
   */
  private void unseal(ObjectNode seal, ObjectNode message) {
    if (seal.path("extra_content").isObject()) {
      sign(message.path("tool_calls"), seal);
      return;
    }
    String field = seal.path("field").asText("");
    String text = seal.path("text").asText("");
    if (field.equals("thinking")) {
      ArrayNode content = Json.MAPPER.createArrayNode();
      ObjectNode thought = content.addObject().put("type", "thinking");
      thought.putArray("thinking").addObject().put("type", "text").put("text", text);
      if (message.path("content").isTextual()) {
        content.addObject().put("type", "text").set("text", message.get("content"));
      }
      message.set("content", content);
    } else if (OpenAiChatResponseReader.THOUGHTS.contains(field) && !text.isEmpty()) {
      message.put(field, message.path(field).asText("") + text);
    }
    if (seal.path("details") instanceof ArrayNode details && !details.isEmpty()) {
      message.withArray("reasoning_details").addAll(details);
    }
  }

  private JsonNode text(Turn turn, List<Part> said) {
    List<String> texts = new ArrayList<>();
    for (Part part : said) {
      if (!(part instanceof Text text)) {
        throw pair.refused(turn.field(), "let the system say texts only");
      }
      texts.add(text.text());
    }
    return Json.MAPPER.getNodeFactory().textNode(String.join("\n\n", texts));
  }

  /** Texts alone are one text, which every server understands; anything else is a list. */
  private JsonNode content(Turn turn, List<Part> said) {
    if (said.stream().allMatch(Text.class::isInstance)) {
      return text(turn, said);
    }
    ArrayNode content = Json.MAPPER.createArrayNode();
    for (Part part : said) {
      if (part instanceof Text text) {
        content.addObject().put("type", "text").put("text", text.text());
      } else if (part instanceof Image image) {
        ObjectNode url = content.addObject().put("type", "image_url").putObject("image_url");
        url.put("url", Images.url(image));
        if (image.detail() != null) {
          url.put("detail", image.detail());
        }
      } else if (part instanceof Document document) {
        document(document, content.addObject().put("type", "file").putObject("file"));
      } else {
        throw pair.invalid(turn.field(), "holds what its role cannot say");
      }
    }
    return content;
  }

  private void document(Document document, ObjectNode file) {
    if (document.base64() == null) {
      throw pair.refused(document.field(), "send the document as base64");
    }
    file.put("filename", document.name() == null ? "document.pdf" : document.name());
    file.put("file_data", "data:" + document.mediaType() + ";base64," + document.base64());
  }
}
