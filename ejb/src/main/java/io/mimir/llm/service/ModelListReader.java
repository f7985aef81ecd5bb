package io.mimir.llm.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.LlmException;
import java.util.ArrayList;
import java.util.List;

/**
 * A reader of lists of models: an array of entries, alone or as one of the members that providers
 * name it by.
 */
final class ModelListReader {

  private static final List<String> LISTS = List.of("data", "models", "result", "endpoints");
  private static final List<String> IDS = List.of("id", "name", "model");

  private ModelListReader() {}

  /**
   * One page of a list.
   *
   * @param ids in the order of the list
   * @param next the query that asks for the next page; null for the last
   */
  record Page(List<String> ids, String next) {}

  /**
   * Reads one page.
   *
   * @param idMember the member that names a model; null for the usual ones
   * @throws LlmException NOT_LLM_API when it is no list of models
   */
  static Page read(String body, String idMember) throws LlmException {
    JsonNode answer;
    try {
      answer = Answers.JSON.readTree(body);
    } catch (JsonProcessingException e) {
      // Its message quotes what was sent.
      throw Answers.notLlmApi();
    }
    JsonNode list = listIn(answer);
    List<String> ids = new ArrayList<>();
    for (JsonNode entry : list) {
      String id = id(entry, idMember);
      if (Answers.isModelName(id)) {
        ids.add(id);
      }
    }
    return new Page(ids, ids.isEmpty() ? null : next(answer, ids));
  }

  private static JsonNode listIn(JsonNode answer) throws LlmException {
    if (answer == null || answer.isArray()) {
      return answer == null ? noList() : answer;
    }
    for (String name : LISTS) {
      JsonNode member = answer.get(name);
      // Servers written in Go say null for an empty list.
      if (member != null && (member.isArray() || member.isNull()) && !answer.has("error")) {
        return member;
      }
    }
    return noList();
  }

  private static JsonNode noList() throws LlmException {
    throw Answers.notLlmApi();
  }

  private static String id(JsonNode entry, String idMember) {
    if (entry.isTextual()) {
      return entry.asText();
    }
    if (idMember != null) {
      return entry.path(idMember).asText("");
    }
    return IDS.stream()
        .map(name -> entry.path(name).asText(""))
        .filter(id -> !id.isEmpty())
        .findFirst()
        .orElse("");
  }

  /** Anthropic gives the id to go on after; Cloudflare counts pages. */
  private static String next(JsonNode answer, List<String> ids) {
    if (answer.path("has_more").asBoolean(false)) {
      String last = answer.path("last_id").asText(ids.get(ids.size() - 1));
      return Answers.isModelName(last) ? "after_id=" + ProviderAdapter.encoded(last) : null;
    }
    JsonNode info = answer.path("result_info");
    int page = info.path("page").asInt(0);
    boolean more =
        page > 0 && info.path("per_page").asLong(0) * page < info.path("total_count").asLong(0);
    return more ? "page=" + (page + 1) : null;
  }
}
