package io.mimir.upstream.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.usage.CallUsage;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenCountsTest {

  private final TokenCounts counts = new TokenCounts();

  private boolean read(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return counts.read(bytes, 0, bytes.length);
  }

  private void expect(long input, long output) {
    assertThat(counts.input()).as("input").isEqualTo(input);
    assertThat(counts.output()).as("output").isEqualTo(output);
  }

  @Test
  void nothingIsKnownUntilItIsTold() {
    expect(-1, -1);
    assertThat(read("{\"choices\":[{\"index\":0,\"delta\":{}}],\"usage\":null}")).isTrue();
    expect(-1, -1);
  }

  @ParameterizedTest
  @CsvSource({
    "14417.92, 14418",
    "10.0, 10",
    "1e3, 1000",
    "0.2, 1",
    "0, 0",
    "-0.0, -1",
    "-3, -1",
    "-0.5, -1",
    "'\"12\"', -1",
    "null, -1",
    "true, -1",
    "[5], -1",
    "{\"n\":5}, -1",
    "9223372036854775807, 1000000000000",
    "99999999999999999999999999, 1000000000000",
    "1e400, 1000000000000"
  })
  void anyNumberCountsRoundedUpAndNothingElseDoes(String number, long expected) {
    assertThat(read("{\"usage\":{\"prompt_tokens\":" + number + ",\"completion_tokens\":1}}"))
        .isTrue();
    expect(expected, 1);

    TokenCounts ollama = new TokenCounts();
    byte[] line =
        ("{\"done\":true,\"eval_count\":" + number + "}").getBytes(StandardCharsets.UTF_8);
    assertThat(ollama.read(line, 0, line.length)).isTrue();
    assertThat(ollama.output()).isEqualTo(expected);
  }

  @Test
  void aNumberThatIsTooLongIsNoCountAndTheRestIsRead() {
    String digits = "1".repeat(1_500);

    assertThat(read("{\"usage\":{\"prompt_tokens\":" + digits + ",\"completion_tokens\":7}}"))
        .isTrue();
    expect(-1, 7);
  }

  @Test
  void anthropicsCacheIsCountedOnTop() {
    read(
        "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3,"
            + "\"cache_creation_input_tokens\":20,\"cache_read_input_tokens\":100,"
            + "\"cache_creation\":{\"ephemeral_5m_input_tokens\":20,\"input_tokens\":900},"
            + "\"output_tokens\":1}}}");
    expect(123, 1);

    read("{\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":50}}");
    expect(123, 50);
  }

  @Test
  void aHostedToolOfAnthropicRaisesTheCountsAtTheEnd() {
    read("{\"message\":{\"usage\":{\"input_tokens\":3,\"cache_creation_input_tokens\":31490}}}");
    read(
        "{\"type\":\"message_delta\",\"usage\":{\"input_tokens\":123201,"
            + "\"cache_creation_input_tokens\":184457,\"cache_read_input_tokens\":426653,"
            + "\"output_tokens\":9,\"server_tool_use\":{\"web_search_requests\":5}}}");

    expect(123201 + 184457 + 426653, 9);
  }

  @Test
  void openAisCacheIsPartOfThePrompt() {
    read(
        "{\"usage\":{\"prompt_tokens\":2459,\"completion_tokens\":23,\"total_tokens\":2482,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":2455},"
            + "\"completion_tokens_details\":{\"reasoning_tokens\":11}}}");
    expect(2459, 23);
  }

  @Test
  void aCacheThatIsNamedInBothWaysIsNotCountedTwice() {
    read(
        "{\"usage\":{\"prompt_tokens\":2459,\"input_tokens\":2459,\"completion_tokens\":23,"
            + "\"cache_read_input_tokens\":2455,\"cache_creation_input_tokens\":0}}");

    expect(2459, 23);
  }

  @Test
  void thoughtsThatOnlyTheTotalHasAreOutput() {
    read(
        "{\"usage\":{\"prompt_tokens\":10120,\"completion_tokens\":1499,\"total_tokens\":14428,"
            + "\"completion_tokens_details\":{\"reasoning_tokens\":2809}}}");

    expect(10120, 4308);
  }

  @Test
  void fractionsOfATotalMakeNoOutput() {
    read("{\"usage\":{\"prompt_tokens\":1.5,\"completion_tokens\":1.2,\"total_tokens\":2.7}}");

    expect(2, 2);
  }

  @Test
  void openAisResponsesTellThemAtTheEnd() {
    read(
        "{\"type\":\"response.completed\",\"response\":{\"output\":[{\"usage\":{\"input_tokens\":"
            + "999}}],\"usage\":{\"input_tokens\":36,\"input_tokens_details\":{\"cached_tokens\":"
            + "30},\"output_tokens\":87,\"total_tokens\":123}}}");

    expect(36, 87);
  }

  @Test
  void groqAndMoonshotHaveThemInPlacesOfTheirOwn() {
    read("{\"choices\":[],\"x_groq\":{\"id\":\"r\",\"usage\":{\"prompt_tokens\":5}}}");
    read(
        "{\"choices\":[{\"index\":0,\"delta\":{\"usage\":{\"prompt_tokens\":999}},"
            + "\"finish_reason\":\"stop\",\"usage\":{\"prompt_tokens\":19,"
            + "\"completion_tokens\":13}}]}");

    expect(19, 13);
  }

  @Test
  void aLaterEventThatSaysLessTakesNothingBack() {
    read("{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":12}}");
    read("{\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}}");

    expect(9, 12);
  }

  @Test
  void embeddingsHaveNoOutput() {
    read("{\"data\":[],\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}");

    expect(8, 0);
  }

  @Test
  void sumsOfHugeCountsStayInRange() {
    read(
        "{\"usage\":{\"input_tokens\":1e300,\"cache_read_input_tokens\":1e300,"
            + "\"output_tokens\":1e300}}");

    expect(CallUsage.MAX_TOKENS, CallUsage.MAX_TOKENS);
  }

  @Test
  void whatATranslationHasReadTakesThePlaceOfAllThat() {
    read("{\"usage\":{\"input_tokens\":5,\"cache_read_input_tokens\":7,\"output_tokens\":1}}");

    counts.set(20, 30);

    expect(20, 30);
  }

  @ParameterizedTest
  @CsvSource({"'[1]'", "'{\"a\":1} {}'", "'{\"usage\":{\"prompt_tokens\":'", "''"})
  void whatIsNotOneObjectIsSaidToBeNone(String json) {
    assertThat(read(json)).isFalse();
  }
}
