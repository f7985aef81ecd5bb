package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OLLAMA_CHAT;
import static io.mimir.llm.WireProtocol.OPENAI_CHAT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.WireProtocol;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's wish that a model think or not, as far as its protocol and the model have words. */
class ThinkingTest {

  private static final String ADAPTIVE = "'thinking':{'type':'adaptive'}";
  private static final String OFF = "'thinking':{'type':'disabled'}";

  private Translation translation;

  private JsonNode ask(
      WireProtocol client, WireProtocol upstream, String fields, UpstreamOptions options) {
    ObjectNode body = (ObjectNode) Call.json("{'messages':[{'role':'user','content':'x'}]}");
    if (client == ANTHROPIC_MESSAGES) {
      body.put("max_tokens", 9000);
    }
    body.setAll((ObjectNode) Call.json("{" + fields + "}"));
    translation = Translation.between(client, upstream);
    return Call.json(
        translation.request(body.toString().getBytes(StandardCharsets.UTF_8), options));
  }

  private static UpstreamOptions options(String model, String provider) {
    return new UpstreamOptions(model, 4096, true).at(provider, "https://provider.example");
  }

  private JsonNode askOpenAi(String fields, UpstreamOptions options) {
    return ask(ANTHROPIC_MESSAGES, OPENAI_CHAT, fields, options);
  }

  private JsonNode askClaude(String fields, UpstreamOptions options) {
    return ask(OPENAI_CHAT, ANTHROPIC_MESSAGES, fields, options);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OLLAMA_CHAT|'think':true|gpt-5.1",
        "OLLAMA_CHAT|'think':true|qwen3:8b",
        "ANTHROPIC_MESSAGES|'thinking':{'type':'adaptive'}|gpt-5.1",
        "ANTHROPIC_MESSAGES|'thinking':{'type':'adaptive'}|o4-mini",
        "ANTHROPIC_MESSAGES|'thinking':{'type':'enabled'}|qwen3:8b"
      },
      quoteCharacter = '`')
  void aWishToThinkWithoutAnEffortIsAMediumOne(WireProtocol client, String fields, String model) {
    JsonNode asked = ask(client, OPENAI_CHAT, fields, options(model, "custom"));

    assertThat(asked.path("reasoning_effort").asText()).isEqualTo("medium");
    assertThat(translation.leftOut()).isEmpty();
    assertThat(translation.isOptional()).isTrue();
  }

  /** OpenAI refuses tools with thoughts in chat completions, and by default these models think. */
  @ParameterizedTest
  @CsvSource({
    "gpt-5.4,openai,none",
    "gpt-5.6-terra,openai,none",
    "gpt-5.6,azure,none",
    "gpt-6-luna,openai,none",
    "gpt-5.1,openai,medium",
    "gpt-5,openai,medium",
    "o4-mini,openai,medium",
    "gpt-5.6,openrouter,medium"
  })
  void aModelThatCallsOnlyWithoutThoughtsIsToldSoWhereThereAreTools(
      String model, String provider, String effort) {
    String tools = "'tools':[{'name':'f','input_schema':{'type':'object'}}]";

    JsonNode asked = askOpenAi(ADAPTIVE + "," + tools, options(model, provider));

    assertThat(asked.path("reasoning_effort").asText()).isEqualTo(effort);
    assertThat(translation.leftOut())
        .isEqualTo(effort.equals("none") ? List.of("thinking=none") : List.of());
    boolean told = askOpenAi(tools, options(model, provider)).has("reasoning_effort");
    assertThat(told).isEqualTo(effort.equals("none"));
    assertThat(askOpenAi(ADAPTIVE, options(model, provider)).path("reasoning_effort").asText())
        .isEqualTo("medium");
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-4o,openai",
    "gpt-5-chat-latest,openai",
    "mistral-large-latest,mistral",
    "llama-3.3-70b-versatile,groq"
  })
  void aWishToThinkIsNamedWhereTheModelTakesNoEffort(String model, String provider) {
    JsonNode asked = askOpenAi(ADAPTIVE, options(model, provider));

    assertThat(asked.has("reasoning_effort")).isFalse();
    assertThat(translation.leftOut()).containsExactly("thinking");
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-5,OPENAI_CHAT",
    "gpt-5.1,OPENAI_CHAT",
    "gpt-4o,OPENAI_CHAT",
    "qwen3:8b,OPENAI_CHAT",
    "claude-opus-5,ANTHROPIC_MESSAGES",
    "claude-fable-5,ANTHROPIC_MESSAGES",
    "claude-sonnet-4-5,ANTHROPIC_MESSAGES"
  })
  void whoSaysNothingOfThinkingHasNothingSaidOfIt(String model, WireProtocol upstream) {
    JsonNode asked = ask(OLLAMA_CHAT, upstream, "'stream':false", options(model, "custom"));

    assertThat(asked.has("reasoning_effort")).isFalse();
    assertThat(asked.has("thinking")).isFalse();
    assertThat(asked.has("output_config")).isFalse();
    assertThat(translation.isOptional()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-5.1,openai,none,",
    "gpt-5.6-terra,openai,none,",
    "openai/gpt-5.4-mini,openrouter,none,",
    "gpt-6-luna,openai,none,",
    "gpt-6.1-terra,openai,none,",
    "gpt-5,openai,minimal,thinking=minimal",
    "gpt-5-mini,openai,minimal,thinking=minimal",
    "gpt-5-nano-2025-08-07,azure,minimal,thinking=minimal",
    "o3,openai,,thinking",
    "o4-mini,openai,,thinking",
    "gpt-5-codex,openai,,thinking",
    "gpt-5.1-codex-max,openai,,thinking",
    "codex-mini-latest,openai,,thinking",
    "gpt-5-pro,openai,,thinking",
    "gpt-5.2-pro,openai,,thinking",
    "gpt-6-astra,openai,,thinking",
    "gpt-6.1-sol,openai,,thinking",
    "gpt-4o,openai,,",
    "gpt-4.1-mini,azure,,",
    "gpt-5-chat-latest,openai,,",
    "qwen3:8b,ollama,none,",
    "gpt-oss:20b,ollama,none,",
    "deepseek-v3.2,custom,none,",
    "llama-3.3-70b-versatile,groq,,thinking",
    "openai/gpt-oss-120b,groq,,thinking",
    "grok-3-mini,xai,,thinking",
    "mistral-large-latest,mistral,,thinking"
  })
  void notToThinkIsSaidAsNearlyAsTheModelHasAWordForIt(
      String model, String provider, String effort, String leftOut) {
    JsonNode asked = askOpenAi(OFF, options(model, provider));

    assertThat(asked.path("reasoning_effort").asText(null)).isEqualTo(effort);
    assertThat(String.join(" ", translation.leftOut())).isEqualTo(leftOut == null ? "" : leftOut);
    assertThat(translation.isOptional()).isEqualTo(effort != null);
  }

  @ParameterizedTest
  @ValueSource(strings = {ADAPTIVE, OFF})
  void aPlainSecondTryNamesTheWishThatItLeavesOut(String wish) {
    JsonNode asked = askOpenAi(wish, options("qwen3:8b", "ollama").plain());

    assertThat(asked.has("reasoning_effort")).isFalse();
    assertThat(translation.leftOut()).containsExactly("thinking");
    assertThat(translation.isOptional()).isFalse();
  }

  @Test
  void aPlainSecondTryNeedNotTellAModelThatDoesNotThinkNotTo() {
    askOpenAi(OFF, options("gpt-4o", "openai").plain());

    assertThat(translation.leftOut()).isEmpty();
  }

  @Test
  void notToThinkBeforeTheAnswerIsNotToThink() {
    JsonNode asked = askOpenAi("'thinking':{'type':'between_tools'}", options("gpt-5.1", "openai"));

    assertThat(asked.path("reasoning_effort").asText()).isEqualTo("none");
  }

  @ParameterizedTest
  @CsvSource({
    "claude-opus-5,disabled,",
    "claude-sonnet-5,disabled,",
    "claude-haiku-5-5,disabled,",
    "anthropic.claude-opus-5-20260701-v1:0,disabled,",
    "claude-sonnet-5-5,between_tools,reasoning_effort=between_tools",
    "claude-opus-5-5,,reasoning_effort",
    "claude-fable-5-1,,reasoning_effort",
    "claude-mythos-preview,,reasoning_effort",
    "claude-opus-4-8,,",
    "claude-sonnet-4-5,,",
    "claude-3-5-haiku-latest,,",
    "house-model,,"
  })
  void aClaudeThatThinksUnaskedIsToldNotTo(String model, String word, String leftOut) {
    JsonNode asked = askClaude("'reasoning_effort':'none'", options(model, "anthropic"));

    assertThat(asked.at("/thinking/type").asText(null)).isEqualTo(word);
    assertThat(asked.has("output_config")).isFalse();
    assertThat(String.join(" ", translation.leftOut())).isEqualTo(leftOut == null ? "" : leftOut);
    assertThat(translation.isOptional()).isEqualTo(word != null);
  }

  @ParameterizedTest
  @CsvSource({"claude-opus-5,reasoning_effort", "claude-sonnet-4-5,"})
  void aPlainSecondTryLeavesAClaudeAsItIs(String model, String leftOut) {
    JsonNode asked = askClaude("'reasoning_effort':'none'", options(model, "anthropic").plain());

    assertThat(asked.has("thinking")).isFalse();
    assertThat(String.join(" ", translation.leftOut())).isEqualTo(leftOut == null ? "" : leftOut);
    assertThat(translation.isOptional()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'reasoning_effort':'none'",
        "'reasoning':{'effort':'none'}",
        "'reasoning':{'enabled':false}",
        "'reasoning':{'enabled':false,'max_tokens':2000}",
        "'thinking':{'type':'disabled'}"
      })
  void everyWordForNotThinkingIsKnown(String fields) {
    JsonNode asked = askClaude(fields, options("claude-opus-5", "anthropic"));

    assertThat(asked.at("/thinking/type").asText()).isEqualTo("disabled");
    assertThat(translation.leftOut()).isEmpty();
  }
}
