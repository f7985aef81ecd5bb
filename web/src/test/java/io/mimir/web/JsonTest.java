package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  record Form(
      String name,
      Secret keyValue,
      Integer rateLimit,
      Boolean isActive,
      Instant expiresAt,
      List<String> models,
      Map<String, Object> metadata) {}

  private static Form read(String json) {
    return Json.read(json.getBytes(StandardCharsets.UTF_8), Form.class);
  }

  private static ProblemException refusal(byte[] body) {
    try {
      Json.read(body, Form.class);
    } catch (ProblemException e) {
      return e;
    }
    throw new AssertionError("not refused");
  }

  @Test
  void readsSnakeCaseIntoRecords() {
    Form form =
        read(
            """
            {"name":"ü","key_value":"sk-1","rate_limit":5,"is_active":false,
             "expires_at":"2026-01-31T09:00:00+01:00","models":["a"],"metadata":{"x":[1,{"y":null}]}}
            """);

    assertThat(form.name()).isEqualTo("ü");
    assertThat(form.keyValue().reveal()).isEqualTo("sk-1");
    assertThat(form.expiresAt()).isEqualTo(Instant.parse("2026-01-31T08:00:00Z"));
    assertThat(form.metadata()).containsKey("x");
  }

  @Test
  void absentAndNullAreTheSame() {
    assertThat(read("{}")).isEqualTo(read("{\"name\":null}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "{",
        "}",
        "[]",
        "\"text\"",
        "1",
        "true",
        "{\"name\":}",
        "{'name':1}",
        "{\"name\":\"a\",}",
        "{\"name\":\"a\"} x",
        "{\"name\":\"a\"}{}",
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"metadata\":{\"a\":1,\"a\":2}}",
        "{name:\"a\"}",
        "{\"name\":NaN}",
        "// c\n{}",
        "{\"name\":\"a\tb\"}",
        "{\"name\":\"\\x\"}",
        "{\"name\":\"\\ud800\"}",
        "{\"name\":\"\\udc00x\"}",
        "{\"name\":\"a\\u0000b\"}",
        "{\"key_value\":\"a\\u0000b\"}",
        "\ufeff{}",
        "{\"rate_limit\":01}",
        "{\"rate_limit\":1e999999999}",
        "{\"rate_limit\":99999999999999999999999999999999999999999999999999999999999999999999999}"
      })
  void whatIsNoSingleObjectIsRefused(String body) {
    assertThat(refusal(body.getBytes(StandardCharsets.UTF_8)).problem())
        .isIn(Problem.MALFORMED, Problem.INVALID);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"name\":1}|name",
        "{\"name\":true}|name",
        "{\"name\":{}}|name",
        "{\"key_value\":5}|key_value",
        "{\"rate_limit\":\"5\"}|rate_limit",
        "{\"rate_limit\":1.5}|rate_limit",
        "{\"is_active\":\"true\"}|is_active",
        "{\"is_active\":1}|is_active",
        "{\"expires_at\":\"tomorrow\"}|expires_at",
        "{\"models\":\"a\"}|models",
        "{\"models\":[1]}|models.0",
        "{\"metadata\":7}|metadata"
      })
  void aWrongTypeNamesTheField(String body, String field) {
    ProblemException e = refusal(body.getBytes(StandardCharsets.UTF_8));

    assertThat(e.problem()).isEqualTo(Problem.INVALID);
    assertThat(e.errors().get(0).field()).isEqualTo(field);
  }

  @Test
  void anUnknownFieldIsNamedAndItsValueIsNot() {
    ProblemException e = refusal("{\"nmae\":\"sk-CANARY\"}".getBytes(StandardCharsets.UTF_8));

    assertThat(e.problem()).isEqualTo(Problem.UNKNOWN_FIELD);
    assertThat(e.errors().get(0).field()).isEqualTo("nmae");
    assertThat(e.getMessage()).doesNotContain("CANARY").contains("key_value");
  }

  @Test
  void noRefusalRepeatsWhatWasSent() {
    for (String body :
        new String[] {
          "{\"rate_limit\":\"sk-CANARY\"}",
          "{\"key_value\":\"sk-CANARY\"",
          "{\"key_value\":[\"sk-CANARY\"]}",
          "{\"expires_at\":\"sk-CANARY\"}",
          "sk-CANARY"
        }) {
      ProblemException e = refusal(body.getBytes(StandardCharsets.UTF_8));
      assertThat(e.getMessage() + e.errors()).as(body).doesNotContain("CANARY");
      assertThat(e.getCause()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {65, 100, 1_000, 10_000, 100_000})
  void depthIsRefusedWithoutOverflowingTheStack(int depth) {
    for (String open : new String[] {"[", "{\"a\":"}) {
      byte[] body = ("{\"metadata\":{\"x\":" + open.repeat(depth)).getBytes(StandardCharsets.UTF_8);
      assertThat(refusal(body).problem()).isEqualTo(Problem.MALFORMED);
    }
  }

  @Test
  void sixtyFourLevelsAreFine() {
    String deep = "[".repeat(61) + "]".repeat(61);

    assertThat(read("{\"metadata\":{\"x\":" + deep + "}}").metadata()).containsKey("x");
  }

  @Test
  void stringsOver64KibibytesAreRefused() {
    assertThat(read("{\"name\":\"" + "a".repeat(65_536) + "\"}").name()).hasSize(65_536);
    assertThatThrownBy(() -> read("{\"name\":\"" + "a".repeat(70_000) + "\"}"))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.MALFORMED));
  }

  @Test
  void bytesThatAreNoUtf8AreRefused() {
    byte[][] bodies = {
      {'{', '"', 'n', 'a', 'm', 'e', '"', ':', '"', (byte) 0xff, '"', '}'},
      "{\"name\":\"ü\"}".getBytes(StandardCharsets.ISO_8859_1),
      "{}".getBytes(StandardCharsets.UTF_16),
      {(byte) 0xed, (byte) 0xa0, (byte) 0x80}
    };
    for (byte[] body : bodies) {
      assertThat(refusal(body).problem()).isEqualTo(Problem.MALFORMED);
    }
  }

  @Test
  void writesSnakeCaseNullsAndTimesToTheMillisecond() {
    record View(String keyHint, boolean isActive, Instant lastUsedAt, Instant createdAt) {}

    assertThat(Json.text(new View("a", true, null, Instant.parse("2026-01-31T08:00:00.123456Z"))))
        .isEqualTo(
            "{\"key_hint\":\"a\",\"is_active\":true,\"last_used_at\":null,"
                + "\"created_at\":\"2026-01-31T08:00:00.123Z\"}");
  }
}
