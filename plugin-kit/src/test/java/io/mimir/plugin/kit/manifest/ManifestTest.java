package io.mimir.plugin.kit.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.fixture.Manifests;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {

  private static Manifest read(String text) throws ManifestException {
    return Manifest.read(Manifests.utf8(text));
  }

  private static void refuses(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining(message)
        .extracting(e -> ((ManifestException) e).reason())
        .isEqualTo(RefusalReason.BAD_MANIFEST);
  }

  @Test
  void saysWhatItsAuthorWrote() throws Exception {
    Manifest manifest = read(Manifests.SMALL);

    assertThat(manifest.name()).isEqualTo("acme-echo");
    assertThat(manifest.version()).hasToString("1.2.3");
    assertThat(manifest.type()).isEqualTo(Manifest.Type.DATA_PROCESSING);
    assertThat(manifest.type().wire()).isEqualTo("data_processing");
    assertThat(manifest.description()).isEqualTo("Gives back what it gets");
    assertThat(manifest.author()).isEqualTo("Acme");
    assertThat(manifest.license()).isEqualTo("MIT");
    assertThat(manifest.homepage()).isEqualTo("https://acme.example/echo");
    assertThat(manifest.permissions()).containsExactly("work_folder");
    assertThat(manifest.unsupportedPermissions()).isEmpty();
    assertThat(manifest.hasSupportedAbi()).isTrue();
    assertThat(manifest.extensions()).containsExactly("x-built-by");
    assertThat(manifest.limits())
        .isEqualTo(new Manifest.Limits(64, Duration.ofSeconds(1), 4, Quota.DEFAULT));
    assertThat(manifest.configSchema().orElseThrow())
        .hasToString(
            "{\"type\":\"object\",\"properties\":{\"key\":{\"type\":\"string\",\"x-secret\":true}}}");
    assertThat(manifest.text()).isEqualTo(Manifests.SMALL);
    assertThat(manifest.utf8()).isEqualTo(Manifests.utf8(Manifests.SMALL));
    Manifest.Action echo = manifest.action("echo").orElseThrow();
    assertThat(echo.idempotent()).isTrue();
    assertThat(echo.timeout()).contains(Duration.ofMillis(500));
    assertThat(echo.inputSchema().orElseThrow()).hasToString("{\"type\":\"object\"}");
    assertThat(echo.outputSchema()).isEmpty();
    assertThat(manifest.action("other")).isEmpty();
  }

  @Test
  void needsLittle() throws Exception {
    Manifest manifest =
        read(
            "{\"mimir_plugin\":1,\"abi\":1,\"name\":\"ab\",\"version\":\"0.0.1\",\"type\":\"ai\","
                + "\"actions\":[{\"name\":\"a\"}]}");

    assertThat(manifest.description()).isEmpty();
    assertThat(manifest.permissions()).isEmpty();
    assertThat(manifest.configSchema()).isEmpty();
    assertThat(manifest.limits())
        .isEqualTo(Manifest.Limits.DEFAULT)
        .isEqualTo(new Manifest.Limits(256, Duration.ofSeconds(30), 1, Quota.DEFAULT));
    assertThat(manifest.actions().get(0).idempotent()).isFalse();
    assertThat(manifest.actions().get(0).timeout()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"mimir_plugin\": 1,|``|mimir_plugin is missing",
        "\"abi\": 1,|``|abi is missing",
        "\"name\": \"acme-echo\",|``|name is missing",
        "\"version\": \"1.2.3\",|``|version is missing",
        ", \"type\": \"data_processing\"|``|type is missing",
        "\"abi\": 1|\"abi\": \"1\"|abi must be a whole number",
        "\"abi\": 1|\"abi\": 1.0|abi must be a whole number",
        "\"abi\": 1|\"abi\": 1e0|abi must be a whole number",
        "\"abi\": 1|\"abi\": -1|abi must be a whole number",
        "\"acme-echo\"|\"Acme\"|name must be 2 to 64",
        "\"acme-echo\"|\"a\"|name must be 2 to 64",
        "\"acme-echo\"|\"../a\"|name must be 2 to 64",
        "\"acme-echo\"|\"1a\"|name must be 2 to 64",
        "\"acme-echo\"|7|name must be text, not a number",
        "\"1.2.3\"|\"1.2\"|version must be semantic",
        "\"data_processing\"|\"AI\"|type must be one of input, output, ai, data_processing",
        "\"Acme\"|\"Ac\\u202eme\"|author has control characters",
        "\"Acme\"|\"Ac\\nme\"|author has control characters",
        "\"Acme\"|\"Ac\\u0000me\"|author has control characters",
        "\"Acme\"|null|author must be text, not null",
        "\"MIT\"|\"\\u001b[31m\"|license has control characters",
        "\"Gives back|\"\\u2066Gives back|description has control characters",
        "https://acme.example/echo|javascript:alert(1)|homepage must be",
        "https://acme.example/echo|ftp://acme.example|homepage must be",
        "https://acme.example/echo|https:///|homepage must be",
        "https://acme.example/echo|https://a@acme.example|homepage must be",
        "https://acme.example/echo|https://acme.example/ x|homepage must be",
        "\"x-built-by\"|\"built-by\"|\"built-by\" is not known; names of your own begin with x-",
        "\"x-built-by\"|\"x-\\u202e\"|is no name",
        "\"idempotent\": true|\"idempotent\": 1|actions[0].idempotent must be true or false",
        "\"idempotent\"|\"idempotant\"|actions[0]: \"idempotant\" is not known",
        "\"timeout_ms\": 500|\"timeout_ms\": 0|actions[0].timeout_ms must be a whole number from 1",
        "\"timeout_ms\": 500|\"timeout_ms\": 99999999999999999999|actions[0].timeout_ms must be",
        "\"name\": \"echo\"|\"name\": \"Echo\"|actions[0].name must be",
        "\"input_schema\": {\"type\": \"object\"}|\"input_schema\": true|actions[0].input_schema must be an object",
        "\"x-secret\": true|\"title\": \"a\\u202eb\"|config_schema has control characters",
        "\"x-secret\": true|\"\\u0007\": 1|config_schema has control characters",
        "[\"work_folder\"]|\"work_folder\"|permissions must be an array, not text",
        "[\"work_folder\"]|[1]|permissions must be texts, not a number",
        "[\"work_folder\"]|[\"\\u0007\"]|permissions[0] is no permission",
        "\"memory_mb\": 64|\"memory_mb\": 4097|limits.memory_mb must be a whole number from 1 to 4096",
        "\"concurrency\": 4|\"concurrency\": 65|limits.concurrency must be a whole number from 1 to 64",
        "\"concurrency\"|\"fibres\"|limits: \"fibres\" is not known",
        "\"concurrency\": 4|\"work_mb\": 1025|limits.work_mb must be a whole number from 1 to 1024",
        "\"concurrency\": 4|\"work_files\": 10001|limits.work_files must be a whole number from 1 to 10000",
        "\"concurrency\": 4|\"threads\": 0|limits.threads must be a whole number from 1 to 1024",
        "\"concurrency\": 4|\"idle_cpu_ms\": 60001|limits.idle_cpu_ms must be a whole number from 100 to 60000",
        "{\"memory_mb\": 64, \"call_timeout_ms\": 1000, \"concurrency\": 4}|[]|limits must be an object"
      })
  void whatIsWrongIsNamed(String piece, String other, String message) {
    refuses(Manifests.with(piece, other), message);
  }

  @Test
  void otherTextIsRefused() {
    refuses("", "The manifest is not JSON: Expected a value");
    refuses("[]", "The manifest must be an object, not an array");
    refuses(Manifests.SMALL + "}", "not JSON");
  }

  @Test
  void actionsHaveBounds() {
    String actions = Manifests.SMALL.replaceAll("(?s).*(\"actions\": \\[.*?\\}\\}\\]).*", "$1");
    String many =
        IntStream.range(0, 65)
            .mapToObj(i -> "{\"name\":\"a" + i + "\"}")
            .collect(Collectors.joining(","));

    refuses(Manifests.with(actions, "\"actions\": []"), "actions must be 1 to 64");
    refuses(Manifests.with(actions, "\"actions\": [" + many + "]"), "actions must be 1 to 64");
    refuses(
        Manifests.with(actions, "\"actions\": [{\"name\":\"a\"},{\"name\":\"a\"}]"),
        "two actions named a");
  }

  @Test
  void textsHaveBounds() throws Exception {
    assertThat(read(Manifests.with("\"Acme\"", '"' + "😀".repeat(256) + '"')).author())
        .hasSize(512);
    refuses(Manifests.with("\"Acme\"", '"' + "a".repeat(257) + '"'), "more than 256");
    assertThat(read(Manifests.with("Gives", "a".repeat(4000) + "\\n\\t")).description())
        .contains("\n\t");
    refuses(Manifests.with("Gives", "a".repeat(4096)), "more than 4096");
  }

  @Test
  void whatIsNewerIsUnsupportedRatherThanBad() throws Exception {
    assertThat(read(Manifests.with("\"abi\": 1", "\"abi\": 2")).hasSupportedAbi()).isFalse();
    assertThat(read(Manifests.with("_plugin\": 1", "_plugin\": 0")).hasSupportedAbi()).isFalse();
    assertThatThrownBy(
            () -> read(Manifests.with("\"abi\": 1", "\"abi\": 2, \"something\": \"new\"")))
        .extracting(e -> ((ManifestException) e).reason())
        .isEqualTo(RefusalReason.ABI_UNSUPPORTED);
  }

  @Test
  void saysWhatThePluginMayUseUp() throws Exception {
    Manifest manifest =
        read(
            Manifests.with(
                "\"concurrency\": 4",
                "\"work_mb\": 8, \"work_files\": 9, \"threads\": 10, \"idle_cpu_ms\": 100"));

    assertThat(manifest.limits().quota()).isEqualTo(new Quota(8, 9, 10, Duration.ofMillis(100)));
    assertThat(Quota.DEFAULT).isEqualTo(new Quota(64, 1000, 128, Duration.ofSeconds(3)));
  }

  @Test
  void aTreeOfFilesIsAskedFor() throws Exception {
    Manifest manifest =
        read(Manifests.with("[\"work_folder\"]", "[\"work_folder\", \"work_folder_tree\"]"));

    assertThat(manifest.asksForTree()).isTrue();
    assertThat(manifest.unsupportedPermissions()).isEmpty();
    assertThat(read(Manifests.SMALL).asksForTree()).isFalse();
  }

  @Test
  void networkIsNotGranted() throws Exception {
    assertThat(
            read(Manifests.with("[\"work_folder\"]", "[\"network\", \"work_folder\", \"gpu\"]"))
                .unsupportedPermissions())
        .containsExactly("network", "gpu");
  }
}
