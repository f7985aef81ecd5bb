package io.mimir.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointUrlTest {

  @ParameterizedTest
  @CsvSource({
    "https://api.openai.com/v1, https://api.openai.com, https://api.openai.com:443",
    "HTTPS://API.OpenAI.com:443/v1/, https://api.openai.com, https://api.openai.com:443",
    "http://192.168.1.100:11434, http://192.168.1.100:11434, http://192.168.1.100:11434",
    "http://192.168.1.100:11434/, http://192.168.1.100:11434, http://192.168.1.100:11434",
    "http://Ollama.:80/v1, http://ollama, http://ollama:80",
    "https://h:80/Team/A/v1, https://h:80/Team/A, https://h:80",
    "http://[FD12::5]:8080/v1, http://[fd12::5]:8080, http://[fd12::5]:8080"
  })
  void oneMeaningHasOneSpelling(String entered, String stored, String origin) {
    EndpointUrl url = EndpointUrl.parse(entered);

    assertThat(url).hasToString(stored).isEqualTo(EndpointUrl.parse(stored));
    assertThat(url.origin()).isEqualTo(origin);
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.openai.com, https://api.openai.com/v1/models",
    "https://api.openai.com/v1/, https://api.openai.com/v1/models",
    "https://openrouter.ai/api/v1, https://openrouter.ai/api/v1/models",
    "https://g.example/v1beta/openai, https://g.example/v1beta/openai/models",
    "https://open.bigmodel.cn/api/paas/v4, https://open.bigmodel.cn/api/paas/v4/models"
  })
  void aVersionIsPutInUnlessTheBaseHasOne(String base, String models) {
    assertThat(EndpointUrl.parse(base).resolveVersioned("/models")).hasToString(models);
  }

  @Test
  void pathsOfOtherProtocolsFollowTheBase() {
    assertThat(EndpointUrl.parse("http://h:1/ai/v1/").resolve("/api/chat"))
        .hasToString("http://h:1/ai/api/chat");
  }
}
