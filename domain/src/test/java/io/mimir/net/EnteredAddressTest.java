package io.mimir.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.ProblemException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnteredAddressTest {

  @ParameterizedTest
  @CsvSource({
    "https://api.openai.com/v1, https://api.openai.com/v1",
    "https://api.openai.com/v1/, https://api.openai.com/v1",
    "https://h.example, https://h.example",
    "https://api.cloudflare.com/client/v4/accounts/abc/ai/v1, https://api.cloudflare.com/client/v4/accounts/abc/ai/v1",
    "https://models.github.ai/inference, https://models.github.ai/inference",
    "https://dbc.example/serving-endpoints/, https://dbc.example/serving-endpoints",
    "http://h:3000/api, http://h:3000/api",
    "https://r.openai.azure.com/openai/deployments/x, https://r.openai.azure.com/openai/deployments/x",
    "https://r.services.ai.azure.com/models, https://r.services.ai.azure.com/models",
    "http://127.0.0.1:4000/llama/v1, http://127.0.0.1:4000/llama/v1"
  })
  void thePathStaysAsItWasTyped(String entered, String base) {
    assertThat(EnteredAddress.parse(entered).base()).hasToString(base);
  }

  @ParameterizedTest
  @CsvSource({
    "https://opencode.ai/zen/go/v1/chat/completions, https://opencode.ai/zen/go/v1",
    "https://h.example/v1/chat/completions/, https://h.example/v1",
    "https://h.example/v1/Chat/Completions, https://h.example/v1",
    "https://h.example/v1/completions, https://h.example/v1",
    "https://h.example/v1/embeddings, https://h.example/v1",
    "https://h.example/v1/responses, https://h.example/v1",
    "https://h.example/v1/models, https://h.example/v1",
    "https://g.example/v1beta/openai/models, https://g.example/v1beta/openai",
    "https://api.anthropic.com/v1/messages, https://api.anthropic.com/v1",
    "https://api.anthropic.com/v1/messages/count_tokens, https://api.anthropic.com/v1",
    "http://localhost:11434/api/chat, http://localhost:11434",
    "http://localhost:11434/api/tags, http://localhost:11434",
    "http://localhost:11434/api/generate, http://localhost:11434",
    "http://localhost:3000/api/chat/completions, http://localhost:3000/api",
    "https://r.services.ai.azure.com/models/chat/completions, https://r.services.ai.azure.com/models",
    "https://h.example/chat/completions, https://h.example"
  })
  void theAddressOfAnOperationIsCutBackToItsBase(String entered, String base) {
    assertThat(EnteredAddress.parse(entered).base()).hasToString(base);
  }

  @Test
  void theQueryIsTakenApart() {
    EnteredAddress azure =
        EnteredAddress.parse(
            " https://r.openai.azure.com/openai/deployments/x/chat/completions"
                + "?api-version=2024-10-21&a=b%20c&flag ");

    assertThat(azure.base()).hasToString("https://r.openai.azure.com/openai/deployments/x");
    assertThat(azure.query())
        .isEqualTo(Map.of("api-version", "2024-10-21", "a", "b c", "flag", ""));
    assertThat(azure.query().keySet()).containsExactly("api-version", "a", "flag");
  }

  @Test
  void whatIsNoAddressIsRefusedWithoutItsText() {
    for (String text :
        List.of(
            "",
            "https://h/v1#CANARY",
            "https://h/v1?a=1#CANARY",
            "https://h/v1?CANARY=%zz",
            "https://h/v1?CANARY=1&CANARY=2",
            "https://u:CANARY@h/v1?a=1",
            "https://h/%43ANARY?a=1",
            "https://h/../CANARY")) {
      assertThatThrownBy(() -> EnteredAddress.parse(text))
          .as(text)
          .isInstanceOf(ProblemException.class)
          .hasMessageNotContaining("CANARY");
    }
  }
}
