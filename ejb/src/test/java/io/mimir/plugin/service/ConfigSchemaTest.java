package io.mimir.plugin.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.FieldError;
import io.mimir.error.ProblemException;
import io.mimir.plugin.service.ConfigSchema.Split;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigSchemaTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String SCHEMA =
      """
      {"type": "object", "additionalProperties": false, "required": ["url"],
       "properties": {
         "url": {"type": "string", "format": "uri"},
         "depth": {"type": "integer", "minimum": 1},
         "mode": {"enum": ["fast", "good"]},
         "token": {"type": "string", "x-secret": true, "minLength": 4}}}
      """;

  private final ConfigSchema schema = ConfigSchema.of(SCHEMA);

  private static ObjectNode json(String text) {
    try {
      return (ObjectNode) JSON.readTree(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Split empty() {
    return new Split(JSON.createObjectNode(), JSON.createObjectNode());
  }

  private Split lay(String sent) {
    return schema.lay(json(sent), empty());
  }

  @Test
  void secretsAreKeptApart() {
    Split laid = lay("{\"url\": \"https://example.org\", \"token\": \"canary-1234\"}");

    assertThat(schema.secrets()).containsExactly("token");
    assertThat(laid.open().toString()).doesNotContain("canary");
    assertThat(laid.secret().toString()).contains("canary-1234");
    assertThat(laid.whole().size()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"url\":\"https://b.example\"}                  | canary-1234",
        "{\"url\":\"https://b.example\",\"token\":\"\"}   | canary-1234",
        "{\"url\":\"https://b.example\",\"token\":null}   | ''",
        "{\"url\":\"https://b.example\",\"token\":\"next\"} | next",
      })
  void aSecretStaysUntilItIsReplacedOrRemoved(String sent, String left) {
    Split before =
        lay("{\"url\": \"https://example.org\", \"depth\": 2, \"token\": \"canary-1234\"}");

    Split after = schema.lay(json(sent), before);

    assertThat(after.secret().path("token").asText()).isEqualTo(left);
    assertThat(after.open().has("depth")).as("the open part is replaced").isFalse();
    assertThat(before.secret().path("token").asText()).isEqualTo("canary-1234");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                                     | config.url",
        "{\"url\": 5}                                           | config.url",
        "{\"url\": \"https://a.example\", \"depth\": 0}         | config.depth",
        "{\"url\": \"https://a.example\", \"mode\": \"slow\"}   | config.mode",
        "{\"url\": \"https://a.example\", \"canary\": 1}        | config.canary",
        "{\"url\": \"https://a.example\", \"token\": 123456}    | config.token",
        "{\"url\": \"https://a.example\", \"token\": \"c12\"}   | config.token",
      })
  void whatDoesNotFitIsNamedWithoutItsValue(String sent, String field) {
    assertThatThrownBy(() -> lay(sent))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.errors()).extracting(FieldError::field).containsExactly(field);
              assertThat(e.errors().get(0).message()).doesNotContain("slow", "123456", "c12");
            });
  }

  @Test
  void everyFaultIsToldAtOnce() {
    assertThatThrownBy(() -> lay("{\"depth\": 0, \"mode\": \"slow\"}"))
        .isInstanceOfSatisfying(ProblemException.class, e -> assertThat(e.errors()).hasSize(3));
  }

  @Test
  void withoutASchemaThereIsNothingToConfigure() {
    ConfigSchema none = ConfigSchema.of(null);

    assertThat(none.lay(json("{}"), empty()).whole()).isEmpty();
    assertThatThrownBy(() -> none.lay(json("{\"a\": 1}"), empty()))
        .isInstanceOf(ProblemException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/schema.json",
        "file:///etc/passwd",
        "https://example.org/s.json",
      })
  void nothingThatASchemaRefersToIsFetched(String address) {
    assertThatThrownBy(() -> ConfigSchema.of("{\"$ref\": \"" + address + "\"}"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "5", "{", "\"x\""})
  void aSchemaIsAnObject(String text) {
    assertThatThrownBy(() -> ConfigSchema.of(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
