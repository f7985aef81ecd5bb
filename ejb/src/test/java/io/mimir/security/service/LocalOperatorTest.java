package io.mimir.security.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.security.Secret;
import io.mimir.storage.service.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalOperatorTest {

  private final LocalOperator operator = new LocalOperator();
  private DataFolder folder;

  @TempDir Path root;

  @BeforeEach
  void open() throws IOException {
    folder = DataFolder.lock(root).orElseThrow();
    operator.folder = folder;
    operator.vault = TestVaults.fresh();
    operator.config = new OperatorConfig();
    operator.config.host = Optional.empty();
    operator.config.port = "18080";
  }

  @AfterEach
  void close() throws IOException {
    folder.close();
  }

  @Test
  void whoeverReadsTheDataFolderMayReadWhatIsInIt() throws IOException {
    assertThat(operator.withToken(Secret.of("mimir-operator-x"))).isEmpty();

    operator.start(new Started());

    Path file = folder.file(LocalOperator.FILE);
    JsonNode written = new ObjectMapper().readTree(Files.readString(file));
    Secret token = Secret.of(written.path("token").asText());
    assertThat(DataFolder.isReadableByOthers(file)).isFalse();
    assertThat(written.path("url").asText()).isEqualTo("http://127.0.0.1:18080");
    assertThat(token.reveal()).matches("mimir-operator-[0-9A-Za-z]{43}");
    Identity identity = operator.withToken(token).orElseThrow();
    assertThat(identity.groups()).containsExactlyInAnyOrder("operator", "auditor", "scope:metrics");
    assertThat(identity.isPerson()).isFalse();
    assertThat(operator.withToken(Secret.of(token.reveal() + "x"))).isEmpty();

    operator.stop(new Stopping());

    assertThat(file).doesNotExist();
    assertThat(operator.withToken(token)).isEmpty();
  }

  @Test
  void aServerThatCannotWriteItsFileDoesNotStart() throws IOException {
    Files.createDirectories(folder.file(LocalOperator.FILE).resolve("in the way"));

    assertThatThrownBy(() -> operator.start(new Started()))
        .isInstanceOf(StartException.class)
        .hasMessageContaining(LocalOperator.FILE);
  }

  @ParameterizedTest
  @CsvSource({
    "'', http://127.0.0.1:8080",
    "0.0.0.0, http://127.0.0.1:8080",
    "::, http://127.0.0.1:8080",
    "' 192.0.2.7 ', http://192.0.2.7:8080",
    "::1, http://[::1]:8080",
    "mimir.example, http://mimir.example:8080"
  })
  void theServerIsReachedWhereItListens(String host, String url) {
    OperatorConfig config = new OperatorConfig();
    config.host = Optional.of(host);
    config.port = "8080";

    assertThat(config.url()).isEqualTo(url);
  }
}
