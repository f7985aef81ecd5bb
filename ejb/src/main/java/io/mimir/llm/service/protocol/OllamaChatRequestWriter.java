package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Turn;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Asks in Ollama's own chat, which only calls from within this server do: a {@linkplain
 * ChatRequest#conversation conversation} is texts, and a limit perhaps.
 */
final class OllamaChatRequestWriter implements RequestWriter {

  @Override
  public ObjectNode write(ChatRequest request, UpstreamOptions options) {
    ObjectNode body = Json.object().put("model", options.model());
    ArrayNode messages = body.putArray("messages");
    request.turns.forEach(turn -> turn(turn, messages.addObject()));
    Param.Given limit = request.params.get(Param.MAX_TOKENS);
    if (limit != null) {
      body.putObject("options").set("num_predict", limit.value());
    }
    return body.put("stream", request.streamed);
  }

  private static void turn(Turn turn, ObjectNode message) {
    message.put("role", turn.role().name().toLowerCase(Locale.ROOT));
    message.put(
        "content",
        turn.parts().stream()
            .map(OllamaChatRequestWriter::textOf)
            .collect(Collectors.joining("\n")));
  }

  private static String textOf(Part part) {
    return ((Text) part).text();
  }
}
