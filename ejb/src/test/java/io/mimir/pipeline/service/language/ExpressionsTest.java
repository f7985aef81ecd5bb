package io.mimir.pipeline.service.language;

import static io.mimir.pipeline.service.language.TestScope.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionsTest {

  private static final Expressions EXPRESSIONS = new Expressions();

  private static final TestScope SCOPE =
      TestScope.of(
          "{'n':3,'d':1.5,'name':'Ann','none':null,'big':9007199254740993,"
              + "'items':[{'t':'a','n':1},{'t':'b','n':2}]}",
          "{'fetch':{'status':200,'body':{'x':[1,2]}},'my-step':{'ok':true}}");

  private static JsonNode value(String text) throws ValueException {
    return EXPRESSIONS.value(text, SCOPE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "input.n + 1 | 4",
        "input.d * 2.0 | 3.0",
        "input.big | 9007199254740993",
        "input.none | null",
        "input.none == null | true",
        "input.name + '!' | 'Ann!'",
        "input.name.lowerAscii() | 'ann'",
        "input.items.map(i, i.t) | ['a','b']",
        "input.items.filter(i, i.n > 1) | [{'t':'b','n':2}]",
        "input.items.map(i, i.t).join(', ') | 'a, b'",
        "'a-b-c'.replace('-', '+') | 'a+b+c'",
        "'a,b'.split(',') | ['a','b']",
        "{'total': input.items.size(), 'first': input.items[0].t} | {'total':2,'first':'a'}",
        "steps.fetch.status == 200 | true",
        "steps['my-step'].ok ? 'yes' : 'no' | 'yes'",
        "has(input.nope) ? 1 : 2 | 2",
        "steps.fetch.body.x.exists(v, v == 2) | true",
        "input.items.all(i, i.n < 2) | false",
        "string(input.n) + input.name | '3Ann'",
        "run.id | 'run_1'",
        "'report-2026.pdf'.matches('^report-[0-9]+[.]pdf$') | true",
        "timestamp('2026-01-01T00:00:00Z') < timestamp('2026-02-01T00:00:00Z') | true",
      })
  void anExpressionGivesJson(String text, String expected) throws ValueException {
    assertThat(value(text)).isEqualTo(json(expected));
  }

  @Test
  void itemAndIndexAreThereWithinEachOnly() throws ValueException {
    assertThat(EXPRESSIONS.value("item.x + index", SCOPE.at("{'x':5}", 2))).isEqualTo(json("7"));
    assertThatThrownBy(() -> value("item.x")).isInstanceOf(ValueException.class);
  }

  @Test
  void namesOfStepsAreFoundWithoutEvaluating() throws ValueException {
    assertThat(
            EXPRESSIONS.stepsNamed(
                "steps.fetch.status == 200 && input.items.exists(i, i.t == steps['my-step'].x)"))
        .containsExactly("fetch", "my-step");
    assertThat(EXPRESSIONS.variables("item.x + index")).containsExactly("index", "item");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "foo.bar | There is no foo here",
        "input.n + | At character",
        "1 + 'a' | These types do not go together",
        "input.nope.x | \"nope\" is not there",
        "steps.later.x | \"later\" is not there",
        "input.items.map(i, i.n).join(',') | join takes a list of texts",
      })
  void aWrongExpressionIsToldInASentence(String text, String sentence) {
    assertThatThrownBy(() -> value(text))
        .isInstanceOf(ValueException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void aConditionIsTrueOrFalse() throws ValueException {
    assertThat(EXPRESSIONS.test("input.n > 2", SCOPE)).isTrue();
    assertThatThrownBy(() -> EXPRESSIONS.test("input.name", SCOPE)).hasMessageContaining("neither");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Each of them would take minutes or all memory, were there no bounds.
        "input.l.map(a, input.l.map(b, input.l.map(c, a + b + c)))",
        "input.l.map(a, input.s + input.s + input.s)",
        "input.l.map(a, input.s).join(input.s)",
        "input.s.replace('x', input.s)",
        "input.l.map(a, input.l + input.l + input.l + input.l)",
        "input.l.map(a, input.l.map(b, input.s.matches('(x+x+)+y')))",
        "input.l.map(a, input.s)",
      })
  void anExpressionThatTakesTooMuchEnds(String text) {
    StringBuilder list = new StringBuilder("[0");
    for (int i = 1; i < 20_000; i++) {
      list.append(',').append(i);
    }
    TestScope large = TestScope.of("{'s':'" + "x".repeat(1_000_000) + "','l':" + list + "]}", "{}");
    assertThatThrownBy(() -> EXPRESSIONS.value(text, large))
        .isInstanceOfSatisfying(
            ValueException.class, e -> assertThat(e.code()).isIn("too_much_work", "too_large"));
  }

  @Test
  void anExpressionHasABoundOnItsLength() {
    assertThatThrownBy(() -> EXPRESSIONS.check("1" + " + 1".repeat(2000)))
        .hasMessageContaining("4,096");
    assertThatThrownBy(() -> EXPRESSIONS.check("(".repeat(2000) + "1" + ")".repeat(2000)))
        .isInstanceOf(ValueException.class);
  }
}
