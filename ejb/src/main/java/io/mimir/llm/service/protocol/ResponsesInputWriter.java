package io.mimir.llm.service.protocol;

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
import java.util.ArrayList;
import java.util.List;

/** Writes the instructions and the input of OpenAI's responses: each piece is an item. */
final class ResponsesInputWriter {

  private static final String TYPE = "type";

  private final ProtocolPair pair;
  private final UpstreamOptions options;
  private final ToolNames names;
  private final ArrayNode input = Json.MAPPER.createArrayNode();
  private final List<String> instructions = new ArrayList<>();
  private boolean optional;

  ResponsesInputWriter(ProtocolPair pair, UpstreamOptions options, ToolNames names) {
    this.pair = pair;
    this.options = options;
    this.names = names;
  }

  /** What the system says at the beginning are the instructions; later it stays in its place. */
  void write(ChatRequest request, ObjectNode body) {
    Turn last = request.turns.get(request.turns.size() - 1);
    for (Turn turn : request.turns) {
      switch (turn.role()) {
        case SYSTEM -> system(turn);
        case USER -> user(turn);
        case ASSISTANT -> assistant(turn, turn == last);
      }
    }
    if (input.isEmpty()) {
      throw pair.invalid("messages", "must hold something that the user says");
    }
    if (last.role() == Role.ASSISTANT) {
      pair.replace(last.field(), "instruction", "end with a message of the user's or a tool's");
      input.add(developer(OpenAiChatMessageWriter.GO_ON));
    }
    if (!instructions.isEmpty()) {
      body.put("instructions", String.join("\n\n", instructions));
    }
    body.set("input", input);
  }

  /** Whether something was said that a provider may refuse although it understands the rest. */
  boolean isOptional() {
    return optional;
  }

  /** Says the word JSON where the input itself does not: the instructions do not count. */
  void sayJson(String field) {
    if (OpenAiSettings.lacksJson(input, pair, field)) {
      input.insert(0, developer(JsonPromise.INSTRUCTION));
    }
  }

  private static ObjectNode developer(String text) {
    ObjectNode message = message("developer");
    message.withArray("content").add(text("input_text", text));
    return message;
  }

  private static ObjectNode message(String role) {
    ObjectNode message = Json.object().put(TYPE, "message").put("role", role);
    message.putArray("content");
    return message;
  }

  private static ObjectNode text(String type, String text) {
    return Json.object().put(TYPE, type).put("text", text);
  }

  private void system(Turn turn) {
    List<String> texts = new ArrayList<>();
    for (Part part : turn.parts()) {
      if (part instanceof Text text) {
        texts.add(text.text());
      } else if (part instanceof CacheMark mark) {
        pair.leaveOut(mark.field());
      } else {
        throw pair.refused(turn.field(), "let the system say texts only");
      }
    }
    if (input.isEmpty()) {
      instructions.addAll(texts);
    } else if (!texts.isEmpty()) {
      input.add(developer(String.join("\n\n", texts)));
    }
  }

  /** Results of tools are items of their own, and come right after what asked for them. */
  private void user(Turn turn) {
    ObjectNode message = message("user");
    ArrayNode content = message.withArray("content");
    for (Part part : turn.parts()) {
      if (part instanceof ToolResult result) {
        result(result);
      } else if (part instanceof CacheMark mark) {
        pair.leaveOut(mark.field());
      } else {
        content.add(piece(part, turn.field()));
      }
    }
    if (!content.isEmpty()) {
      input.add(message);
    }
  }

  /** Texts alone are one text; images and files stay in their places between them. */
  private void result(ToolResult result) {
    ArrayNode pieces = Json.MAPPER.createArrayNode();
    StringBuilder text = new StringBuilder(result.failed() ? "Error: " : "");
    for (Part part : result.content()) {
      if (part instanceof Text piece) {
        text.append(piece.text());
      } else if (part instanceof CacheMark mark) {
        pair.leaveOut(mark.field());
      } else {
        endText(text, pieces);
        pieces.add(piece(part, result.field()));
      }
    }
    ObjectNode item = input.addObject().put(TYPE, "function_call_output");
    item.put("call_id", names.id(result.id()));
    if (pieces.isEmpty()) {
      item.put("output", text.toString());
    } else {
      endText(text, pieces);
      item.set("output", pieces);
    }
  }

  private static void endText(StringBuilder text, ArrayNode pieces) {
    if (!text.isEmpty()) {
      pieces.add(text("input_text", text.toString()));
      text.setLength(0);
    }
  }

  private ObjectNode piece(Part part, String field) {
    if (part instanceof Text text) {
      return text("input_text", text.text());
    }
    if (part instanceof Image image) {
      ObjectNode piece = Json.object().put(TYPE, "input_image").put("image_url", Images.url(image));
      return piece.put("detail", image.detail() == null ? "auto" : image.detail());
    }
    if (part instanceof Document document) {
      ObjectNode piece = Json.object().put(TYPE, "input_file");
      if (document.base64() == null) {
        return piece.put("file_url", document.url());
      }
      piece.put("filename", document.name() == null ? "document.pdf" : document.name());
      return piece.put(
          "file_data", "data:" + document.mediaType() + ";base64," + document.base64());
    }
    throw pair.invalid(field, "holds what its role cannot say");
  }

  /**
   * OpenAI refuses a thought without what it led to, as an answer that was cut has it.
   *
   * @param open whether the model is to go on with these words
   */
  private void assistant(Turn turn, boolean open) {
    List<Thought> waiting = new ArrayList<>();
    ArrayNode content = null;
    for (int i = 0; i < turn.parts().size(); i++) {
      Part part = turn.parts().get(i);
      if (part instanceof Text text) {
        think(waiting);
        if (content == null) {
          content = said(turn.parts().subList(i, turn.parts().size()), open);
        }
        content.add(text("output_text", text.text()));
      } else if (part instanceof ToolCall call) {
        think(waiting);
        content = null;
        ObjectNode item = input.addObject().put(TYPE, "function_call");
        item.put("call_id", names.id(call.id())).put("name", names.name(call.name()));
        item.put("arguments", call.arguments());
      } else if (part instanceof Thought thought) {
        content = null;
        waiting.add(thought);
      } else if (part instanceof CacheMark mark) {
        pair.leaveOut(mark.field());
      } else {
        throw pair.refused(turn.field(), "let the assistant say texts only");
      }
    }
    waiting.forEach(thought -> pair.leaveOut(thought.field()));
  }

  /**
   * Begins a message of the model's. Without the word for what kind it is, the model takes what it
   * said before a call for the end of its work.
   *
   * @param rest of the turn, from this message on
   */
  private ArrayNode said(List<Part> rest, boolean open) {
    ObjectNode message = message("assistant");
    if (!open && !options.isPlain()) {
      boolean calls = rest.stream().anyMatch(ToolCall.class::isInstance);
      message.put("phase", calls ? "commentary" : "final_answer");
      optional = true;
    }
    input.add(message);
    return message.withArray("content");
  }

  /** Another account of the provider's cannot read them: a second try does without. */
  private void think(List<Thought> waiting) {
    for (Thought thought : waiting) {
      ObjectNode seal = options.isPlain() ? null : ThoughtHandle.open(thought.handle(), options);
      ObjectNode item = seal == null ? null : ResponsesResponseReader.givenBack(seal);
      if (item == null) {
        pair.leaveOut(thought.field());
      } else {
        input.add(item);
        optional = true;
      }
    }
    waiting.clear();
  }
}
