package io.mimir.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.Base64ImageSource;
import com.anthropic.models.messages.ContentBlock;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolUseBlock;
import com.anthropic.models.models.ModelInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.HttpResponseFor;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIServiceException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletion.Choice.FinishReason;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import io.mimir.gateway.web.ScriptedProvider.Asked;
import io.mimir.gateway.web.ScriptedProvider.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The official Java clients of OpenAI and Anthropic, unchanged, against the gateway. They check
 * each answer against their own idea of its shape ({@code responseValidation}).
 */
class OfficialClientsIT {

  private static final String GPT = "gpt-4o-mini";
  private static final String EMBEDDER = "text-embedding-3-small";
  private static final String CLAUDE = "claude-haiku-4-5";
  private static final String LLAMA = "llama3.2";

  private static final String OPENAI_KEY = "sk-scripted-openai-0123456789";
  private static final String ANTHROPIC_KEY = "sk-ant-scripted-0123456789";
  private static final String OLLAMA_KEY = "scripted-ollama-0123456789";

  private static final String OPENAI_CHAT = "/v1/chat/completions";
  private static final String ANTHROPIC_MESSAGES = "/v1/messages";

  private static final String ANOTHER_TOKEN = "mimir_" + "A".repeat(49);

  /** One red pixel. */
  private static final String PNG =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static TestedGateway gateway;
  private static ScriptedProvider upstream;
  private static boolean areKeysFresh;
  private static OpenAIClient openAi;
  private static AnthropicClient anthropic;

  /** How often a client has tried once more. */
  private static final AtomicInteger RETRIES = new AtomicInteger();

  /** Counts what a client would wait for before it tries once more. */
  private static final class Impatient
      implements com.openai.core.Sleeper, com.anthropic.core.Sleeper {

    @Override
    public void sleep(Duration duration) {
      RETRIES.incrementAndGet();
    }

    @Override
    public CompletableFuture<Void> sleepAsync(Duration duration) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }

  @BeforeAll
  static void start() throws IOException {
    gateway = TestedGateway.shared();
    upstream = gateway.upstream();
    openAi = openAi(gateway.gatewayToken());
    anthropic = anthropic(gateway.gatewayToken());
  }

  @AfterAll
  static void stop() {
    openAi.close();
    anthropic.close();
  }

  /** What the upstream did wrong is remembered by key: after such a test there are other ones. */
  @BeforeEach
  void keys() {
    upstream.reset();
    RETRIES.set(0);
    if (areKeysFresh) {
      return;
    }
    gateway.forgetKeys();
    key("openai", OPENAI_KEY, "", GPT, EMBEDDER);
    key("anthropic", ANTHROPIC_KEY, "", CLAUDE);
    key("ollama", OLLAMA_KEY, ",\"endpoint_url\":\"" + upstream.url() + "\"", LLAMA);
    areKeysFresh = true;
  }

  private static void fail(String path, Reply reply) {
    areKeysFresh = false;
    upstream.answer(path, reply);
  }

  private static void key(String provider, String secret, String endpoint, String... models) {
    String all = Stream.of(models).collect(Collectors.joining("\",\"", "[\"", "\"]"));
    gateway.settings(
        "POST",
        "/api-keys",
        """
        {"provider":"%s","name":"%s","key_value":"%s"%s,
         "metadata":{"default_model":"%s","available_models":%s}}
        """
            .formatted(provider, provider, secret, endpoint, models[0], all));
  }

  private static OpenAIClient openAi(String token) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(gateway.url() + "/v1")
        .apiKey(token)
        .timeout(Duration.ofSeconds(20))
        .responseValidation(true)
        .sleeper(new Impatient())
        .build();
  }

  private static AnthropicOkHttpClient.Builder anthropic() {
    return AnthropicOkHttpClient.builder()
        .baseUrl(gateway.url())
        .timeout(Duration.ofSeconds(20))
        .responseValidation(true)
        .sleeper(new Impatient());
  }

  private static AnthropicClient anthropic(String token) {
    return anthropic().apiKey(token).build();
  }

  private static ChatCompletionCreateParams.Builder chat(String model) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .addSystemMessage("Be brief.")
        .addUserMessage("Grüße?");
  }

  private static MessageCreateParams.Builder message(String model) {
    return MessageCreateParams.builder()
        .model(model)
        .maxTokens(300)
        .system("Be brief.")
        .addUserMessage("Grüße?");
  }

  private static FunctionDefinition weather() {
    return FunctionDefinition.builder()
        .name("get_weather")
        .description("The weather of a city")
        .parameters(
            FunctionParameters.builder()
                .putAdditionalProperty("type", JsonValue.from("object"))
                .putAdditionalProperty(
                    "properties",
                    JsonValue.from(
                        Map.of(
                            "city", Map.of("type", "string"),
                            "unit", Map.of("type", "string", "enum", List.of("c", "f")))))
                .putAdditionalProperty("required", JsonValue.from(List.of("city")))
                .build())
        .build();
  }

  private static Tool weatherTool() {
    return Tool.builder()
        .name("get_weather")
        .description("The weather of a city")
        .inputSchema(
            Tool.InputSchema.builder()
                .properties(
                    Tool.InputSchema.Properties.builder()
                        .putAdditionalProperty(
                            "city", com.anthropic.core.JsonValue.from(Map.of("type", "string")))
                        .build())
                .addRequired("city")
                .build())
        .build();
  }

  private static JsonNode sent(Asked asked) {
    try {
      return JSON.readTree(asked.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(ChatCompletion answer) {
    return answer.choices().get(0).message().content().orElse("");
  }

  private static String text(Message answer) {
    return answer.content().stream()
        .flatMap(block -> block.text().stream())
        .map(block -> block.text())
        .collect(Collectors.joining());
  }

  /** The calls of functions, as {@code id name(arguments)}. */
  private static List<String> calls(ChatCompletion answer) {
    return answer.choices().get(0).message().toolCalls().orElse(List.of()).stream()
        .map(ChatCompletionMessageToolCall::asFunction)
        .map(
            call ->
                "%s %s(%s)"
                    .formatted(
                        call.id(), call.function().name(), json(call.function().arguments())))
        .toList();
  }

  private static List<String> calls(Message answer) {
    return answer.content().stream()
        .flatMap(block -> block.toolUse().stream())
        .map(call -> "%s %s(%s)".formatted(call.id(), call.name(), input(call)))
        .toList();
  }

  private static JsonNode input(ToolUseBlock call) {
    return JSON.valueToTree(call._input().convert(Map.class));
  }

  private static List<ChatCompletionChunk> chunks(ChatCompletionCreateParams params) {
    try (StreamResponse<ChatCompletionChunk> stream =
        openAi.chat().completions().createStreaming(params)) {
      return stream.stream().toList();
    }
  }

  private static ChatCompletion collected(List<ChatCompletionChunk> chunks) {
    ChatCompletionAccumulator all = ChatCompletionAccumulator.create();
    chunks.forEach(all::accumulate);
    return all.chatCompletion();
  }

  private static Message streamed(MessageCreateParams params) {
    MessageAccumulator all = MessageAccumulator.create();
    try (com.anthropic.core.http.StreamResponse<RawMessageStreamEvent> stream =
        anthropic.messages().createStreaming(params)) {
      stream.stream().forEach(all::accumulate);
    }
    return all.message();
  }

  // OpenAI's client, OpenAI's provider

  @Test
  void openAiAnswersWhole() {
    upstream.answer(OPENAI_CHAT, "openai/chat.json");

    ChatCompletion answer = openAi.chat().completions().create(chat(GPT).build());

    assertThat(text(answer)).isEqualTo("Grüße — a short answer 🦉");
    assertThat(answer.choices().get(0).finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(answer.usage().orElseThrow().promptTokens()).isEqualTo(19);
    assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(8);
    assertThat(answer.usage().orElseThrow().promptTokensDetails().orElseThrow().cachedTokens())
        .contains(4L);
    Asked asked = upstream.onlyAsked(OPENAI_CHAT);
    assertThat(asked.headers()).containsEntry("authorization", "Bearer " + OPENAI_KEY);
    assertThat(asked.toString()).doesNotContain(gateway.gatewayToken());
    assertThat(sent(asked).path("messages").path(1).path("content").asText()).isEqualTo("Grüße?");
  }

  @Test
  void openAiAnswersInParts() {
    upstream.answer(OPENAI_CHAT, "openai/chat-stream.sse");

    List<ChatCompletionChunk> chunks =
        chunks(
            chat(GPT)
                .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build());

    assertThat(text(collected(chunks))).isEqualTo("Grüße — a short answer 🦉");
    assertThat(chunks).extracting(ChatCompletionChunk::id).containsOnly(chunks.get(0).id());
    ChatCompletionChunk last = chunks.get(chunks.size() - 1);
    assertThat(last.choices()).isEmpty();
    assertThat(last.usage().orElseThrow().totalTokens()).isEqualTo(27);
  }

  @Test
  void openAiGivesNoUsageInPartsUnlessAsked() {
    upstream.answer(OPENAI_CHAT, "openai/chat-stream.sse");

    List<ChatCompletionChunk> chunks = chunks(chat(GPT).build());

    assertThat(text(collected(chunks))).isEqualTo("Grüße — a short answer 🦉");
    assertThat(chunks).allMatch(chunk -> !chunk.choices().isEmpty());
    assertThat(chunks).allMatch(chunk -> chunk.usage().isEmpty());
  }

  @Test
  void openAiCallsFunctions() {
    upstream.answer(OPENAI_CHAT, "openai/chat-tools.json");

    ChatCompletion answer =
        openAi.chat().completions().create(chat(GPT).addFunctionTool(weather()).build());

    assertThat(answer.choices().get(0).finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(calls(answer))
        .containsExactly(
            "call_Paris01 get_weather({\"city\":\"Paris\",\"unit\":\"c\"})",
            "call_Oslo02 get_weather({\"city\":\"Oslo\"})");
    JsonNode function =
        sent(upstream.onlyAsked(OPENAI_CHAT)).path("tools").path(0).path("function");
    assertThat(function.path("name").asText()).isEqualTo("get_weather");
    assertThat(function.path("parameters").path("required").path(0).asText()).isEqualTo("city");
  }

  @Test
  void openAiCallsFunctionsInParts() {
    upstream.answer(OPENAI_CHAT, "openai/chat-tools-stream.sse");

    ChatCompletion answer = collected(chunks(chat(GPT).addFunctionTool(weather()).build()));

    assertThat(answer.choices().get(0).finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(calls(answer))
        .containsExactly(
            "call_Paris01 get_weather({\"city\":\"Paris\",\"unit\":\"c\"})",
            "call_Oslo02 get_weather({\"city\":\"Oslo\"})");
  }

  @Test
  void openAiTakesWhatFunctionsGave() {
    upstream.answer(OPENAI_CHAT, "openai/chat-tools.json");
    ChatCompletionCreateParams.Builder conversation = chat(GPT).addFunctionTool(weather());
    ChatCompletion called = openAi.chat().completions().create(conversation.build());
    upstream.reset();
    upstream.answer(OPENAI_CHAT, "openai/chat.json");

    conversation.addMessage(called.choices().get(0).message());
    for (ChatCompletionMessageToolCall call :
        called.choices().get(0).message().toolCalls().orElseThrow()) {
      conversation.addMessage(
          com.openai.models.chat.completions.ChatCompletionToolMessageParam.builder()
              .toolCallId(call.asFunction().id())
              .content("21 degrees")
              .build());
    }
    ChatCompletion answer = openAi.chat().completions().create(conversation.build());

    assertThat(text(answer)).contains("a short answer");
    JsonNode messages = sent(upstream.onlyAsked(OPENAI_CHAT)).path("messages");
    assertThat(messages.path(2).path("tool_calls").path(1).path("id").asText())
        .isEqualTo("call_Oslo02");
    assertThat(messages.path(4).path("tool_call_id").asText()).isEqualTo("call_Oslo02");
  }

  @Test
  void openAiAnswersInJsonOfASchema() {
    upstream.answer(OPENAI_CHAT, "openai/chat-json.json");

    ChatCompletion answer =
        openAi
            .chat()
            .completions()
            .create(
                chat(GPT)
                    .responseFormat(
                        ResponseFormatJsonSchema.builder()
                            .jsonSchema(
                                ResponseFormatJsonSchema.JsonSchema.builder()
                                    .name("weather")
                                    .strict(true)
                                    .schema(
                                        ResponseFormatJsonSchema.JsonSchema.Schema.builder()
                                            .putAdditionalProperty("type", JsonValue.from("object"))
                                            .build())
                                    .build())
                            .build())
                    .build());

    assertThat(json(text(answer)).path("celsius").asInt()).isEqualTo(21);
    JsonNode format = sent(upstream.onlyAsked(OPENAI_CHAT)).path("response_format");
    assertThat(format.path("type").asText()).isEqualTo("json_schema");
    assertThat(format.path("json_schema").path("strict").asBoolean()).isTrue();
  }

  private static ChatCompletionCreateParams withImage(String model) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .addUserMessageOfArrayOfContentParts(
            List.of(
                ChatCompletionContentPart.ofText(
                    ChatCompletionContentPartText.builder().text("What colour?").build()),
                ChatCompletionContentPart.ofImageUrl(
                    ChatCompletionContentPartImage.builder()
                        .imageUrl(
                            ChatCompletionContentPartImage.ImageUrl.builder()
                                .url("data:image/png;base64," + PNG)
                                .build())
                        .build())))
        .build();
  }

  @Test
  void openAiTakesImages() {
    upstream.answer(OPENAI_CHAT, "openai/chat.json");

    openAi.chat().completions().create(withImage(GPT));

    JsonNode parts = sent(upstream.onlyAsked(OPENAI_CHAT)).path("messages").path(0).path("content");
    assertThat(parts.path(0).path("text").asText()).isEqualTo("What colour?");
    assertThat(parts.path(1).path("image_url").path("url").asText())
        .isEqualTo("data:image/png;base64," + PNG);
  }

  @Test
  void openAiListsAndTellsModels() {
    assertThat(openAi.models().list().data())
        .extracting(Model::id)
        .contains(GPT, CLAUDE, LLAMA)
        .doesNotHaveDuplicates();
    assertThat(openAi.models().retrieve(GPT).id()).isEqualTo(GPT);
  }

  @Test
  void openAiEmbeds() {
    upstream.answer("/v1/embeddings", "openai/embeddings-base64.json");

    CreateEmbeddingResponse answer =
        openAi
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model(EMBEDDER)
                    .inputOfArrayOfStrings(List.of("one", "two"))
                    .build());

    assertThat(answer.data()).hasSize(2);
    assertThat(answer.data().get(0).embedding()).containsExactly(0.5f, -0.25f, 0.125f);
    assertThat(answer.usage().promptTokens()).isEqualTo(6);
    assertThat(sent(upstream.onlyAsked("/v1/embeddings")).path("input").path(1).asText())
        .isEqualTo("two");
  }

  private static String text(Response response) {
    return response.output().get(0).asMessage().content().get(0).asOutputText().text();
  }

  @Test
  void openAiRespondsWhole() {
    upstream.answer("/v1/responses", "openai/responses.json");

    Response answer =
        openAi.responses().create(ResponseCreateParams.builder().model(GPT).input("Hi").build());

    assertThat(text(answer)).isEqualTo("Answered by responses 🦉");
    assertThat(answer.usage().orElseThrow().totalTokens()).isEqualTo(18);
    assertThat(sent(upstream.onlyAsked("/v1/responses")).path("input").asText()).isEqualTo("Hi");
  }

  @Test
  void openAiRespondsInParts() {
    upstream.answer("/v1/responses", "openai/responses-stream.sse");

    List<ResponseStreamEvent> events;
    try (StreamResponse<ResponseStreamEvent> stream =
        openAi
            .responses()
            .createStreaming(ResponseCreateParams.builder().model(GPT).input("Hi").build())) {
      events = stream.stream().toList();
    }

    assertThat(
            events.stream()
                .flatMap(event -> event.outputTextDelta().stream())
                .map(delta -> delta.delta())
                .collect(Collectors.joining()))
        .isEqualTo("Answered by responses 🦉");
    assertThat(text(events.get(events.size() - 1).asCompleted().response()))
        .isEqualTo("Answered by responses 🦉");
  }

  @Test
  void openAiReadsTheRequestId() {
    upstream.answer(
        OPENAI_CHAT, Reply.file("openai/chat.json").with("x-request-id", "req_upstream"));

    try (HttpResponseFor<ChatCompletion> answer =
        openAi.chat().completions().withRawResponse().create(chat(GPT).build())) {
      assertThat(answer.requestId()).hasValueSatisfying(id -> assertThat(id).isNotBlank());
    }
  }

  // OpenAI's client and failures

  private static OpenAIServiceException refused(OpenAIClient client, String model) {
    return catchThrowableOfType(
        OpenAIServiceException.class,
        () -> client.chat().completions().create(chat(model).build()));
  }

  private static void hasRequestId(OpenAIServiceException e) {
    assertThat(e.headers().values("x-request-id")).hasSize(1).noneMatch(String::isBlank);
  }

  private static String openAiError(String message, String type, String code) {
    return """
        {"error":{"message":"%s","type":"%s","param":null,"code":"%s"}}"""
        .formatted(message, type, code);
  }

  @Test
  void openAiRefusesAnotherToken() {
    OpenAIServiceException e = refused(openAi(ANOTHER_TOKEN), GPT);

    assertThat(e).isInstanceOf(com.openai.errors.UnauthorizedException.class);
    assertThat(e.type()).isPresent();
    hasRequestId(e);
    assertThat(upstream.asked(OPENAI_CHAT)).isEmpty();
  }

  @Test
  void openAiDoesNotFindAModelThatNobodyOffers() {
    OpenAIServiceException e = refused(openAi, "no-such-model");

    assertThat(e).isInstanceOf(com.openai.errors.NotFoundException.class);
    assertThat(e.code()).contains("model_not_found");
    hasRequestId(e);
  }

  @Test
  void openAiDoesNotFindAModelThatTheProviderLacks() {
    fail(
        OPENAI_CHAT,
        Reply.json(
            404,
            openAiError(
                "The model `gpt-4o-mini` does not exist",
                "invalid_request_error",
                "model_not_found")));

    OpenAIServiceException e = refused(openAi, GPT);

    assertThat(e).isInstanceOf(com.openai.errors.NotFoundException.class);
    assertThat(RETRIES).hasValue(0);
  }

  @Test
  void openAiReadsWhatIsWrongWithARequest() {
    fail(
        OPENAI_CHAT,
        Reply.json(
            400,
            """
            {"error":{"message":"Invalid value for 'temperature'","type":"invalid_request_error",
             "param":"temperature","code":"invalid_value"}}"""));

    OpenAIServiceException e = refused(openAi, GPT);

    assertThat(e).isInstanceOf(com.openai.errors.BadRequestException.class);
    assertThat(e).hasMessageContaining("temperature");
    assertThat(e.type()).contains("invalid_request_error");
    assertThat(e.param()).contains("temperature");
    assertThat(e.code()).contains("invalid_value");
    assertThat(RETRIES).hasValue(0);
  }

  @Test
  void openAiIsToldWhenToComeBackAndWaitsWithoutTheProviderBeingAskedMeanwhile() {
    fail(
        OPENAI_CHAT,
        Reply.json(429, openAiError("Slow down", "requests", "rate_limit_exceeded"))
            .with("Retry-After", "7"));

    OpenAIServiceException e = refused(openAi, GPT);

    assertThat(e).isInstanceOf(com.openai.errors.RateLimitException.class);
    assertThat(e.headers().values("retry-after"))
        .singleElement()
        .satisfies(seconds -> assertThat(Integer.parseInt(seconds)).isBetween(1, 7));
    assertThat(RETRIES).as("it waits as it is told, twice").hasValue(2);
    assertThat(e.headers().values("x-should-retry")).isEmpty();
    assertThat(upstream.asked(OPENAI_CHAT)).hasSize(1);
    hasRequestId(e);
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503})
  void openAiNeedNotTryAgainWhatWasTriedThreeTimesHere(int status) {
    fail(OPENAI_CHAT, Reply.json(status, openAiError("Broken", "server_error", "broken")));

    OpenAIServiceException e = refused(openAi, GPT);

    assertThat(e).isInstanceOf(com.openai.errors.InternalServerException.class);
    assertThat(RETRIES).hasValue(0);
    assertThat(upstream.asked(OPENAI_CHAT)).hasSize(3);
  }

  @Test
  void openAiDoesNotLearnThatTheProvidersKeyIsWrongFromA401() {
    fail(
        OPENAI_CHAT,
        Reply.json(
            401,
            openAiError(
                "Incorrect API key provided: " + OPENAI_KEY,
                "invalid_request_error",
                "invalid_api_key")));

    OpenAIServiceException e = refused(openAi, GPT);

    assertThat(e).isInstanceOf(com.openai.errors.InternalServerException.class);
    assertThat(e.getMessage() + e.body()).doesNotContain(OPENAI_KEY);
    assertThat(RETRIES).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"error", "cut", "noise"})
  void openAiIsToldThatAnAnswerBrokeOff(String how) {
    Reply whole = Reply.file("openai/chat-stream.sse");
    fail(
        OPENAI_CHAT,
        switch (how) {
          case "error" ->
              whole.endingAfter(
                  3, "data: " + openAiError("Overloaded", "server_error", "broken") + "\n\n");
          case "noise" -> whole.endingAfter(3, "data: {\"choices\":[{\"inde\n\n");
          default -> whole.cutAfter(3);
        });
    List<ChatCompletionChunk> got = new ArrayList<>();

    assertThatThrownBy(
            () -> {
              try (StreamResponse<ChatCompletionChunk> stream =
                  openAi.chat().completions().createStreaming(chat(GPT).build())) {
                stream.stream().forEach(got::add);
              }
            })
        .isInstanceOf(
            // What is no JSON is passed on, and the client says so itself.
            how.equals("noise")
                ? com.openai.errors.OpenAIInvalidDataException.class
                : com.openai.errors.SseException.class);

    assertThat(got).hasSize(3);
    assertThat(RETRIES).hasValue(0);
  }

  // Anthropic's client, Anthropic's provider

  @Test
  void anthropicAnswersWhole() {
    upstream.answer(ANTHROPIC_MESSAGES, "anthropic/message.json");

    Message answer = anthropic.messages().create(message(CLAUDE).build());

    assertThat(text(answer)).isEqualTo("Grüße — from Claude 🦉");
    assertThat(answer.stopReason()).contains(StopReason.END_TURN);
    assertThat(answer.usage().inputTokens()).isEqualTo(21);
    assertThat(answer.usage().cacheReadInputTokens()).contains(5L);
    assertThat(answer.usage().outputTokens()).isEqualTo(9);
    Asked asked = upstream.onlyAsked(ANTHROPIC_MESSAGES);
    assertThat(asked.headers())
        .containsEntry("x-api-key", ANTHROPIC_KEY)
        .hasEntrySatisfying("anthropic-version", sent -> assertThat(sent).matches("20\\d\\d-.*"));
    assertThat(asked.toString()).doesNotContain(gateway.gatewayToken());
    assertThat(sent(asked).path("system").toString()).contains("Be brief.");
    assertThat(sent(asked).path("max_tokens").asInt()).isEqualTo(300);
  }

  @Test
  void anthropicAnswersABearer() {
    upstream.answer(ANTHROPIC_MESSAGES, "anthropic/message.json");

    AnthropicClient client = anthropic().authToken(gateway.gatewayToken()).build();

    assertThat(text(client.messages().create(message(CLAUDE).build()))).contains("Claude");
    assertThat(upstream.onlyAsked(ANTHROPIC_MESSAGES).toString())
        .doesNotContain(gateway.gatewayToken());
  }

  @Test
  void anthropicAnswersInParts() {
    upstream.answer(ANTHROPIC_MESSAGES, "anthropic/message-stream.sse");

    Message answer = streamed(message(CLAUDE).build());

    assertThat(text(answer)).isEqualTo("Grüße — from Claude 🦉");
    assertThat(answer.stopReason()).contains(StopReason.END_TURN);
    assertThat(answer.usage().inputTokens()).isEqualTo(21);
    assertThat(answer.usage().outputTokens()).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource({"anthropic/message-tools.json, false", "anthropic/message-tools-stream.sse, true"})
  void anthropicUsesTools(String file, boolean inParts) {
    upstream.answer(ANTHROPIC_MESSAGES, file);
    MessageCreateParams params = message(CLAUDE).addTool(weatherTool()).build();

    Message answer = inParts ? streamed(params) : anthropic.messages().create(params);

    assertThat(answer.stopReason()).contains(StopReason.TOOL_USE);
    assertThat(text(answer)).isEqualTo("I look it up.");
    assertThat(calls(answer))
        .containsExactly(
            "toolu_01Paris get_weather({\"city\":\"Paris\",\"unit\":\"c\"})",
            "toolu_02Oslo get_weather({\"city\":\"Oslo\"})");
    JsonNode tool = sent(upstream.onlyAsked(ANTHROPIC_MESSAGES)).path("tools").path(0);
    assertThat(tool.path("input_schema").path("required").path(0).asText()).isEqualTo("city");
  }

  private static MessageCreateParams imageTo(String model) {
    return MessageCreateParams.builder()
        .model(model)
        .maxTokens(300)
        .addUserMessageOfContentBlockParams(
            List.of(
                ContentBlockParam.ofImage(
                    Base64ImageSource.builder()
                        .mediaType(Base64ImageSource.MediaType.IMAGE_PNG)
                        .data(PNG)
                        .build()),
                ContentBlockParam.ofText("What colour?")))
        .build();
  }

  @Test
  void anthropicTakesImages() {
    upstream.answer(ANTHROPIC_MESSAGES, "anthropic/message.json");

    anthropic.messages().create(imageTo(CLAUDE));

    JsonNode blocks =
        sent(upstream.onlyAsked(ANTHROPIC_MESSAGES)).path("messages").path(0).path("content");
    assertThat(blocks.path(0).path("source").path("data").asText()).isEqualTo(PNG);
    assertThat(blocks.path(0).path("source").path("media_type").asText()).isEqualTo("image/png");
    assertThat(blocks.path(1).path("text").asText()).isEqualTo("What colour?");
  }

  @Test
  void anthropicForwardsBetaNames() {
    upstream.answer(ANTHROPIC_MESSAGES, "anthropic/message.json");

    anthropic
        .messages()
        .create(
            message(CLAUDE).putAdditionalHeader("anthropic-beta", "one-2025, two-2025").build());

    assertThat(upstream.onlyAsked(ANTHROPIC_MESSAGES).headers().get("anthropic-beta"))
        .contains("one-2025", "two-2025");
  }

  @Test
  void anthropicListsModels() {
    assertThat(anthropic.models().list().data()).extracting(ModelInfo::id).contains(CLAUDE);
  }

  @Test
  void anthropicCountsTokens() {
    upstream.answer("/v1/messages/count_tokens", "anthropic/count-tokens.json");

    long count =
        anthropic
            .messages()
            .countTokens(
                MessageCountTokensParams.builder().model(CLAUDE).addUserMessage("Hi").build())
            .inputTokens();

    assertThat(count).isEqualTo(2095);
    Asked asked = upstream.onlyAsked("/v1/messages/count_tokens");
    assertThat(asked.headers()).containsEntry("x-api-key", ANTHROPIC_KEY);
    assertThat(sent(asked).path("model").asText()).isEqualTo(CLAUDE);
  }

  @Test
  void anthropicReadsTheRequestId() {
    upstream.answer(ANTHROPIC_MESSAGES, "anthropic/message.json");

    try (com.anthropic.core.http.HttpResponseFor<Message> answer =
        anthropic.messages().withRawResponse().create(message(CLAUDE).build())) {
      assertThat(answer.requestId()).hasValueSatisfying(id -> assertThat(id).isNotBlank());
    }
  }

  // Anthropic's client and failures

  private static AnthropicServiceException refused(AnthropicClient client, String model) {
    return catchThrowableOfType(
        AnthropicServiceException.class, () -> client.messages().create(message(model).build()));
  }

  private static void hasRequestId(AnthropicServiceException e) {
    assertThat(e.requestId()).hasValueSatisfying(id -> assertThat(id).isNotBlank());
  }

  private static String anthropicError(String type, String message) {
    return """
        {"type":"error","error":{"type":"%s","message":"%s"},"request_id":"req_upstream"}"""
        .formatted(type, message);
  }

  private static void hasType(AnthropicServiceException e, String type) {
    assertThat(e.type().map(Object::toString)).contains(type);
  }

  @Test
  void anthropicRefusesAnotherToken() {
    AnthropicServiceException e = refused(anthropic(ANOTHER_TOKEN), CLAUDE);

    assertThat(e).isInstanceOf(com.anthropic.errors.UnauthorizedException.class);
    hasType(e, "authentication_error");
    hasRequestId(e);
    assertThat(upstream.asked(ANTHROPIC_MESSAGES)).isEmpty();
  }

  @Test
  void anthropicDoesNotFindAModelThatNobodyOffers() {
    AnthropicServiceException e = refused(anthropic, "no-such-model");

    assertThat(e).isInstanceOf(com.anthropic.errors.NotFoundException.class);
    hasType(e, "not_found_error");
    hasRequestId(e);
  }

  @Test
  void anthropicReadsWhatIsWrongWithARequest() {
    fail(
        ANTHROPIC_MESSAGES,
        Reply.json(
            400, anthropicError("invalid_request_error", "messages: at least one is required")));

    AnthropicServiceException e = refused(anthropic, CLAUDE);

    assertThat(e).isInstanceOf(com.anthropic.errors.BadRequestException.class);
    hasType(e, "invalid_request_error");
    assertThat(e.apiMessage()).contains("messages: at least one is required");
    assertThat(RETRIES).hasValue(0);
  }

  @Test
  void anthropicIsToldWhenToComeBackAndWaitsWithoutTheProviderBeingAskedMeanwhile() {
    fail(
        ANTHROPIC_MESSAGES,
        Reply.json(429, anthropicError("rate_limit_error", "Slow down")).with("Retry-After", "7"));

    AnthropicServiceException e = refused(anthropic, CLAUDE);

    assertThat(e).isInstanceOf(com.anthropic.errors.RateLimitException.class);
    hasType(e, "rate_limit_error");
    assertThat(e.headers().values("retry-after"))
        .singleElement()
        .satisfies(seconds -> assertThat(Integer.parseInt(seconds)).isBetween(1, 7));
    assertThat(RETRIES).as("it waits as it is told, twice").hasValue(2);
    assertThat(e.headers().values("x-should-retry")).isEmpty();
    assertThat(upstream.asked(ANTHROPIC_MESSAGES)).hasSize(1);
    hasRequestId(e);
  }

  @ParameterizedTest
  @CsvSource({"500, api_error", "529, overloaded_error"})
  void anthropicNeedNotTryAgainWhatWasTriedThreeTimesHere(int status, String type) {
    fail(ANTHROPIC_MESSAGES, Reply.json(status, anthropicError(type, "Broken")));

    AnthropicServiceException e = refused(anthropic, CLAUDE);

    assertThat(e.statusCode()).isGreaterThanOrEqualTo(500);
    assertThat(e.type()).isPresent();
    assertThat(RETRIES).hasValue(0);
    assertThat(upstream.asked(ANTHROPIC_MESSAGES)).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"error", "cut", "noise"})
  void anthropicIsToldThatAnAnswerBrokeOff(String how) {
    Reply whole = Reply.file("anthropic/message-stream.sse");
    fail(
        ANTHROPIC_MESSAGES,
        switch (how) {
          case "error" ->
              whole.endingAfter(
                  4,
                  "event: error\ndata: "
                      + anthropicError("overloaded_error", "Overloaded")
                      + "\n\n");
          case "noise" -> whole.endingAfter(4, "event: content_block_delta\ndata: {\"typ\n\n");
          default -> whole.cutAfter(4);
        });
    List<RawMessageStreamEvent> got = new ArrayList<>();

    assertThatThrownBy(
            () -> {
              try (com.anthropic.core.http.StreamResponse<RawMessageStreamEvent> stream =
                  anthropic.messages().createStreaming(message(CLAUDE).build())) {
                stream.stream().forEach(got::add);
              }
            })
        .isInstanceOf(
            how.equals("noise")
                ? com.anthropic.errors.AnthropicInvalidDataException.class
                : com.anthropic.errors.SseException.class);

    assertThat(got).hasSizeGreaterThanOrEqualTo(3);
    assertThat(RETRIES).hasValue(0);
  }

  // Translated: one provider's client, another one's model

  /** Ollama has OpenAI's protocol beside its own. */
  private static void lay(String model, String kind) {
    String end = kind.endsWith("-stream") ? ".sse" : ".json";
    if (model.equals(CLAUDE)) {
      upstream.answer(ANTHROPIC_MESSAGES, "anthropic/message" + kind + end);
    } else {
      upstream.answer(OPENAI_CHAT, "openai/chat" + kind + end);
    }
  }

  @ParameterizedTest
  @CsvSource({
    CLAUDE + ", false, Grüße — from Claude 🦉, 9",
    CLAUDE + ", true, Grüße — from Claude 🦉, 9",
    LLAMA + ", false, Grüße — a short answer 🦉, 8",
    LLAMA + ", true, Grüße — a short answer 🦉, 8"
  })
  void openAisClientTalksToOthersModels(String model, boolean inParts, String said, int tokens) {
    lay(model, inParts ? "-stream" : "");
    ChatCompletionCreateParams.Builder params = chat(model);
    if (inParts) {
      params.streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build());
    }

    ChatCompletion answer =
        inParts
            ? collected(chunks(params.build()))
            : openAi.chat().completions().create(params.build());

    assertThat(text(answer)).isEqualTo(said);
    assertThat(answer.choices().get(0).finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(tokens);
  }

  @ParameterizedTest
  @CsvSource({CLAUDE + ", false", CLAUDE + ", true", LLAMA + ", false", LLAMA + ", true"})
  void openAisClientCallsFunctionsThroughOthersModels(String model, boolean inParts) {
    lay(model, inParts ? "-tools-stream" : "-tools");
    ChatCompletionCreateParams params = chat(model).addFunctionTool(weather()).build();

    ChatCompletion answer =
        inParts ? collected(chunks(params)) : openAi.chat().completions().create(params);

    assertThat(answer.choices().get(0).finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(calls(answer).get(0))
        .endsWith(" get_weather({\"city\":\"Paris\",\"unit\":\"c\"})")
        .doesNotStartWith(" ");
  }

  @Test
  void openAisClientShowsImagesToClaude() {
    lay(CLAUDE, "");

    openAi.chat().completions().create(withImage(CLAUDE));

    JsonNode blocks =
        sent(upstream.onlyAsked(ANTHROPIC_MESSAGES)).path("messages").path(0).path("content");
    assertThat(blocks.path(1).path("source").path("data").asText()).isEqualTo(PNG);
  }

  @ParameterizedTest
  @CsvSource({
    GPT + ", false, Grüße — a short answer 🦉, 8",
    GPT + ", true, Grüße — a short answer 🦉, 8",
    LLAMA + ", false, Grüße — a short answer 🦉, 8",
    LLAMA + ", true, Grüße — a short answer 🦉, 8"
  })
  void anthropicsClientTalksToOthersModels(String model, boolean inParts, String said, int tokens) {
    lay(model, inParts ? "-stream" : "");
    MessageCreateParams params = message(model).build();

    Message answer = inParts ? streamed(params) : anthropic.messages().create(params);

    assertThat(text(answer)).isEqualTo(said);
    assertThat(answer.stopReason()).contains(StopReason.END_TURN);
    assertThat(answer.usage().outputTokens()).isEqualTo(tokens);
  }

  @ParameterizedTest
  @CsvSource({GPT + ", false", GPT + ", true", LLAMA + ", false", LLAMA + ", true"})
  void anthropicsClientUsesToolsThroughOthersModels(String model, boolean inParts) {
    lay(model, inParts ? "-tools-stream" : "-tools");
    MessageCreateParams params = message(model).addTool(weatherTool()).build();

    Message answer = inParts ? streamed(params) : anthropic.messages().create(params);

    assertThat(answer.stopReason()).contains(StopReason.TOOL_USE);
    assertThat(calls(answer).get(0))
        .endsWith(" get_weather({\"city\":\"Paris\",\"unit\":\"c\"})")
        .doesNotStartWith(" ");
    assertThat(answer.content()).noneMatch(ContentBlock::isThinking);
  }

  @Test
  void anthropicsClientShowsImagesToGpt() {
    lay(GPT, "");

    anthropic.messages().create(imageTo(GPT));

    assertThat(upstream.onlyAsked(OPENAI_CHAT).body())
        .contains("data:image/png;base64," + PNG)
        .contains("What colour?");
  }
}
