package io.mimir.pipeline.service.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlTextTest {

  private static YamlException failure(String text) {
    return catchThrowableOfType(YamlException.class, () -> YamlText.read(text));
  }

  @Test
  void yamlIsReadAsJson() throws YamlException {
    JsonNode json =
        YamlText.read(
                "a: 1\nb: [true, null, ~, 1.50, yes, on, 'x', \"\\u00e9\"]\nc:\n  1: |\n    p\n    q\n")
            .json();

    assertThat(json)
        .hasToString(
            "{\"a\":1,\"b\":[true,null,\"~\",1.50,\"yes\",\"on\",\"x\",\"é\"],\"c\":{\"1\":\"p\\nq\\n\"}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: 1;a: 2 | 2 | 1 | There is a twice. Take one of them out.",
        "a: &x [1];b: *x | 2 | 4 | Aliases, which begin with *, cannot be used. Write the part out,"
            + " or quote the text.",
        "a: !!java.net.URL [x] | 1 | 4 | Tags, which begin with !, cannot be used.",
        "a: !x y | 1 | 4 | Tags, which begin with !, cannot be used.",
        "a: 1;---;b: 2 | 2 | 1 | There is one pipeline in a text. Take the other documents out.",
        "[a]: 1 | 1 | 1 | A name is a text.",
        "a: 1e999999999 | 1 | 4 | This is no number that can be used. Put it in quotes for a text.",
      })
  void whatJsonDoesNotHaveIsToldWithItsPlace(String text, int line, int column, String sentence) {
    YamlException failure = failure(text.replace(";", "\n"));

    assertThat(failure).hasMessage(sentence);
    assertThat(List.of(failure.line(), failure.column())).containsExactly(line, column);
  }

  @Test
  void brokenYamlIsToldWithItsLine() {
    assertThat(failure("a: 1\nb: [1, 2\nc: 3").line()).isGreaterThan(1);
    assertThat(failure("a:\n\tb: 1").line()).isEqualTo(2);
    assertThat(failure("a: 'x").line()).isPositive();
    assertThat(failure("")).hasMessageStartingWith("The text is empty");
    assertThat(failure("a: b: c").line()).isEqualTo(1);
  }

  @Test
  void hostileYamlIsRefused() {
    StringBuilder laughs = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 40; i++) {
      laughs.append("a" + i + ": &a" + i + " [*a" + (i - 1) + ", *a" + (i - 1) + "]\n");
    }
    assertThat(failure(laughs.toString())).hasMessageStartingWith("Aliases");
    assertThat(failure("[".repeat(100_000))).hasMessageContaining("64 levels");
    assertThat(failure("- ".repeat(70) + "x")).hasMessageContaining("64 levels");
    assertThat(failure("a: " + "é".repeat(140_000))).hasMessageContaining("256 KiB");
  }

  @Test
  void everyPartHasItsLine() throws YamlException {
    YamlText text =
        YamlText.read("name: x\nsteps:\n  - name: a\n    with: {url: y, a/b: 1}\n  - name: b\n");

    assertThat(text.lineOf("")).isEqualTo(new YamlText.Position(1, 1));
    assertThat(text.lineOf("/steps")).isEqualTo(new YamlText.Position(2, 1));
    assertThat(text.lineOf("/steps/0/with/url")).isEqualTo(new YamlText.Position(4, 12));
    assertThat(text.lineOf("/steps/0/with/a~1b")).isEqualTo(new YamlText.Position(4, 20));
    assertThat(text.lineOf("/steps/1")).isEqualTo(new YamlText.Position(5, 5));
    assertThat(text.lineOf("/steps/1/prompt/x")).isEqualTo(new YamlText.Position(5, 5));
    assertThat(text.lineOf("/nothing")).isEqualTo(new YamlText.Position(1, 1));
  }

  @Test
  void longTextsAreWrittenAsTheyAreAndMembersKeepTheirOrder() {
    JsonNode json =
        Samples.json("{\"z\":\"one\\ntwo\\n\",\"a\":[{\"b\":1,\"c\":[]}],\"m\":\"true\"}");

    assertThat(YamlText.write(json))
        .isEqualTo("z: |\n  one\n  two\na:\n- b: 1\n  c: []\nm: 'true'\n");
  }

  @Test
  void whateverIsWrittenIsReadAgainAsItWas() throws YamlException {
    Random random = new Random(11);
    for (int i = 0; i < 2_000; i++) {
      JsonNode json = Samples.JSON.createObjectNode().set("x", any(random, 4));
      String text = YamlText.write(json);
      assertThat(YamlText.read(text).json().toString()).as(text).isEqualTo(json.toString());
    }
  }

  private static JsonNode any(Random random, int depth) {
    switch (random.nextInt(depth == 0 ? 5 : 8)) {
      case 0:
        return Samples.JSON.getNodeFactory().numberNode(random.nextInt() * 1_000_003L);
      case 1:
        return Samples.JSON.getNodeFactory().booleanNode(random.nextBoolean());
      case 2:
        return Samples.JSON.nullNode();
      case 3, 4:
        return Samples.JSON.getNodeFactory().textNode(text(random));
      case 5, 6:
        ObjectNode object = Samples.JSON.createObjectNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          object.set(text(random), any(random, depth - 1));
        }
        return object;
      default:
        ArrayNode array = Samples.JSON.createArrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.add(any(random, depth - 1));
        }
        return array;
    }
  }

  private static String text(Random random) {
    String[] parts = {
      "a", " ", "\n", "\n\n", "\t", "é", "😀", "true", "null", "1", "1e5", ":", ": ", "#", " #",
      "-", "- ", "*", "&", "!", "|", ">", "'", "\"", "{{x}}", "\\", "\u0000", "\u0085", "\r", "~",
      "%", "@", "?", "[", "]", ",", "---", "...", "0x1", ".5", "=", "<<"
    };
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(5); i > 0; i--) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.toString();
  }
}
