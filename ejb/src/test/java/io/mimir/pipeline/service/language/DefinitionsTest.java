package io.mimir.pipeline.service.language;

import static io.mimir.pipeline.service.language.TestScope.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Definitions as people write them, right and wrong. */
class DefinitionsTest {

  private static final Expressions EXPRESSIONS = new Expressions();

  /** A plugin that fetches, one that is disabled, and one model. */
  private static final Palette PALETTE =
      new Palette() {
        @Override
        public Set<String> plugins() {
          return Set.of("http_input", "old");
        }

        @Override
        public Set<String> actions(String plugin) {
          return Set.of("fetch");
        }

        @Override
        public Optional<Offer> offer(String plugin, String action) {
          if (!plugins().contains(plugin) || !action.equals("fetch")) {
            return Optional.empty();
          }
          ObjectNode schema =
              (ObjectNode)
                  json(
                      "{'type':'object','additionalProperties':false,'required':['url'],"
                          + "'properties':{'url':{'type':'string'},'most':{'type':'integer'}}}");
          return Optional.of(
              plugin.equals("old")
                  ? new Offer(schema, null, false, "The plugin old is disabled: enable it")
                  : new Offer(schema, null, true, null));
        }

        @Override
        public boolean servesModel(String model) {
          return model.equals("gpt");
        }

        @Override
        public Optional<Definition> pipeline(String name) {
          return Map.of("circle", "circle", "other", "").containsKey(name)
              ? Optional.of(
                  read("{'name':'"
                          + name
                          + "','steps':[{'name':'s','pipeline':'"
                          + (name.equals("circle") ? "p1" : "missing")
                          + "'}]}")
                      .definition())
              : Optional.empty();
        }
      };

  private static DefinitionReader.Reading read(String text) {
    return DefinitionReader.read(json(text));
  }

  private static List<String> told(String text) {
    DefinitionReader.Reading reading = read(text);
    List<Finding> all = new ArrayList<>(reading.findings());
    if (reading.definition() != null) {
      all.addAll(DefinitionCheck.check(reading.definition(), PALETTE, EXPRESSIONS));
    }
    return all.stream().map(one -> one.path() + " " + one.code() + ": " + one.message()).toList();
  }

  private static String step(String members) {
    return "{'name':'p1','steps':[{'name':'s'," + members + "}]}";
  }

  private static final String FETCH = "'action':'http_input.fetch','with':{'url':'http://x'}";

  @Test
  void everyKindOfStepIsRead() {
    String all =
        "{'name':'all','description':'d','input':{'type':'object'},"
            + "'limits':{'timeout':'10m','tokens':1000,'concurrency':2},'steps':["
            + "{'name':'a',"
            + FETCH
            + ",'retry':{'times':3,'delay':'500ms','on':['timeout']},'timeout':'30s'},"
            + "{'name':'m','model':'gpt','prompt':'Hi {{input.x}}','tools':['http_input.fetch']},"
            + "{'name':'b','branch':{'when':'input.x == 1','then':[{'name':'b1',"
            + FETCH
            + "}],'else':[{'name':'b2',"
            + FETCH
            + "}]}},"
            + "{'name':'e','each':{'over':{'$pointer':'/input/list'},'parallel':4,"
            + "'steps':[{'name':'e1','model':'gpt','prompt':'{{item}} {{steps.a.body}}'}]}},"
            + "{'name':'w1','parallel':{'left':[{'name':'l',"
            + FETCH
            + "}],'right':[{'name':'r',"
            + FETCH
            + "}]}},"
            + "{'name':'w2','wait':{'for':'1h30m'}},"
            + "{'name':'w3','wait':{'until':'{{input.at}}'}},"
            + "{'name':'ask','approve':{'role':'user','message':'Go on?'},'on_error':"
            + "{'go_to':'n'}},"
            + "{'name':'n','pipeline':'other','with':{'x':{'$cel':'steps.e.size()'}}}],"
            + "'output':{'$pointer':'/steps/n'}}";
    assertThat(told(all)).isEmpty();
    Definition definition = read(all).definition();
    assertThat(definition.steps()).hasSize(9);
    assertThat(definition.limits().timeout()).isEqualTo(Duration.ofMinutes(10));
    assertThat(definition.steps().get(0).retry().times()).isEqualTo(3);
    assertThat(((Step.Wait) definition.steps().get(5).work()).pause())
        .isEqualTo(Duration.ofMinutes(90));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | wrong_type: A pipeline is an object",
        "{'name':'p1'} | /steps missing",
        "{'name':'Big','steps':[]} | /name invalid: name has 2 to 64 small letters",
        "{'name':'p1','stepps':[],'steps':[1]} | do you mean steps?",
        "{'name':'p1','limits':{'timeout':10},'steps':[]} | /limits/timeout wrong_type",
        "{'name':'p1','limits':{'timeout':'10x'},'steps':[]} | such as 500ms, 90s",
        "{'name':'p1','limits':{'concurrency':'4'},'steps':[]} | whole number from 1 to 64",
      })
  void whatIsWrongWithThePipelineIsTold(String text, String sentence) {
    assertThat(told(text)).anySatisfy(one -> assertThat(one).contains(sentence));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'x':1 | /steps/0 bad_step: The step does nothing",
        "'action':'a.b','model':'gpt','prompt':'x' | A step does one thing",
        "'action':'fetch' | action names a plugin and what it does",
        "'action':'http_inputt.fetch' | do you mean http_input?",
        "'action':'http_input.fetsh' | do you mean fetch?",
        "'action':'old.fetch','with':{'url':'x'} | not_ready: The plugin old is disabled",
        "'action':'http_input.fetch' | url: This has to be set",
        "'action':'http_input.fetch','with':{'url':1} | /steps/0/with/url invalid: url: This has to be of type",
        "'action':'http_input.fetch','with':{'url':'x','most':'{{input.n}}'} | A text with names in it is a text",
        "'action':'http_input.fetch','with':{'url':'x','mist':1} | mist: The plugin knows no such",
        "'action':'http_input.fetch','with':{'url':{'$foo':1}} | none of $pointer, $cel and $literal",
        "'action':'http_input.fetch','with':{'url':'{{steps.later.x}}'} | No step later comes before",
        "'action':'http_input.fetch','with':{'url':'{{nope}}'} | There is no nope here",
        "'action':'http_input.fetch','with':{'url':{'$pointer':'/item'}} | within each only",
        "'action':'http_input.fetch','with':{'url':{'$cel':'input.'}} | bad_expression",
        "'action':'http_input.fetch','with':{'url':'x'},'when':'false' | unreachable",
        "'model':'gpt' | either a prompt or messages",
        "'model':'nope','prompt':'x' | No key serves the model nope now",
        "'model':'gpt','prompt':'x','answer':{'type':'string'} | of the type object",
        "'branch':{'when':'true'} | /steps/0/branch/then missing",
        "'each':{'over':'x','steps':[]} | over is a list",
        "'wait':{} | either for a duration or until a time",
        "'wait':{'for':'400d'} | for is from 0s to 366d",
        "'wait':{'for':'1s'},'retry':{'times':1} | Only actions and models are tried again",
        "'approve':{'role':'boss','message':'x'} | role is one of admin, auditor, user",
        "'pipeline':'circle' | in a circle: p1 → circle → p1",
        "'pipeline':'nobody' | There is no pipeline nobody",
        "'wait':{'for':'1s'},'on_error':{'go_to':'x'} | There is no step after this one",
        "'wait':{'for':'1s'},'on_error':'retry' | on_error is stop, continue, or",
      })
  void whatIsWrongWithAStepIsTold(String members, String sentence) {
    assertThat(told(step(members))).anySatisfy(one -> assertThat(one).contains(sentence));
  }

  @Test
  void stepsWithinAStepAreNotSeenFromOutside() {
    String text =
        "{'name':'p1','steps':[{'name':'b','branch':{'when':'true','then':[{'name':'inner',"
            + FETCH
            + "}]}},{'name':'s','model':'gpt','prompt':'{{steps.inner.x}} {{steps.b.x}}'}]}";
    assertThat(told(text)).singleElement().asString().contains("No step inner comes before");
  }

  @Test
  void namesOfStepsAreUsedOnce() {
    String text =
        "{'name':'p1','steps':[{'name':'s',"
            + FETCH
            + "},{'name':'e','each':{'over':[],'steps':[{'name':'s',"
            + FETCH
            + "}]}}]}";
    assertThat(told(text)).singleElement().asString().contains("name_taken");
  }

  @Test
  void thereAreBoundsOnNumberAndDepth() {
    StringBuilder many = new StringBuilder("{'name':'p1','steps':[");
    for (int i = 0; i < 201; i++) {
      many.append(i == 0 ? "" : ",").append("{'name':'s" + i + "'," + FETCH + "}");
    }
    assertThat(told(many + "]}")).singleElement().asString().contains("at most 200 steps");
    String deep = "{'name':'x'," + FETCH + "}";
    for (int i = 0; i < 8; i++) {
      deep = "{'name':'e" + i + "','each':{'over':[],'steps':[" + deep + "]}}";
    }
    assertThat(told("{'name':'p1','steps':[" + deep + "]}"))
        .singleElement()
        .asString()
        .contains("8 deep");
  }

  @Test
  void theInputsSchemaSaysWhatTheInputMayHave() {
    String text =
        "{'name':'p1','input':{'type':'object','properties':{'url':{}},'additionalProperties':"
            + "false},'steps':[{'name':'s','model':'gpt','prompt':'{{input.urk}}'}]}";
    assertThat(told(text)).singleElement().asString().contains("The input has no urk");
  }
}
