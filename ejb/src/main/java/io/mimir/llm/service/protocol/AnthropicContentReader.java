package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Document;
import io.mimir.llm.service.protocol.ChatRequest.Image;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import java.util.ArrayList;
import java.util.List;

/** Reads the blocks of Anthropic's messages. */
final class AnthropicContentReader {

  private final ProtocolPair pair;

  AnthropicContentReader(ProtocolPair pair) {
    this.pair = pair;
  }

  /** The pieces of a field that holds a text or blocks; none where it is absent. */
  List<Part> read(Fields owner, String name) {
    List<Part> parts = new ArrayList<>();
    JsonNode content = owner.take(name);
    if (content != null && content.isTextual()) {
      Text.add(parts, content.textValue());
      return parts;
    }
    for (Fields block : owner.objects(name)) {
      block(block, parts);
    }
    return parts;
  }

  private void block(Fields block, List<Part> parts) {
    block.hint("cache_control");
    String type = block.neededText("type");
    switch (type) {
      case "text" -> {
        block.hint("citations");
        Text.add(parts, block.neededText("text"));
      }
      case "image" -> parts.add(image(block));
      case "document" -> document(block, parts);
      case "search_result" -> searchResult(block, parts);
      case "compaction" -> Text.add(parts, block.text("content"));
      case "thinking" -> {
        String text = block.text("thinking");
        String signature = block.text("signature");
        parts.add(new Thought(block.path("thinking"), text == null ? "" : text, signature));
      }
      case "redacted_thinking" ->
          parts.add(new Thought(block.path("redacted_thinking"), "", block.text("data")));
      case "tool_use" -> parts.add(call(block));
      case "tool_result" -> parts.add(result(block));
      default -> {
        if (!type.endsWith("_tool_use") && !type.endsWith("_tool_result")) {
          throw block.refused("type", "send texts, images, documents, tool calls and results only");
        }
        // What a tool of Anthropic's own left in the history.
        block.leaveOut(type);
        return;
      }
    }
    block.done();
  }

  private Image image(Fields block) {
    Fields source = block.neededObject("source");
    block.hint("transformations");
    Image image =
        switch (source.neededText("type")) {
          case "base64" ->
              new Image(
                  block.path(), source.neededText("media_type"), source.neededText("data"), null);
          case "url" -> Images.ofUrl(pair, source.path("url"), source.neededText("url"));
          default -> throw source.refused("type", "send the image as base64 or as a URL");
        };
    source.done();
    return image;
  }

  /** A document of text is a text with a title; others are files. */
  private void document(Fields block, List<Part> parts) {
    Fields source = block.neededObject("source");
    String title = block.text("title");
    String context = block.text("context");
    Text.add(parts, context);
    switch (source.neededText("type")) {
      case "base64" ->
          parts.add(
              new Document(
                  block.path(),
                  title,
                  source.neededText("media_type"),
                  source.neededText("data"),
                  null));
      case "url" ->
          parts.add(
              new Document(block.path(), title, "application/pdf", null, source.neededText("url")));
      case "text" -> {
        source.ignore("media_type");
        Text.add(parts, titled(title, source.neededText("data")));
      }
      case "content" -> {
        Text.add(parts, title);
        parts.addAll(read(source, "content"));
      }
      default -> throw source.refused("type", "send the document as base64 or as text");
    }
    Fields citations = block.object("citations");
    if (citations != null && citations.flag("enabled", false)) {
      block.leaveOut("citations");
    }
    source.done();
  }

  private static String titled(String title, String text) {
    return title == null ? text : title + "\n\n" + text;
  }

  private void searchResult(Fields block, List<Part> parts) {
    Text.add(parts, titled(block.text("title"), block.neededText("source")));
    parts.addAll(read(block, "content"));
    block.ignore("citations");
  }

  private static ToolCall call(Fields block) {
    ObjectNode input = block.tree("input");
    String arguments = input == null ? "{}" : input.toString();
    block.ignore("caller", "toolset_name");
    return new ToolCall(block.neededText("id"), block.neededText("name"), arguments);
  }

  private ToolResult result(Fields block) {
    List<Part> content = new ArrayList<>();
    JsonNode given = block.take("content");
    if (given != null && given.isArray()) {
      for (Fields piece : block.objects("content")) {
        // The names of tools that a search has found.
        if ("tool_reference".equals(piece.text("type"))) {
          Text.add(content, piece.text("tool_name"));
        } else {
          block(piece, content);
        }
      }
    } else {
      content = read(block, "content");
    }
    for (Part part : content) {
      if (part instanceof ToolCall || part instanceof ToolResult || part instanceof Thought) {
        throw block.invalid("content", "must hold texts, images and documents only");
      }
    }
    block.ignore("toolset_name");
    boolean failed = block.flag("is_error", false);
    return new ToolResult(block.path(), block.neededText("tool_use_id"), content, failed);
  }
}
