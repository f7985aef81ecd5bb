package io.mimir.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProviderTest {

  @Test
  void theContractsProvidersAreThere() {
    assertThat(Provider.all().stream().map(Provider::wire))
        .contains(
            "openai",
            "anthropic",
            "ollama",
            "custom",
            "azure",
            "openrouter",
            "groq",
            "mistral",
            "deepseek",
            "xai",
            "together",
            "github-models",
            "cloudflare-workers-ai",
            "databricks",
            "gemini",
            "vllm",
            "lm-studio",
            "open-webui");
  }

  @Test
  void aProviderIsTheSameAfterItWasStoredInASession() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(List.of(Provider.OLLAMA));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(((List<?>) in.readObject()).get(0)).isSameAs(Provider.OLLAMA);
    }
  }

  @Test
  void anIdThatIsNotListedIsNoProvider() {
    assertThat(Provider.ofWire("OPENAI")).isEmpty();
    assertThat(Provider.ofWire("")).isEmpty();
    assertThatThrownBy(() -> Provider.of("nobody")).hasMessageContaining("nobody");
  }

  @Test
  void anEntryNeedsNoMoreThanAnIdAndAnAddress() {
    ProviderDescriptor entry =
        ProviderReader.parse("[{\"id\": \"new\", \"endpoint\": \"https://llm.example.com/v1\"}]")
            .get(0);

    assertThat(entry.family()).isEqualTo(ProtocolFamily.OPENAI);
    assertThat(entry.auth()).isEqualTo(AuthScheme.BEARER);
    assertThat(entry.needsKey()).isTrue();
    assertThat(entry.selfHosted()).isFalse();
    assertThat(entry.models().path()).isNull();
  }

  @Test
  void aMisspeltMemberOfAnEntryIsRefused() {
    assertThatThrownBy(
            () ->
                ProviderReader.parse(
                    "[{\"id\": \"new\", \"endpoint\": \"https://a.example\", \"auht\": \"none\"}]"))
        .hasMessageContaining("new")
        .hasRootCauseMessage("Unknown members: [auht]");
  }

  @Test
  void twoEntriesWithOneIdAreRefused() {
    assertThatThrownBy(
            () ->
                ProviderReader.parse(
                    "[{\"id\": \"a\", \"endpoint\": \"https://a.example\"},"
                        + "{\"id\": \"a\", \"endpoint\": \"https://a.example\"}]"))
        .hasMessageContaining("Two providers are named a");
  }

  @Test
  void whatIsNoJsonIsRefusedWithItsPlace() {
    for (String text :
        List.of("[{\"id\": \"a\"", "[{\"id\" \"a\"}]", "[,]", "[] []", "[1]", "[\"a\\n\"]", "")) {
      assertThatThrownBy(() -> ProviderReader.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void anAuthSchemeIsWrittenAsItIsRead() {
    for (String text : List.of("bearer", "none", "header:api-key")) {
      assertThat(AuthScheme.of(text).orElseThrow()).hasToString(text);
    }
    assertThat(AuthScheme.of("header:")).isEmpty();
    assertThat(AuthScheme.of("header:a b")).isEmpty();
    assertThat(AuthScheme.of("basic")).isEmpty();
  }
}
