package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.CacheMark;
import io.mimir.llm.service.protocol.ChatRequest.Document;
import io.mimir.llm.service.protocol.ChatRequest.Image;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import io.mimir.llm.service.protocol.ChatRequest.Turn;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** Writes the system prompt and the messages of Anthropic's messages. */
final class AnthropicMessageWriter {

  private static final Set<String> IMAGE_TYPES =
      Set.of("image/png", "image/jpeg", "image/gif", "image/webp");

  /** Anthropic takes no more. */
  private static final int MAX_CACHE_MARKS = 4;

  private static final String BEGIN = "(The conversation begins with the assistant.)";
  private static final String GO_ON =
      "Go on with your last message exactly where it ends. Repeat nothing of it.";

  private final ProtocolPair pair;
  private final UpstreamOptions options;
  private final ToolNames names;
  private int cacheMarks;
  private boolean thoughtsInLoop = true;

  AnthropicMessageWriter(ProtocolPair pair, UpstreamOptions options, ToolNames names) {
    this.pair = pair;
    this.options = options;
    this.names = names;
  }

  /** What the system says in the middle goes before all messages. */
  void write(List<Turn> turns, boolean goOn, ObjectNode body) {
    ArrayNode system = Json.MAPPER.createArrayNode();
    ArrayNode messages = Json.MAPPER.createArrayNode();
    Role before = null;
    ArrayNode content = null;
    for (Turn turn : turns) {
      if (turn.role() == Role.SYSTEM) {
        said(turn, system);
        continue;
      }
      if (turn.role() != before) {
        if (before == null && turn.role() == Role.ASSISTANT) {
          pair.replace(turn.field(), "instruction", "begin with a message of the user's");
          text(BEGIN, message("user", messages));
        }
        before = turn.role();
        content = message(before == Role.USER ? "user" : "assistant", messages);
      }
      said(turn, content);
    }
    if (goOn) {
      Turn last = turns.get(turns.size() - 1);
      pair.replace(last.field(), "instruction", "end with a message of the user's or a tool's");
      text(GO_ON, message("user", messages));
    }
    finish(messages);
    if (!system.isEmpty()) {
      body.set("system", system);
    }
    body.set("messages", messages);
  }

  private static ArrayNode message(String role, ArrayNode messages) {
    return messages.addObject().put("role", role).putArray("content");
  }

  private static void text(String text, ArrayNode content) {
    content.addObject().put("type", "text").put("text", text);
  }

  /** Adds a sentence of our own to the system prompt. */
  void instruct(String sentence, ObjectNode body) {
    text(sentence, body.withArray("system"));
  }

  /**
   * Anthropic refuses messages without content, and white space at the end of its own last words.
   */
  private void finish(ArrayNode messages) {
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i).path("content").isEmpty()) {
        messages.remove(i);
      }
    }
    if (messages.isEmpty()) {
      throw pair.invalid("messages", "must hold something that the user says");
    }
    int last = messages.size() - 1;
    ArrayNode content = (ArrayNode) messages.get(last).path("content");
    if (messages.get(last).path("role").asText().equals("assistant")) {
      ObjectNode end = (ObjectNode) content.get(content.size() - 1);
      if (end.path("type").asText().equals("text")) {
        end.put("text", end.path("text").asText().stripTrailing());
      }
    }
    thoughtsInLoop = thoughtsInLoop(messages);
  }

  /** Looks back to the last message that the user has written, in which the loop began. */
  private static boolean thoughtsInLoop(ArrayNode messages) {
    for (int i = messages.size() - 1; i >= 0; i--) {
      JsonNode content = messages.get(i).path("content");
      if (messages.get(i).path("role").asText().equals("user")) {
        if (!holds(content, "tool_result")) {
          return true;
        }
      } else if (holds(content, "tool_use")
          && !content.path(0).path("type").asText().endsWith("thinking")) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(JsonNode content, String type) {
    for (JsonNode block : content) {
      if (block.path("type").asText().equals(type)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the model sees what it thought before each call of the present loop of tools. */
  boolean hasThoughtsInLoop() {
    return thoughtsInLoop;
  }

  private void said(Turn turn, ArrayNode content) {
    for (Part part : turn.parts()) {
      boolean mark = part instanceof CacheMark;
      if (turn.role() == Role.SYSTEM && !mark && !(part instanceof Text)) {
        throw pair.refused(turn.field(), "let the system say texts only");
      }
      piece(part, content);
    }
  }

  private void piece(Part part, ArrayNode content) {
    if (part instanceof Text text) {
      if (!text.text().isBlank()) {
        text(text.text(), content);
      }
    } else if (part instanceof Image image) {
      content.add(image(image));
    } else if (part instanceof Document document) {
      content.add(document(document));
    } else if (part instanceof ToolCall call) {
      ObjectNode block = content.addObject().put("type", "tool_use").put("id", names.id(call.id()));
      block.put("name", names.name(call.name())).set("input", Json.objectIn(call.arguments()));
    } else if (part instanceof ToolResult result) {
      result(result, content);
    } else if (part instanceof Thought thought) {
      thought(thought, content);
    } else if (part instanceof CacheMark mark) {
      mark(mark, content);
    }
  }

  private void result(ToolResult result, ArrayNode content) {
    ObjectNode block = content.addObject().put("type", "tool_result");
    ArrayNode pieces = block.put("tool_use_id", names.id(result.id())).putArray("content");
    if (result.failed()) {
      block.put("is_error", true);
    }
    for (Part piece : result.content()) {
      // Within a result, the mark belongs to the result.
      if (piece instanceof CacheMark mark) {
        mark(mark, block);
      } else {
        piece(piece, pieces);
      }
    }
  }

  private void thought(Thought thought, ArrayNode content) {
    ObjectNode seal = ThoughtHandle.open(thought.handle(), options);
    if (seal == null || !seal.path("type").asText().endsWith("thinking")) {
      pair.leaveOut(thought.field());
    } else {
      content.add(seal);
    }
  }

  private void mark(CacheMark mark, ArrayNode content) {
    if (content.isEmpty()) {
      pair.leaveOut(mark.field());
    } else {
      mark(mark, (ObjectNode) content.get(content.size() - 1));
    }
  }

  private void mark(CacheMark mark, ObjectNode block) {
    if (block.path("type").asText().endsWith("thinking") || !takesMark()) {
      pair.leaveOut(mark.field());
    } else {
      block.set("cache_control", mark.control());
    }
  }

  /** Whether one more place can be marked, which is counted. */
  boolean takesMark() {
    return cacheMarks++ < MAX_CACHE_MARKS;
  }

  private ObjectNode image(Image image) {
    ObjectNode block = Json.object().put("type", "image");
    if (image.detail() != null) {
      pair.leaveOut(image.field() + ".detail");
    }
    if (image.url() != null) {
      block.putObject("source").put("type", "url").put("url", image.url());
      return block;
    }
    if (!IMAGE_TYPES.contains(image.mediaType())) {
      throw pair.refused(image.field(), "send PNG, JPEG, GIF or WebP");
    }
    sent(block.putObject("source"), image.mediaType(), image.base64());
    return block;
  }

  private static void sent(ObjectNode source, String mediaType, String base64) {
    source.put("type", "base64").put("media_type", mediaType).put("data", base64);
  }

  private ObjectNode document(Document document) {
    ObjectNode block = Json.object().put("type", "document");
    ObjectNode source = block.putObject("source");
    if (document.url() != null) {
      source.put("type", "url").put("url", document.url());
    } else if (document.mediaType().equals("application/pdf")) {
      sent(source, document.mediaType(), document.base64());
    } else if (document.mediaType().startsWith("text/")) {
      source.put("type", "text").put("media_type", "text/plain").put("data", plain(document));
    } else {
      throw pair.refused(document.field(), "send a PDF or a text");
    }
    if (document.name() != null) {
      block.put("title", document.name());
    }
    return block;
  }

  private String plain(Document document) {
    try {
      return new String(Base64.getDecoder().decode(document.base64()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw pair.invalid(document.field(), "must be base64");
    }
  }
}
