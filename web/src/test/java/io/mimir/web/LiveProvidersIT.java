package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.web.Wire.Answer;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The real providers, for whoever has a key and a few cents: it runs where OPENAI_API_KEY or
 * ANTHROPIC_API_KEY is set. OPENAI_BASE_URL and ANTHROPIC_BASE_URL lead elsewhere, as they do for
 * the official clients.
 */
class LiveProvidersIT {

  /** Whom to ask, and for which of its models: small ones. */
  enum Provider {
    OPENAI(Pattern.compile("gpt-[0-9.o]+-(mini|nano)")),
    ANTHROPIC(Pattern.compile("claude-.*haiku.*"));

    private final Pattern small;

    Provider(Pattern small) {
      this.small = small;
    }

    private String id() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    private String environment(String end) {
      String value = System.getenv(name() + end);
      return value == null ? "" : value.strip();
    }

    private Map<String, String> settings() {
      Map<String, String> settings = new TreeMap<>();
      settings.put("MIMIR_ADMIN_USER", MimirServer.ADMIN);
      settings.put("MIMIR_ADMIN_PASSWORD", MimirServer.PASSWORD);
      String base = environment("_BASE_URL");
      if (!base.isEmpty()) {
        settings.put("MIMIR_" + name() + "_ENDPOINT", base);
        settings.put("MIMIR_ENDPOINT_ALLOWLIST", URI.create(base).getHost());
      }
      return settings;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRealProviderAnswersWholeAndInAStreamAndIsCounted(Provider provider) throws Exception {
    String key = provider.environment("_API_KEY");
    assumeTrue(!key.isEmpty(), provider + "_API_KEY is not set");
    try (MimirServer server = MimirServer.start(provider.settings())) {
      Wire admin = Wire.anonymous(server.uri()).as(MimirServer.ADMIN, MimirServer.PASSWORD);
      Answer made =
          admin.post(
              "/api/v1/settings/api-keys",
              "{\"provider\":\"%s\",\"name\":\"live\",\"key_value\":\"%s\"}"
                  .formatted(provider.id(), key));
      assertThat(made.status()).isEqualTo(201);
      JsonNode test =
          admin.post("/api/v1/settings/api-keys/" + made.text("id") + "/test", "").json();
      assertThat(test.path("reason").asText()).as("%s", test).isEqualTo("ok");
      Wire caller =
          admin.with(
              admin
                  .post(
                      "/api/v1/settings/tokens",
                      "{\"name\":\"live\",\"scopes\":[\"gateway\"],\"requests_per_minute\":10}")
                  .text("token"));
      String model = smallModel(caller, provider);
      String question =
          "{\"model\":\"%s\",\"stream\":%s,\"max_completion_tokens\":300,\"messages\":[{\"role\":\"user\",\"content\":\"Say the word seven, and nothing else.\"}]}";

      Answer whole = caller.post("/v1/chat/completions", question.formatted(model, false));
      assertThat(whole.status()).as(whole.http().body()).isEqualTo(200);
      assertThat(whole.json().at("/choices/0/message/content").asText())
          .containsIgnoringCase("seven");
      assertThat(whole.json().at("/usage/completion_tokens").asInt()).isPositive();

      Answer stream = caller.post("/v1/chat/completions", question.formatted(model, true));
      assertThat(stream.status()).isEqualTo(200);
      assertThat(stream.http().body()).contains("data: {", "data: [DONE]");

      Answer messages =
          caller.post(
              "/v1/messages",
              "{\"model\":\"%s\",\"max_tokens\":300,\"messages\":[{\"role\":\"user\",\"content\":\"Say the word seven, and nothing else.\"}]}"
                  .formatted(model));
      assertThat(messages.status()).as(messages.http().body()).isEqualTo(200);
      assertThat(messages.json().path("content").findValuesAsText("text").toString())
          .containsIgnoringCase("seven");
      awaitCounted(admin, model);
    }
  }

  private static String smallModel(Wire caller, Provider provider) {
    for (JsonNode model : caller.get("/v1/models").json().path("data")) {
      if (provider.small.matcher(model.path("id").asText()).matches()) {
        return model.path("id").asText();
      }
    }
    throw new AssertionError(
        "No small model is offered: " + caller.get("/v1/models").http().body());
  }

  private static void awaitCounted(Wire admin, String model) throws InterruptedException {
    long end = System.nanoTime() + 10_000_000_000L;
    while (true) {
      for (JsonNode row : admin.get("/api/v1/usage?group_by=model").json()) {
        if (row.path("model").asText().equals(model)
            && row.path("requests").asInt() == 3
            && row.path("input_tokens").asInt() > 0) {
          return;
        }
      }
      assertThat(System.nanoTime()).as("usage is counted").isLessThan(end);
      Thread.sleep(200);
    }
  }
}
