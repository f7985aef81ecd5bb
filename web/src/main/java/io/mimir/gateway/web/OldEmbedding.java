package io.mimir.gateway.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.upstream.service.CallFailure;
import io.mimir.upstream.service.ResponseTarget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Ollama's {@code /api/embeddings} in terms of {@code /api/embed}: {@code prompt} becomes {@code
 * input}, and of the {@code embeddings} that come back the one is given as {@code embedding}.
 */
final class OldEmbedding implements ResponseTarget {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String JSON_TYPE = "application/json";

  private final ResponseTarget client;
  private final ByteArrayOutputStream pieces = new ByteArrayOutputStream();
  private int status;
  private Map<String, String> headers;

  /**
   * @param client gets the answer in its old form
   */
  OldEmbedding(ResponseTarget client) {
    this.client = client;
  }

  /**
   * Rewrites a request.
   *
   * @throws ProblemException MALFORMED or MISSING_FIELD
   */
  static byte[] asEmbed(byte[] body) {
    try {
      if (body == null || !(JSON.readTree(body) instanceof ObjectNode request)) {
        throw new ProblemException(Problem.MALFORMED, "Send one JSON object");
      }
      JsonNode prompt = request.remove("prompt");
      if (prompt == null || !prompt.isTextual()) {
        throw ProblemException.of(
            Problem.MISSING_FIELD, "prompt", "missing", "Send the text to embed as prompt");
      }
      request.set("input", prompt);
      return JSON.writeValueAsBytes(request);
    } catch (JsonProcessingException e) {
      throw new ProblemException(
          Problem.MALFORMED,
          "The body is no JSON: look at line %d, column %d"
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
    } catch (IOException e) {
      throw new ProblemException(Problem.MALFORMED, "The body is no JSON");
    }
  }

  @Override
  public void answer(int code, String type, Map<String, String> passed, byte[] body) {
    try {
      JsonNode first = JSON.readTree(body).path("embeddings").path(0);
      ObjectNode old = JSON.createObjectNode();
      old.set("embedding", first.isArray() ? first : JSON.createArrayNode());
      client.answer(code, JSON_TYPE, passed, JSON.writeValueAsBytes(old));
    } catch (IOException e) {
      client.fail(
          CallFailure.of(
              new ProblemException(Problem.PROVIDER_ERROR, "The provider's answer is no JSON")));
    }
  }

  /** A large answer comes in pieces; it has to be whole before it can be rewritten. */
  @Override
  public void open(int code, String type, Map<String, String> passed) {
    status = code;
    headers = passed;
  }

  @Override
  public void write(ByteBuffer piece) {
    byte[] bytes = new byte[piece.remaining()];
    piece.get(bytes);
    pieces.writeBytes(bytes);
  }

  @Override
  public void close() {
    answer(status, JSON_TYPE, headers, pieces.toByteArray());
  }

  @Override
  public void fail(CallFailure failure) {
    client.fail(failure);
  }

  @Override
  public void cut() {
    client.cut();
  }

  @Override
  public void follow(CallControl call) {
    client.follow(call);
  }
}
