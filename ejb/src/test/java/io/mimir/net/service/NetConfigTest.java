package io.mimir.net.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.lifecycle.service.StartException;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetConfigTest {

  private final NetConfig config = EgressClients.config("");

  @Test
  void withoutSettingsNothingIsOpened() {
    config.allowlist = Optional.empty();

    assertThatCode(() -> config.check(null)).doesNotThrowAnyException();
    assertThat(config.policy().dev()).isFalse();
    assertThat(config.policy().ownPort()).isEqualTo(8080);
    assertThat(config.httpProxy()).isEmpty();
    assertThat(config.openAiEndpoint()).isEmpty();
    assertThat(config.anthropicEndpoint()).isEmpty();
  }

  @Test
  void everySettingIsHeard() {
    config.profile = "dev";
    config.port = 9000;
    config.httpProxy = Optional.of(" http://proxy.corp:3128 ");
    config.openAi = Optional.of("http://127.0.0.1:1/v1");
    config.anthropic = Optional.of("http://127.0.0.1:2");

    assertThat(config.policy().dev()).isTrue();
    assertThat(config.policy().ownPort()).isEqualTo(9000);
    assertThat(config.httpProxy()).get().hasToString("http://proxy.corp:3128");
    assertThat(config.openAiEndpoint()).get().hasToString("http://127.0.0.1:1/v1");
    assertThat(config.anthropicEndpoint()).get().hasToString("http://127.0.0.1:2");
  }

  @Test
  void aMistakeStopsTheStartAndNamesTheSetting() {
    config.allowlist = Optional.of("not/one");
    assertThatThrownBy(() -> config.check(null))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("MIMIR_ENDPOINT_ALLOWLIST");

    config.allowlist = Optional.empty();
    config.httpProxy = Optional.empty();
    config.openAi = Optional.of("ftp://x");
    assertThatThrownBy(() -> config.check(null)).hasMessageContaining("MIMIR_OPENAI_ENDPOINT");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "proxy.test:3128",
        "https://user:CANARY@proxy.test:3128",
        "socks5://user:CANARY@proxy.test:1080",
        "http://user:CANARY@",
        "http://user:CANARY@proxy.test:0",
        "http://user:CANARY@proxy.test:99999",
        "http://user:CANARY@proxy.test:port",
        "http://user:CANARY@proxy.test/path",
        "http://user:CANARY@proxy.test?a=b",
        "http://user:CANARY%zz@proxy.test",
        "http://user:CANARY%4@proxy.test",
        "http://us%3Aer:CANARY@proxy.test",
        "http://user:CANARY%0D%0AX-A:%20b@proxy.test"
      })
  void aWrongProxyStopsTheStartWithASentenceAboutTheProxy(String text) {
    config.httpProxy = Optional.of(text);

    assertThatThrownBy(() -> config.check(null))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("MIMIR_HTTP_PROXY")
        .hasMessageContaining("proxy")
        .hasMessageNotContaining("CANARY")
        .hasMessageNotContaining("key")
        .hasNoCause();
  }

  @Test
  void aProxyMayHoldUserAndPasswordAndDoesNotShowThem() {
    config.httpProxy = Optional.of("http://user:CANARY%40@proxy.corp:3128/");

    assertThatCode(() -> config.check(null)).doesNotThrowAnyException();
    assertThat(config.httpProxy()).get().hasToString("http://proxy.corp:3128");
  }

  @ParameterizedTest
  @CsvSource({
    "jdbc:sqlite:/data/mimir.db, -1",
    "jdbc:postgresql://db.corp/mimir, 5432",
    "jdbc:postgresql://db.corp:6543/mimir?ssl=true, 6543",
    "jdbc:postgresql:mimir, 5432"
  })
  void theDatabasesPortIsKnown(String url, int port) {
    config.databaseUrl = Optional.of(url);

    assertThat(config.policy().databasePort())
        .isEqualTo(port < 0 ? OptionalInt.empty() : OptionalInt.of(port));
  }
}
