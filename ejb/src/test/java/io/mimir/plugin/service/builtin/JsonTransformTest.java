package io.mimir.plugin.service.builtin;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.plugin.service.PluginCallException.Kind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTransformTest {

  private static final String DATA = "{\"a\":{\"b\":1,\"c\":[10,20]},\"d\":\"x\"}";

  private final Bench bench = new Bench(new JsonTransform());

  private static String input(String data, String steps) {
    return "{\"data\":" + data + ",\"steps\":" + steps.replace('\'', '"') + "}";
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "{'op':'add','path':'/e','value':[1]}     | {'a':{'b':1,'c':[10,20]},'d':'x','e':[1]}",
        "{'op':'add','path':'/a/c/-','value':30}  | {'a':{'b':1,'c':[10,20,30]},'d':'x'}",
        "{'op':'add','path':'/a/c/0','value':5}   | {'a':{'b':1,'c':[5,10,20]},'d':'x'}",
        "{'op':'add','path':'','value':7}         | 7",
        "{'op':'remove','path':'/a/c/0'}          | {'a':{'b':1,'c':[20]},'d':'x'}",
        "{'op':'remove','path':'/a'}              | {'d':'x'}",
        "{'op':'replace','path':'/a/c/1','value':null} | {'a':{'b':1,'c':[10,null]},'d':'x'}",
        "{'op':'copy','from':'/a/c','path':'/d'}  | {'a':{'b':1,'c':[10,20]},'d':[10,20]}",
        "{'op':'move','from':'/a/b','path':'/d'}  | {'a':{'c':[10,20]},'d':1}",
        "{'op':'test','path':'/a/b','value':1}    | {'a':{'b':1,'c':[10,20]},'d':'x'}",
        "{'op':'select','path':'/a/c'}            | [10,20]",
        "{'op':'select','path':'/z','default':{'n':0}} | {'n':0}",
        "{'op':'rename','path':'/a/b','to':'bb'}  | {'a':{'bb':1,'c':[10,20]},'d':'x'}",
        "{'op':'keep','names':['d','z']}          | {'d':'x'}",
        "{'op':'keep','path':'/a','names':['b']}  | {'a':{'b':1},'d':'x'}",
        "{'op':'merge','value':{'d':null,'a':{'b':2,'n':{'m':1}}}} | {'a':{'b':2,'c':[10,20],'n':{'m':1}}}",
        "{'op':'merge','path':'/d','value':{'y':1}} | {'a':{'b':1,'c':[10,20]},'d':{'y':1}}",
        "{'op':'build','members':{'n':'/a/b','all':''}} | {'n':1,'all':{'a':{'b':1,'c':[10,20]},'d':'x'}}",
        "{'op':'each','path':'/a/c','steps':[{'op':'build','members':{'v':''}}]} | {'a':{'b':1,'c':[{'v':10},{'v':20}]},'d':'x'}",
      })
  void aStepDoesWhatItSays(String step, String expected) throws Exception {
    assertThat(bench.call("apply", input(DATA, "[" + step + "]")).path("data"))
        .isEqualTo(Bench.json(expected.replace('\'', '"')));
  }

  @Test
  void stepsFollowEachOtherAndTheConfiguredOnesAreTheUsualOnes() throws Exception {
    bench.configure(
        """
        {"steps":[{"op":"select","path":"/items"},
                  {"op":"each","steps":[{"op":"rename","path":"/old","to":"new"}]}]}
        """);
    String data = "{\"items\":[{\"old\":1.50},{\"old\":12345678901234567890}]}";

    assertThat(bench.call("apply", "{\"data\":" + data + "}").toString())
        .isEqualTo("{\"data\":[{\"new\":1.50},{\"new\":12345678901234567890}]}");
    assertThat(bench.call("apply", input(data, "[]")).path("data").toString()).isEqualTo(data);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "{'op':'remove','path':'/z'}                  | no_such_path | Step 1: there is no /z",
        "{'op':'add','path':'/a/c/3','value':1}       | no_such_path | Step 1: there is no /a/c/3",
        "{'op':'add','path':'/a/c/01','value':1}      | no_such_path | Step 1: there is no /a/c/01",
        "{'op':'add','path':'/d/e','value':1}         | no_such_path | Step 1: there is no /d/e",
        "{'op':'select','path':'/z'}                  | no_such_path | Step 1: there is no /z",
        "{'op':'build','members':{'n':'/z'}}          | no_such_path | Step 1: there is no /z",
        "{'op':'each','path':'/a/c','steps':[{'op':'remove','path':'/x'}]} | no_such_path | Step 1.1: there is no /x",
        "{'op':'test','path':'/d','value':'y'}        | test_failed  | Step 1: at /d there is another value",
        "{'op':'move','from':'/a','path':'/a/b'}      | bad_step     | Step 1: nothing moves into itself",
        "{'op':'rename','path':'/a/c/0','to':'x'}     | bad_step     | Step 1: only a member of an object has a name",
        "{'op':'rename','path':'/a','to':'d'}         | bad_step     | Step 1: there already is a member of the new name",
        "{'op':'add','path':'e','value':1}            | bad_step     | Step 1: path has to be a JSON Pointer such as /items/0/name",
        "{'op':'add','path':'/e'}                     | bad_step     | Step 1: value has to be there",
        "{'op':'each','path':'/d','steps':[]}         | bad_step     | Step 1: each goes over a list",
        "{'path':'/d'}                                | bad_step     | Step 1: op has to be a text",
      })
  void aStepThatCannotBeDoneIsNamed(String step, String code, String message) {
    String input = input(DATA, "[" + step + "]");

    assertThat(bench.refusal("apply", input)).isEqualTo(code);
    assertThat(bench.failure("apply", input)).hasMessage(message);
  }

  @Test
  void stepsHaveToComeFromSomewhere() {
    assertThat(bench.refusal("apply", "{\"data\":1}")).isEqualTo("missing_steps");
    assertThat(bench.failure("apply", "{\"steps\":[]}").kind()).isEqualTo(Kind.BAD_INPUT);
    assertThat(bench.refusal("apply", input("1", "[{'op':'eval'}]"))).isEqualTo("bad_step");
  }

  @Test
  void documentsThatDoubleWithEachStepComeToAnEnd() {
    String doubling = "{'op':'build','members':{'l':'','r':''}}";

    assertThat(
            bench.refusal("apply", input("1", "[" + (doubling + ",").repeat(40) + doubling + "]")))
        .isEqualTo("too_much_work");
  }

  @Test
  void documentsThatGrowDownwardsComeToAnEnd() throws Exception {
    String wrap = "{'op':'build','members':{'in':''}}";
    String fits = "[" + (wrap + ",").repeat(62) + wrap + "]";
    String tooMany = "[" + (wrap + ",").repeat(64) + wrap + "]";

    assertThat(bench.call("apply", input("1", fits)).toString()).startsWith("{\"data\":{\"in\":");
    assertThat(bench.refusal("apply", input("1", tooMany))).isEqualTo("too_deep");
  }

  @Test
  void textsThatAreCopiedManyTimesAreNotPassedOn() {
    String add = "{'op':'copy','from':'/0','path':'/-'}";
    String data = "[\"" + "x".repeat(1 << 20) + "\"]";

    assertThat(bench.refusal("apply", input(data, "[" + (add + ",").repeat(20) + add + "]")))
        .isEqualTo("too_large");
  }

  @Test
  void theDeadlineEndsARun() {
    assertThat(
            bench
                .failure("apply", input("[1]", "[{'op':'each','steps':[]}]"), Duration.ZERO)
                .kind())
        .isEqualTo(Kind.DEADLINE);
  }
}
