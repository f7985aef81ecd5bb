package io.mimir.gateway.web;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.gateway.service.ClientProtocol;
import io.mimir.gateway.service.Gateway;
import io.mimir.gateway.service.ListedModel;
import io.mimir.security.service.Identity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The lists of models, each in the form of the client's protocol: what the active keys offer and
 * the caller's token may use. When a model was made is not known here, so the times are those of
 * the epoch.
 */
@ApplicationScoped
public class ModelLists {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String LONG_AGO = "1970-01-01T00:00:00Z";

  /** The version of Ollama's protocol that is spoken here. */
  private static final String OLLAMA_VERSION = "0.6.4";

  /** Where they are. */
  static final List<String> ADDRESSES =
      List.of(
          "/v1/models",
          "/v1/models/{id}",
          "/ollama/api/tags",
          "/ollama/api/ps",
          "/ollama/api/version");

  @Inject Gateway gateway;

  /**
   * @return whether the address is one of these
   */
  boolean answer(
      GatewayAddress address,
      Identity caller,
      HttpServletRequest request,
      HttpServletResponse response,
      String requestId)
      throws IOException {
    String path = address.path();
    ClientProtocol family = address.family();
    ObjectNode body;
    if (path.equals("/v1/models")) {
      body =
          family == ClientProtocol.ANTHROPIC ? anthropicList(caller, request) : openAiList(caller);
    } else if (path.startsWith("/v1/models/")) {
      ListedModel model = find(caller, path.substring("/v1/models/".length()));
      body = family == ClientProtocol.ANTHROPIC ? anthropic(model) : openAi(model);
    } else if (path.equals("/ollama/api/tags")) {
      body = ollamaList(caller);
    } else if (path.equals("/ollama/api/ps")) {
      // Which models a provider has in its memory is not known here.
      body = JSON.createObjectNode();
      body.putArray("models");
    } else if (path.equals("/ollama/api/version")) {
      body = JSON.createObjectNode().put("version", OLLAMA_VERSION);
    } else {
      return false;
    }
    byte[] bytes = JSON.writeValueAsBytes(body);
    ErrorResponseWriter.requestId(response, requestId);
    response.setContentType("application/json");
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
    return true;
  }

  private ListedModel find(Identity caller, String id) {
    Optional<ListedModel> found =
        gateway.listed(caller).stream()
            .filter(m -> m.id().equals(id) || (m.owner() + "/" + m.id()).equals(id))
            .findFirst();
    return found.orElseThrow(
        () ->
            new ProblemException(
                Problem.MODEL_NOT_FOUND, "No key offers this model: GET /v1/models lists them"));
  }

  private ObjectNode openAiList(Identity caller) {
    ObjectNode list = JSON.createObjectNode().put("object", "list");
    ArrayNode data = list.putArray("data");
    gateway.listed(caller).forEach(model -> data.add(openAi(model)));
    return list;
  }

  private static ObjectNode openAi(ListedModel model) {
    return JSON.createObjectNode()
        .put("id", model.id())
        .put("object", "model")
        .put("created", 0)
        .put("owned_by", model.owner());
  }

  /** Pages as Anthropic has them: {@code limit}, {@code after_id} and {@code before_id}. */
  private ObjectNode anthropicList(Identity caller, HttpServletRequest request) {
    List<ListedModel> all = gateway.listed(caller);
    int limit = limit(request.getParameter("limit"));
    String after = request.getParameter("after_id");
    String before = request.getParameter("before_id");
    int from = after == null ? 0 : indexOf(all, after) + 1;
    int to = Math.min(all.size(), from + limit);
    if (before != null) {
      to = Math.max(0, indexOf(all, before));
      from = Math.max(0, to - limit);
    }
    ObjectNode list = JSON.createObjectNode();
    ArrayNode data = list.putArray("data");
    all.subList(Math.min(from, to), to).forEach(model -> data.add(anthropic(model)));
    list.put("has_more", before == null ? to < all.size() : from > 0);
    list.put("first_id", data.isEmpty() ? null : data.get(0).get("id").asText());
    list.put("last_id", data.isEmpty() ? null : data.get(data.size() - 1).get("id").asText());
    return list;
  }

  private static int limit(String text) {
    if (text == null) {
      return 20;
    }
    if (!text.matches("\\d{1,4}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > 1000) {
      throw ProblemException.of(
          Problem.INVALID, "limit", "out_of_range", "limit is a whole number from 1 to 1000");
    }
    return Integer.parseInt(text);
  }

  private static int indexOf(List<ListedModel> all, String id) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).id().equals(id)) {
        return i;
      }
    }
    return -1;
  }

  private static ObjectNode anthropic(ListedModel model) {
    return JSON.createObjectNode()
        .put("type", "model")
        .put("id", model.id())
        .put("display_name", model.label())
        .put("created_at", LONG_AGO)
        .put("lifecycle", "active")
        .putNull("line")
        .putNull("capabilities")
        .putNull("deprecated_at")
        .putNull("retires_at")
        .putNull("max_input_tokens")
        .putNull("max_tokens");
  }

  private ObjectNode ollamaList(Identity caller) {
    ObjectNode list = JSON.createObjectNode();
    ArrayNode all = list.putArray("models");
    for (ListedModel model : gateway.listed(caller)) {
      ObjectNode one = all.addObject();
      one.put("name", model.id()).put("model", model.id()).put("modified_at", LONG_AGO);
      one.put("size", 0).put("digest", "");
      one.putObject("details")
          .put("parent_model", "")
          .put("format", "")
          .put("family", model.owner())
          .putArray("families")
          .add(model.owner());
      ((ObjectNode) one.get("details")).put("parameter_size", "").put("quantization_level", "");
    }
    return list;
  }
}
