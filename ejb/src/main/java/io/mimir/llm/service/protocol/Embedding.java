package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.TokenUsage;
import java.io.IOException;
import java.util.List;

/**
 * Ollama's embed, answered by OpenAI's embeddings. A text that is too long is refused there instead
 * of being shortened, so {@code truncate} never changes an answer.
 */
final class Embedding implements Translation {

  private static final byte[] NOTHING = {};

  private final ProtocolPair pair;
  private long asked;
  private String model;
  private boolean complete;
  private long inputTokens = -1;

  Embedding(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public byte[] request(byte[] body, UpstreamOptions wanted) {
    ObjectNode node = Json.objectIn(body);
    if (node == null) {
      throw pair.invalid("body", "must be one JSON object");
    }
    pair.omissions().strict(wanted.isStrict());
    this.asked = System.nanoTime();
    model = wanted.model();
    Fields fields = new Fields(pair, node);
    ObjectNode request = Json.object().put("model", model);
    request.set("input", input(fields));
    request.put("encoding_format", "float");
    JsonNode dimensions = fields.take("dimensions");
    if (dimensions != null) {
      if (!dimensions.isIntegralNumber()) {
        throw fields.invalid("dimensions", "must be a whole number");
      }
      request.set("dimensions", dimensions);
    }
    fields.ignore("model", "keep_alive").hintUnless("truncate", "true").hint("options").done();
    return Json.bytes(request);
  }

  private static JsonNode input(Fields fields) {
    JsonNode input = fields.take("input");
    if (input == null) {
      throw fields.invalid("input", "is missing");
    }
    if (!input.isTextual()) {
      fields.texts("input");
    }
    return input;
  }

  @Override
  public boolean isOptional() {
    return false;
  }

  @Override
  public boolean isStreamed() {
    return false;
  }

  @Override
  public byte[] answer(byte[] upstreamBody) throws IOException {
    ObjectNode body = Json.objectIn(upstreamBody);
    if (body == null || !body.path("data").isArray()) {
      throw ResponseReader.foreign();
    }
    JsonNode[] vectors = new JsonNode[body.path("data").size()];
    int place = 0;
    for (JsonNode item : body.path("data")) {
      int index = item.path("index").asInt(place++);
      if (index < 0 || index >= vectors.length || !item.path("embedding").isArray()) {
        throw ResponseReader.foreign();
      }
      vectors[index] = item.path("embedding");
    }
    ObjectNode answer = Json.object().put("model", body.path("model").asText(model));
    ArrayNode embeddings = answer.putArray("embeddings");
    for (JsonNode vector : vectors) {
      if (vector == null) {
        throw ResponseReader.foreign();
      }
      embeddings.add(vector);
    }
    inputTokens = Json.count(body.path("usage").path("prompt_tokens"));
    complete = true;
    answer.put("total_duration", System.nanoTime() - asked).put("load_duration", 0L);
    return Json.bytes(answer.put("prompt_eval_count", TokenUsage.known(inputTokens)));
  }

  /** Vectors are never streamed. */
  @Override
  public byte[] event(String event, String data) throws IOException {
    throw ResponseReader.foreign();
  }

  @Override
  public boolean isComplete() {
    return complete;
  }

  @Override
  public byte[] end() {
    return NOTHING;
  }

  /** Nothing is generated. */
  @Override
  public TokenUsage usage() {
    return new TokenUsage(inputTokens, complete ? 0 : -1, -1, -1, -1);
  }

  @Override
  public List<String> leftOut() {
    return pair.omissions().names();
  }

  @Override
  public String streamType() {
    return "application/x-ndjson";
  }
}
