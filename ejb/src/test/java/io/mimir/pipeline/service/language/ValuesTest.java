package io.mimir.pipeline.service.language;

import static io.mimir.pipeline.service.language.Samples.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.mimir.pipeline.service.language.Samples.Seen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValuesTest {

  private final Values values = new Values(new Expressions());
  private final Seen scope =
      new Seen("{\"n\":1,\"list\":[{\"a\":1},{\"a\":2}],\"nil\":null,\"html\":\"<b>&</b>\"}")
          .step("fetch", "{\"body\":{\"x\":[10,20]}}")
          .step("skipped", "null");

  private ValueException failure(String template) {
    return catchThrowableOfType(ValueException.class, () -> values.resolve(json(template), scope));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":[1,true,null,\"plain\"]} | {\"a\":[1,true,null,\"plain\"]}",
        "\"n is {{input.n}}\" | \"n is 1\"",
        "\"{{input.n}}\" | \"1\"",
        "\"{{steps.fetch.body}}\" | \"{\\\"x\\\":[10,20]}\"",
        "\"{{input.html}}\" | \"<b>&</b>\"",
        "\"[{{input.nil}}{{steps.skipped}}]\" | \"[]\"",
        "\"{{#input.list}}{{a}};{{/input.list}}\" | \"1;2;\"",
        "\"{{run.id}}\" | \"run_1\"",
        "{\"$pointer\":\"/steps/fetch/body/x/1\"} | 20",
        "{\"$pointer\":\"/input/nil\"} | null",
        "{\"$pointer\":\"/input\"} | "
            + "{\"n\":1,\"list\":[{\"a\":1},{\"a\":2}],\"nil\":null,\"html\":\"<b>&</b>\"}",
        "[{\"$cel\":\"input.n + 1\"}] | [2]",
        "{\"$literal\":{\"$cel\":\"{{x}}\"}} | {\"$cel\":\"{{x}}\"}",
        "{\"$schema\":\"x\",\"type\":\"y\"} | {\"$schema\":\"x\",\"type\":\"y\"}",
      })
  void templatesBecomeValues(String template, String expected) throws ValueException {
    assertThat(values.resolve(json(template), scope)).hasToString(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"{{input.x}} {{steps.y.z}} {{q}}\" | missing | There is no value for: input.x, steps.y.z,"
            + " q.",
        "\"{{item}}\" | missing | There is no value for: item.",
        "\"{{#input.x}}a{{/input.x}}\" | missing | There is no value for: input.x.",
        "\"{{#a\" | bad_template |",
        "\"{{>other}}\" | bad_template | A template cannot include other templates.",
        "\"{{steps}}\" | bad_template |",
        "{\"$pointer\":\"/steps/fetch/nope\"} | missing | There is nothing at /steps/fetch/nope.",
        "{\"$pointer\":\"/steps/nope\"} | missing | There is nothing at /steps/nope.",
        "{\"$pointer\":\"/index\"} | missing | There is nothing at /index.",
        "{\"$pointer\":\"\"} | missing |",
        "{\"$pointer\":\"steps.fetch\"} | bad_pointer |",
        "{\"$cel\":\"input.nope\"} | missing |",
        "{\"$sql\":\"x\"} | unknown_member |",
      })
  void whatCannotBeMadeIsSaid(String template, String code, String sentence) {
    ValueException failure = failure(template);

    assertThat(failure.code()).isEqualTo(code);
    if (sentence != null) {
      assertThat(failure).hasMessage(sentence);
    }
  }

  @Test
  void dataIsNeverReadAsATemplate() throws ValueException {
    Seen evil =
        new Seen("{\"a\":\"{{run.id}} {\\\"$cel\\\":\\\"1\\\"}\",\"b\":{\"$cel\":\"1+1\"}}");

    assertThat(values.resolve(json("\"{{input.a}}\""), evil).textValue()).startsWith("{{run.id}}");
    assertThat(values.resolve(json("{\"$pointer\":\"/input/b\"}"), evil))
        .hasToString("{\"$cel\":\"1+1\"}");
  }

  @Test
  void valuesAreAtMost32MiBAnd64Deep() {
    Seen large = new Seen("{\"t\":\"" + "x".repeat(1024 * 1024) + "\"}");
    ArrayNode many = Samples.JSON.createArrayNode();
    for (int i = 0; i < 33; i++) {
      many.addObject().put("$pointer", "/input/t");
    }
    JsonNode deep = json("[".repeat(70) + "]".repeat(70));

    assertThat(catchThrowableOfType(ValueException.class, () -> values.resolve(many, large)))
        .hasMessage("The value is larger than 32 MiB.");
    assertThat(catchThrowableOfType(ValueException.class, () -> values.resolve(deep, large)))
        .hasMessage("The value is deeper than 64 objects and lists.");
    assertThat(failure("\"" + "{{steps.fetch.body}}".repeat(1) + "{{input.list}}\"")).isNull();
  }

  @Test
  void textsAreAtMost8MiCharacters() {
    Seen large = new Seen("{\"t\":\"" + "x".repeat(1024 * 1024) + "\"}");
    JsonNode text = Samples.JSON.getNodeFactory().textNode("{{input.t}}".repeat(9));

    assertThat(catchThrowableOfType(ValueException.class, () -> values.resolve(text, large)))
        .hasMessage("The text would be longer than 8 Mi characters.");
  }
}
