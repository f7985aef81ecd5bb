package io.mimir.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenEstimateTest {

  private static final CallUsage CALL =
      CallUsage.of(CallSource.of("usr_ann", null), "key_1", "m", false, 5);

  /** 40 bytes, which are ten tokens. */
  private static final String FORTY = "forty bytes of text, of which ten tokens";

  private final TokenEstimate estimate = new TokenEstimate();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void read(String event) {
    byte[] bytes = bytes("#" + event + "\"content\":\"not of it\"");
    estimate.read(bytes, 1, bytes(event).length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"id\":\"c\",\"model\":\"gpt\",\"choices\":[{\"delta\":{\"content\":\"%s\"}}]}",
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\", \"reasoning_content\" : \"%s\"}}]}",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"call_1\",\"function\":"
            + "{\"name\":\"f\",\"arguments\":\"%s\"}}]}}]}",
        "data: {\"choices\":[{\"text\":\"%s\",\"logprobs\":null}]}",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
            + "\"delta\":{\"type\":\"text_delta\",\"text\":\"%s\"}}",
        "data: {\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"%s\"}}",
        "data: {\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"%s\"}}",
        "data: {\"delta\":{\"type\":\"signature_delta\",\"signature\":\"EqQBCgIYAhIM\"},"
            + "\"text\":\"%s\"}",
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"msg\",\"delta\":\"%s\"}",
        "{\"model\":\"llama3\",\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},"
            + "\"done\":false}",
        "{\"model\":\"llama3\",\"response\":\"%s\",\"done\":false}"
      })
  void textIsFoundInEveryProtocol(String event) {
    read(event.formatted(FORTY));
    read(event.formatted(FORTY));

    assertThat(estimate.outputTokens()).isEqualTo(20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"type\":\"response.output_text.done\",\"text\":\"%s\"}",
        "data: {\"type\":\"response.completed\",\"response\":{\"output\":[{\"content\":[{"
            + "\"type\":\"output_text\",\"text\":\"%s\"}]}]}}",
        "data: {\"id\":\"%s\",\"system_fingerprint\":\"%s\",\"choices\":[]}",
        ": a comment with \"%s\"",
        "data: [DONE]",
        ""
      })
  void whatIsNoTextAndWhatWasSaidBeforeDoesNotCount(String event) {
    read(event.replace("%s", FORTY));

    assertThat(estimate.outputTokens()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "abcd, 1",
    "abcde, 2",
    "'', 0",
    "\\n\\\"\\\\\\t, 1",
    "日本語の, 3",
    "\\u65e5\\u672c\\u8a9e\\u306e, 3",
    "\\u0041\\u0042\\u0043\\u0044, 1"
  })
  void fourBytesOfUtf8AreATokenHoweverTheyAreEscaped(String text, long tokens) {
    read("{\"content\":\"" + text + "\"}");

    assertThat(estimate.outputTokens()).isEqualTo(tokens);
  }

  @Test
  void textThatWasReadAlreadyCountsAlike() {
    estimate.add("日本語の");
    estimate.add("é😀ab");

    assertThat(estimate.outputTokens()).isEqualTo(5);
  }

  @Test
  void aRequestCountsWithoutItsImagesAndFiles() {
    String text =
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello\"}";
    String image = ",{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}}";
    String source = ",{\"source\":{\"type\":\"base64\",\"data\":\"%s\"}}";
    String end = ",{\"weights\":\"%s\"}]}]}";
    String blob = "A".repeat(100_000);
    String whole =
        text
            + image.formatted("data:image/png;base64," + blob)
            + source.formatted(blob)
            + end.formatted("data:x;base64," + blob);
    int words = (text + image + source + end).length() - 6;

    assertThat(TokenEstimate.ofRequest(bytes(whole))).isEqualTo((words + 3) / 4);
  }

  @Test
  void aBodyThatIsNoJsonObjectCountsNothing() {
    assertThat(TokenEstimate.ofRequest(null)).isZero();
    assertThat(TokenEstimate.ofRequest(bytes("--boundary\r\ncontent"))).isZero();
    assertThat(TokenEstimate.ofRequest(bytes(" \r\n\t"))).isZero();
    assertThat(TokenEstimate.ofRequest(bytes(" {\"a\":1}"))).isEqualTo(2);
  }

  @Test
  void bytesThatAreNoJsonAreTakenWithoutHarm() {
    Random random = new Random(7);
    byte[] alphabet = bytes("\"\\:{}[],u0content \n");
    for (int round = 0; round < 20_000; round++) {
      byte[] junk = new byte[random.nextInt(40)];
      for (int i = 0; i < junk.length; i++) {
        junk[i] = alphabet[random.nextInt(alphabet.length)];
      }
      estimate.read(junk, 0, junk.length);
      assertThat(TokenEstimate.ofRequest(junk)).isBetween(0L, 10L);
    }
    assertThat(estimate.outputTokens()).isNotNegative();
  }

  @ParameterizedTest(name = "told {0}/{1}, ended {2}: {3}/{4}, estimated {5}")
  @CsvSource({
    "7, 9, true, 7, 9, false",
    "7, 0, true, 7, 0, false",
    "0, 0, true, 0, 0, false",
    "7, 1, false, 7, 10, true",
    "7, 25, false, 7, 25, false",
    "7, -1, true, 7, 10, true",
    "-1, 9, true, 3, 9, true",
    "-1, -1, false, 3, 10, true",
    "-1, -1, true, 3, 10, true"
  })
  void whatWasToldIsBelievedAndTheRestEstimated(
      long input, long output, boolean ended, long wantIn, long wantOut, boolean estimated) {
    estimate.add(FORTY);

    CallUsage call = estimate.settle(CALL, input, output, bytes("{\"a\":\"bcde\"}"), ended);

    assertThat(call.inputTokens()).isEqualTo(wantIn);
    assertThat(call.outputTokens()).isEqualTo(wantOut);
    assertThat(call.estimated()).isEqualTo(estimated);
  }
}
