package io.mimir.credential;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.llm.Provider;
import org.junit.jupiter.api.Test;

class ModelRefTest {

  @Test
  void aProviderInFrontIsTakenOff() {
    assertThat(ModelRef.of(null, "ollama/llama3"))
        .isEqualTo(new ModelRef(Provider.OLLAMA, "llama3"));
  }

  @Test
  void aSlashThatBelongsToTheModelStays() {
    assertThat(ModelRef.of(null, "meta-llama/Llama-3"))
        .isEqualTo(new ModelRef(null, "meta-llama/Llama-3"));
    assertThat(ModelRef.of(Provider.CUSTOM, "openai/gpt-oss"))
        .isEqualTo(new ModelRef(Provider.CUSTOM, "openai/gpt-oss"));
  }
}
