package io.mimir.llm.service;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.LlmException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.MessageBodyReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads lists of models as OpenAI and Anthropic ({@code data[].id}) and Ollama ({@code
 * models[].name}) write them.
 */
@Consumes(ModelIdsReader.MEDIA_TYPE)
public class ModelIdsReader implements MessageBodyReader<ModelIds> {

  static final int MOST = 1000;

  /**
   * What {@link VettedTransport} says that an answer is. The server's readers of JSON would be as
   * good a match for the real type as this one, and which is taken is a matter of luck.
   */
  static final String MEDIA_TYPE = "application/vnd.mimir.models";

  @Override
  public boolean isReadable(
      Class<?> type, Type generic, Annotation[] annotations, MediaType media) {
    return type == ModelIds.class;
  }

  @Override
  public ModelIds readFrom(
      Class<ModelIds> type,
      Type generic,
      Annotation[] annotations,
      MediaType media,
      MultivaluedMap<String, String> headers,
      InputStream in)
      throws IOException {
    try {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (LlmException e) {
      throw new CallFailed(e);
    }
  }

  static ModelIds parse(String body) throws LlmException {
    JsonNode answer = Answers.object(body);
    JsonNode list = answer.has("data") ? answer.path("data") : answer.path("models");
    if (!list.isArray()) {
      throw Answers.notLlmApi();
    }
    List<String> ids = new ArrayList<>();
    for (JsonNode model : list) {
      String id = model.has("id") ? model.path("id").asText("") : model.path("name").asText("");
      if (Answers.isModelName(id) && ids.size() < MOST) {
        ids.add(id);
      }
    }
    ids.sort(null);
    return new ModelIds(ids);
  }
}
