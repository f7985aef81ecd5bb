package io.mimir.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointUrlTest {

  @ParameterizedTest
  @CsvSource({
    "https://api.openai.com/v1, https://api.openai.com/v1, https://api.openai.com:443",
    "HTTPS://API.OpenAI.com:443/v1/, https://api.openai.com/v1, https://api.openai.com:443",
    "http://192.168.1.100:11434, http://192.168.1.100:11434, http://192.168.1.100:11434",
    "http://192.168.1.100:11434/, http://192.168.1.100:11434, http://192.168.1.100:11434",
    "http://Ollama.:80/v1, http://ollama/v1, http://ollama:80",
    "https://h:80/Team/A//, https://h:80/Team/A, https://h:80",
    "http://[FD12::5]:8080/v1, http://[fd12::5]:8080/v1, http://[fd12::5]:8080"
  })
  void oneMeaningHasOneSpelling(String entered, String stored, String origin) {
    EndpointUrl url = EndpointUrl.parse(entered);

    assertThat(url).hasToString(stored).isEqualTo(EndpointUrl.parse(stored));
    assertThat(url.origin()).isEqualTo(origin);
  }

  @Test
  void anotherPathIsHeldToTheSameRules() {
    EndpointUrl url = EndpointUrl.parse("http://h:1/ai");

    assertThat(url.withPath("/ai/v1/")).hasToString("http://h:1/ai/v1");
    assertThat(url.path()).isEqualTo("/ai");
    assertThatThrownBy(() -> url.withPath("/a b")).isInstanceOf(ProblemException.class);
  }
}
