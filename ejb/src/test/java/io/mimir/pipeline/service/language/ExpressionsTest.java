package io.mimir.pipeline.service.language;

import static io.mimir.pipeline.service.language.Samples.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.mimir.pipeline.service.language.Samples.Seen;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ExpressionsTest {

  private static final String INPUT =
      """
      {"n":1,"s":"aXbXc","big":12345678901234567890,"f":1.5,"nil":null,"list":[3,1,2,1.0],
       "items":[{"n":2,"t":"q"},{"n":0,"t":"w"}],"o":{"a":1},"yes":true}
      """;

  private final Expressions expressions = new Expressions();
  private final Seen scope =
      new Seen(INPUT).step("fetch", "{\"x\":7}").step("my-step", "[1]").step("skipped", "null");

  private ValueException failure(String text) {
    return catchThrowableOfType(ValueException.class, () -> expressions.value(text, scope));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "input.n + 1 | 2",
        "input.items.filter(i, i.n > 1).map(i, {'t': i.t.upperAscii()}) | [{\"t\":\"Q\"}]",
        "steps.fetch.x * 2 | 14",
        "steps['my-step'][0] | 1",
        "steps.skipped == null | true",
        "has(input.nope) ? 1 : 2 | 2",
        "input.nil | null",
        "input.f | 1.5",
        "input.big | 1.2345678901234567E19",
        "input | " + "{\"n\":1}",
        "input.s.split('X') | [\"a\",\"b\",\"c\"]",
        "input.s.split('X', 2) | [\"a\",\"bXc\"]",
        "'aé😀'.split('') | [\"a\",\"é\",\"😀\"]",
        "''.split('') | []",
        "['a','b'].join('-') + ['c'].join() | \"a-bc\"",
        "input.s.replace('X', '__') | \"a__b__c\"",
        "input.s.replace('X', '', 1) | \"abXc\"",
        "'a😀b'.substring(1, 2) | \"😀\"",
        "'a😀b'.indexOf('b') | 2",
        "'abcabcabcdabcabcabcabd'.indexOf('abcabcabd') | 13",
        "'x'.indexOf('y') | -1",
        "' a '.trim().lowerAscii() | \"a\"",
        "input.s.contains('bX') && input.s.startsWith('a') && input.s.matches('^a.*c$') | true",
        "input.list.sort() | [1,1.0,2,3]",
        "input.list.distinct() | [3,1,2]",
        "[[1],[2,3],4].flatten().reverse().slice(0, 2) | [4,3]",
        "1.0 in input.list && 'o' in input && !(7 in input.list) | true",
        "input.o == {'a': 1.0} && input.o != {'a': 2} && [1] != [1, 2] | true",
        "{'a': 1, 2: b'ab'} | {\"a\":1,\"2\":\"YWI=\"}",
        "[timestamp('2020-01-01T00:00:00Z'), duration('90s')] | [\"2020-01-01T00:00:00Z\",\"90s\"]",
        "run.id | \"run_1\"",
      })
  void expressionsGiveJson(String text, String expected) throws ValueException {
    JsonNode value = expressions.value(text, scope);

    assertThat(value.toString())
        .isEqualTo(text.equals("input") ? json(INPUT).toString() : expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      quoteCharacter = '`',
      value = {
        "foo.bar ¦ There is no foo here: an expression sees input, steps, item, index and run"
            + " (line 1, character 1)",
        "input.nope ¦ nope is not there in input. (line 1, character 6)",
        "steps.nope.x ¦ nope is not there in steps. (line 1, character 6)",
        "steps.skipped.x ¦ steps.skipped is no object, so nothing can be taken from it. A step that"
            + " was skipped is null. (line 1, character 14)",
        "steps.my-step ¦ - is read as minus here. Write steps[\"my-step\"] (line 1, character 10)",
        "1 + 'a' ¦ + does not take a whole number and a text. string(…), int(…) and double(…) make"
            + " one of the other (line 1, character 3)",
        "input.n + 'a' ¦ + does not take the kinds of values that it was given. string(…), int(…)"
            + " and double(…) make one of the other. (line 1, character 9)",
        "input.n == ¦ The expression ends before it is complete (line 1, character 11)",
        "a and b ¦ The expression cannot be read from \"and\" on. CEL writes &&, || and !"
            + " (line 1, character 3)",
        "{{input.n}} ¦ An expression is CEL, and {{ }} is for texts. Write the name alone, such as"
            + " input.x (line 1, character 10)",
        "input.n / 0 ¦ A number is divided by zero. (line 1, character 9)",
        "input.list[9] ¦ The list has no such element. size(…) tells how many it has."
            + " (line 1, character 11)",
        "item.x ¦ There is no item outside of an each.",
        "index + 1 ¦ There is no index outside of an each.",
        "{[1]: 2} ¦ A list or an object is no key. Keys are texts or numbers.",
        "[input].sort() ¦ sort takes a list of texts, or one of numbers.",
        "'a'.substring(5) ¦ substring is asked for a place outside of the text. size(…) tells how"
            + " long it is.",
        "1.0 / 0.0 ¦ The expression gives something that JSON has no form for.",
      })
  void whatIsWrongIsSaidInAPlainSentence(String text, String sentence) {
    assertThat(failure(text)).hasMessage(sentence);
  }

  @Test
  void aConditionGivesTrueOrFalseAndNothingElse() throws ValueException {
    assertThat(expressions.test("input.yes", scope)).isTrue();
    assertThat(expressions.test("input.n > 5", scope)).isFalse();
    assertThatThrownBy(() -> expressions.test("input.s", scope))
        .hasMessageStartingWith("A condition gives true or false");
    assertThat(expressions.problems("1 + 1", Set.of(), true))
        .containsExactly("A condition gives true or false, and this one gives a whole number.");
  }

  @Test
  void onlyTheStepsThatAnExpressionNamesAreAskedFor() throws ValueException {
    expressions.value("has(steps.fetch) && steps.fetch.x == 7 && 'my-step' in steps", scope);

    assertThat(scope.asked).containsOnly("fetch");
  }

  @Test
  void theStepsThatAnExpressionNamesAreFoundWithoutEvaluatingIt() throws ValueException {
    assertThat(
            expressions.stepsNamed(
                "steps.a.b + steps['c-d'][steps.e] + [1].map(x, steps.f[x]) + [steps.g]"
                    + " + [input].map(steps, steps.hidden) + [has(steps.h)]"))
        .containsExactly("a", "c-d", "e", "f", "g", "h");
  }

  @Test
  void itemAndIndexAreThoseOfTheEach() throws ValueException {
    scope.item("{\"a\":[null]}");

    assertThat(expressions.value("[item.a[0], index]", scope)).hasToString("[null,3]");
  }

  /** Expressions that would never end, or take all memory, without a bound. */
  static Stream<String> hostile() {
    String ten = "[1,2,3,4,5,6,7,8,9,10]";
    String loops = ten;
    for (String name : List.of("a", "b", "c", "d", "e", "f", "g")) {
      loops = ten + ".map(" + name + ", " + loops + ")";
    }
    String replaced = "'x'";
    for (int i = 0; i < 6; i++) {
      replaced = "(" + replaced + ").replace('x', '" + "x".repeat(60) + "')";
    }
    String shared = "[[1]]" + ".map(x,[x,x])".repeat(60);
    String halves = "[input.items.map(i, 1)]" + ".map(x, x + x)".repeat(80);
    return Stream.of(
        loops,
        replaced,
        halves,
        "['" + "a".repeat(100) + "']" + ".map(x, x + x)".repeat(80),
        "[['" + "a".repeat(100) + "']]" + ".map(x, x + x)".repeat(40) + "[0].join('ab')",
        shared,
        shared + " == " + shared,
        shared + " == " + shared + " || true",
        shared + " in [" + shared + "]",
        "{" + shared + ": 1}",
        "{1: 1}[dyn(" + shared + ")]",
        shared + ".flatten()[0].nope",
        "input.long.map(i, [" + "1,".repeat(1_000) + "1])",
        "input.long.map(i, input.long.map(j, 1))",
        "input.long.exists(i, input.long != input.long + [])",
        "input.text.map(t, t.matches('(a*)*b'))",
        "input.long.map(i, input.text[0].contains('" + "a".repeat(2_000) + "b'))",
        "input.long.map(i, input.text[0] + input.text[0])");
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void noExpressionTakesAllTimeOrMemory(String text) {
    ArrayNode numbers = Samples.JSON.createArrayNode();
    IntStream.range(0, 100_000).forEach(numbers::add);
    JsonNode input =
        Samples.JSON
            .createObjectNode()
            .<com.fasterxml.jackson.databind.node.ObjectNode>set("long", numbers)
            .<com.fasterxml.jackson.databind.node.ObjectNode>set(
                "text", Samples.JSON.createArrayNode().add("a".repeat(1_000_000)))
            .set("items", Samples.JSON.createArrayNode().add(1));
    Seen hostile = new Seen(input.toString());
    long start = System.nanoTime();

    ValueException failure =
        catchThrowableOfType(ValueException.class, () -> expressions.value(text, hostile));

    assertThat(failure).isNotNull();
    assertThat(failure.code()).isIn("too_much_work", "too_large", "wrong_type", "too_deep");
    assertThat(failure.getMessage()).hasSizeLessThan(200);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void manyThreadsShareTheExpressions() {
    List<String> results =
        IntStream.range(0, 200)
            .parallel()
            .mapToObj(
                i -> {
                  try {
                    return expressions.value("[" + i % 7 + "].map(x, x + 1)[0]", scope).toString();
                  } catch (ValueException e) {
                    return e.getMessage();
                  }
                })
            .toList();

    assertThat(results).allMatch(result -> result.matches("[1-7]"));
  }
}
