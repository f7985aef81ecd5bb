package io.mimir.upstream.service;

import static io.mimir.upstream.service.ScriptedServer.CHUNK;
import static io.mimir.upstream.service.ScriptedServer.LAST;
import static io.mimir.upstream.service.ScriptedServer.stream;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.credential.ModelRef;
import io.mimir.llm.Provider;
import io.mimir.llm.ProviderOperation;
import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.Translation;
import io.mimir.llm.service.protocol.UpstreamOptions;
import io.mimir.usage.CallSource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A translated stream over a real connection. */
class TranslatedRelayTest {

  private static RecordedTarget responses(ScriptedServer server) throws InterruptedException {
    try (TestEngine engine = new TestEngine()) {
      engine
          .keys()
          .add(
              Provider.CUSTOM,
              "house",
              "sk-house-0123456789",
              server.url(),
              Map.of("available_models", List.of("m1")));
      byte[] body = "{\"input\":\"Hi\",\"stream\":true}".getBytes(StandardCharsets.UTF_8);
      CallSpec spec =
          new CallSpec(
              engine.keys().catalog().resolve(new ModelRef(null, "m1")),
              CallSource.of("usr_1", "tok_1"),
              body,
              0,
              provider -> true,
              null,
              true,
              true,
              true,
              null,
              false);
      CallPlan plan =
          lease -> {
            Translation translation =
                Translation.between(WireProtocol.OPENAI_RESPONSES, WireProtocol.OPENAI_CHAT, "a");
            return new UpstreamRequest(
                "POST",
                lease.adapter().path(ProviderOperation.CHAT_COMPLETIONS, lease.model()),
                Map.of("Content-Type", "application/json"),
                translation.request(body, new UpstreamOptions(lease.model(), 9, true)),
                WireProtocol.OPENAI_CHAT,
                translation,
                true);
          };
      RecordedTarget target = new RecordedTarget();
      engine.calls().begin(spec, plan, target);
      return target.await();
    }
  }

  @Test
  void anAnswerOfTheResponsesThatBreaksOffSaysThatItFailed() throws Exception {
    try (ScriptedServer server = new ScriptedServer().always(stream(0, CHUNK))) {
      RecordedTarget target = responses(server);

      assertThat(target.failure).isNotNull();
      assertThat(target.text())
          .containsSubsequence(
              "event: response.created", "event: response.output_text.delta", "response.failed")
          .endsWith("\n\n")
          .doesNotContain("response.completed");
    }
  }

  @Test
  void oneThatComesToItsEndDoesNot() throws Exception {
    try (ScriptedServer server = new ScriptedServer().always(stream(0, CHUNK, LAST))) {
      RecordedTarget target = responses(server);

      assertThat(target.failure).isNull();
      assertThat(target.text()).contains("response.completed").doesNotContain("response.failed");
    }
  }
}
