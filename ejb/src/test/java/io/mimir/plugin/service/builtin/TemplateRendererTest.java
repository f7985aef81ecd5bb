package io.mimir.plugin.service.builtin;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.plugin.service.PluginCallException;
import io.mimir.plugin.service.PluginCallException.Kind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateRendererTest {

  private final Bench bench = new Bench(new TemplateRenderer());

  private String render(String template, String data) throws PluginCallException {
    return bench.call("render", input(template, data)).path("text").asText();
  }

  private static String input(String template, String data) {
    return Builtins.JSON
        .createObjectNode()
        .put("template", template)
        .set("data", Bench.json(data))
        .toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Hi {{name}}!               | Hi Ada!",
        "{{user.mail.0}}{{user.id}} | x7",
        "{{#list}}<{{.}}>{{/list}}  | <a><1><true><>",
        "{{#people}}{{n}} of {{name}},{{/people}} | 1 of Ada,2 of Ada,",
        "{{^none}}nobody{{/none}}   | nobody",
        "{{#yes}}y{{/yes}}{{#no}}n{{/no}}{{#empty}}e{{/empty}}{{#nil}}0{{/nil}} | y",
        "{{user}}                   | {\"mail\":{\"0\":\"x\"},\"id\":7}",
        "{{price}}                  | 0.10",
        "{{nil}}.                   | .",
        "{{html}}                   | <b>&</b>",
      })
  void namesStandForMembersOfTheData(String template, String expected) throws Exception {
    String data =
        """
        {"name":"Ada","user":{"mail":{"0":"x"},"id":7},"list":["a",1,true,null],"none":[],
         "people":[{"n":1},{"n":2}],"yes":true,"no":false,"empty":"","nil":null,"price":0.10,
         "html":"<b>&</b>"}
        """;

    assertThat(render(template, data)).isEqualTo(expected);
  }

  @Test
  void dataIsNeverReadAsATemplate() throws Exception {
    assertThat(render("{{a}}", "{\"a\":\"{{b}} {{{b}}} {{#b}}\",\"b\":\"secret\"}"))
        .isEqualTo("{{b}} {{{b}}} {{#b}}");
  }

  /** What a library that reflects would find on a text, a number, a list or a map. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "text.length", "text.class", "text.bytes", "text.getClass", "list.size", "list.0",
        "map.empty", "map.entrySet", "class", "getClass", "number.intValue", "map.nodeType",
        "list.isEmpty", "text.hashCode", "toString"
      })
  void namesNeverLeadIntoJava(String name) {
    String data = "{\"text\":\"t\",\"number\":1,\"list\":[1],\"map\":{}}";

    assertThat(bench.refusal("render", input("{{" + name + "}}", data))).isEqualTo("missing_names");
  }

  @Test
  void allMissingNamesAreSaidAtOnce() {
    PluginCallException failure =
        bench.failure("render", input("{{a}} {{b.c}} {{there}} {{b.d}}", "{\"there\":1,\"b\":{}}"));

    assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
    assertThat(failure).hasMessage("The data has no value for: a, b.c, b.d");
    assertThat(bench.failure("render", input("{{#gone}}x{{/gone}}", "{}")))
        .hasMessage("The data has no value for: gone");
  }

  @Test
  void missingNamesAreNothingWhenConfiguredSo() throws Exception {
    bench.configure("{\"missing\":\"empty\",\"template\":\"[{{a}}{{#b}}x{{/b}}{{c.d}}]\"}");

    assertThat(bench.call("render", "{\"data\":{}}").path("text").asText()).isEqualTo("[]");
    assertThat(bench.call("render", "{}").path("text").asText()).isEqualTo("[]");
  }

  @Test
  void textsForAPageAreEscapedWhenConfiguredSo() throws Exception {
    bench.configure("{\"escape\":\"html\"}");

    assertThat(render("{{a}}", "{\"a\":\"<b>&\"}")).isEqualTo("&lt;b&gt;&amp;");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{{#a}}", "{{/a}}", "{{#a}}{{", "{{>other}}", "{{#a}}{{/b}}"})
  void aTemplateThatCannotBeReadIsRefused(String template) {
    assertThat(bench.refusal("render", input(template, "{\"a\":1}"))).isEqualTo("bad_template");
  }

  @Test
  void aTemplateHasToComeFromSomewhere() {
    assertThat(bench.refusal("render", "{}")).isEqualTo("missing_template");
  }

  @Test
  void sectionsThatNestTooDeepEndTheCallAndNothingElse() throws Exception {
    String template = "{{#a}}".repeat(5000) + "x" + "{{/a}}".repeat(5000);
    try {
      assertThat(bench.call("render", input(template, "{\"a\":true}")).path("text").asText())
          .isEqualTo("x");
    } catch (PluginCallException e) {
      assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    }
    assertThat(render("{{a}}", "{\"a\":1}")).isEqualTo("1");
  }

  @Test
  void loopsInLoopsEndAtTheDeadline() {
    String list = "[" + "1,".repeat(999) + "1]";
    String template = "{{#l}}".repeat(8) + "{{/l}}".repeat(8);
    long start = System.nanoTime();

    PluginCallException failure =
        bench.failure("render", input(template, "{\"l\":" + list + "}"), Duration.ofMillis(300));

    assertThat(failure.kind()).isEqualTo(Kind.DEADLINE);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void aTextDoesNotGrowWithoutBound() {
    String list = "[" + "1,".repeat(999) + "1]";

    assertThat(
            bench.refusal(
                "render",
                input("{{#l}}{{#l}}0123456789abcdef{{/l}}{{/l}}", "{\"l\":" + list + "}")))
        .isEqualTo("too_large");
  }
}
