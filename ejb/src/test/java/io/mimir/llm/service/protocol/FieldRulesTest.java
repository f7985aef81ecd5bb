package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.FieldRules.FieldRule;
import io.mimir.llm.service.protocol.FieldRules.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of fields, row by row, against what the translation does. */
class FieldRulesTest {

  static Stream<FieldExample> examples() {
    return Stream.of(
            FieldExamples.ofOpenAi(),
            FieldExamples.ofAnthropic(),
            ResponsesFieldExamples.ALL,
            OllamaFieldExamples.ALL,
            ToResponsesFieldExamples.ALL)
        .flatMap(List::stream);
  }

  private static byte[] body(FieldExample example) {
    String minimal =
        switch (example.client()) {
          case ANTHROPIC_MESSAGES ->
              "{'max_tokens':9000,'messages':[{'role':'user','content':'x'}]}";
          case OPENAI_RESPONSES, OLLAMA_EMBED -> "{'input':'x'}";
          case OLLAMA_GENERATE -> "{'prompt':'x'}";
          default -> "{'messages':[{'role':'user','content':'x'}]}";
        };
    ObjectNode body = (ObjectNode) Call.json(minimal);
    body.setAll((ObjectNode) Call.json("{" + example.given() + "}"));
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static UpstreamOptions options(FieldExample example) {
    return new UpstreamOptions(example.model(), 4096, true);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void eachFieldBecomesWhatTheTableSays(FieldExample example) {
    Translation translation = Translation.between(example.client(), example.upstream());
    String expected = example.expected();
    if (expected.startsWith("refused:")) {
      refused(translation, example, expected.substring(8));
      return;
    }
    byte[] asked = translation.request(body(example), options(example));

    if (expected.startsWith("out:")) {
      assertThat(translation.leftOut()).containsExactly(expected.substring(4));
    } else {
      int equals = expected.indexOf('=');
      assertThat(Call.json(asked).at(expected.substring(0, equals)))
          .as(new String(asked, StandardCharsets.UTF_8))
          .isEqualTo(Call.json(expected.substring(equals + 1)));
    }
  }

  private static void refused(Translation translation, FieldExample example, String field) {
    ProblemException refusal =
        catchThrowableOfType(
            ProblemException.class, () -> translation.request(body(example), options(example)));

    assertThat(refusal).isNotNull();
    assertThat(refusal.problem()).isEqualTo(Problem.REFUSED);
    assertThat(refusal.errors().get(0).field()).isEqualTo(field);
    assertThat(refusal)
        .hasMessageStartingWith(field + " ")
        .hasMessageContaining(example.client().label())
        .hasMessageContaining(example.upstream().label());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void aStrictCallIsRefusedWhereSomethingWouldBeLeftOut(FieldExample example) {
    Translation translation = Translation.between(example.client(), example.upstream());
    ProblemException refusal =
        catchThrowableOfType(
            ProblemException.class,
            () -> translation.request(body(example), options(example).strict(true)));

    if (example.expected().startsWith("out:")) {
      assertThat(refusal).isNotNull();
      assertThat(refusal.problem()).isEqualTo(Problem.REFUSED);
      assertThat(refusal).hasMessageContaining("mimir-strict");
      assertThat(translation.leftOut()).isEmpty();
    }
  }

  @Test
  void everyRowHasAnExampleAndEveryExampleARow() {
    List<String> rows = FieldRules.all().stream().map(FieldRulesTest::nameOf).distinct().toList();

    assertThat(examples().map(FieldRulesTest::nameOf).distinct())
        .containsExactlyInAnyOrderElementsOf(rows);
  }

  private static String nameOf(FieldRule rule) {
    return rule.client() + " " + rule.field() + (rule.kind() == Kind.MEANING ? " refused" : "");
  }

  private static String nameOf(FieldExample example) {
    boolean refused = example.expected().startsWith("refused:");
    return example.client() + " " + example.rule() + (refused ? " refused" : "");
  }

  @ParameterizedTest
  @CsvSource({"OPENAI_CHAT,ANTHROPIC_MESSAGES", "ANTHROPIC_MESSAGES,OPENAI_CHAT"})
  void whatNobodyKnowsIsLeftOutAndNamed(WireProtocol client, WireProtocol upstream) {
    Call call =
        Call.of(
            client,
            upstream,
            "{'max_tokens':9,'brand_new':1,'evil\\r\\nSet-Cookie: a':1,'messages':"
                + "[{'role':'user','content':'x','also_new':{}}]}");

    assertThat(call.translation.leftOut())
        .containsExactlyInAnyOrder("brand_new", "evilSet-Cookiea", "messages.also_new");
  }

  @Test
  void whatNobodyKnowsIsRefusedInAStrictCall() {
    Translation translation =
        Translation.between(WireProtocol.OPENAI_CHAT, WireProtocol.ANTHROPIC_MESSAGES);
    byte[] body =
        Call.quoted("{'brand_new':1,'messages':[{'role':'user','content':'x'}]}")
            .getBytes(StandardCharsets.UTF_8);
    UpstreamOptions strict = new UpstreamOptions(Call.MODEL, 9, true).strict(true);

    ProblemException refusal =
        catchThrowableOfType(ProblemException.class, () -> translation.request(body, strict));

    assertThat(refusal.problem()).isEqualTo(Problem.REFUSED);
    assertThat(refusal)
        .hasMessage(
            "brand_new has no equivalent in Anthropic's messages (/v1/messages), which this model's"
                + " provider speaks, and this call is strict: leave it out, or call without"
                + " mimir-strict, or choose a model whose provider speaks OpenAI's chat completions"
                + " (/v1/chat/completions)");
  }

  @Test
  void noMoreThanTwentyNamesAreKept() {
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      fields
          .append("'x")
          .append("y".repeat(100))
          .append(i)
          .append("':1,'z")
          .append(i)
          .append("':1,");
    }
    Call call =
        Call.of(
            WireProtocol.OPENAI_CHAT,
            WireProtocol.ANTHROPIC_MESSAGES,
            "{" + fields + "'messages':[{'role':'user','content':'x'}]}");

    assertThat(call.translation.leftOut())
        .hasSize(20)
        .allMatch(name -> name.matches("[A-Za-z0-9_.-]{1,64}"));
  }
}
