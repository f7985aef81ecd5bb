package io.mimir.pipeline.service.language;

import static io.mimir.pipeline.service.language.Samples.definition;
import static io.mimir.pipeline.service.language.Samples.withSteps;
import static io.mimir.pipeline.service.language.Samples.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.pipeline.service.language.Palette.Offer;
import io.mimir.pipeline.service.language.Samples.Shelf;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionCheckTest {

  private static final String FETCH =
      """
      {"type":"object","additionalProperties":false,"required":["url"],
       "properties":{"url":{"type":"string","format":"uri"},"tries":{"type":"integer","maximum":9},
        "headers":{"type":"object","additionalProperties":{"type":"string"}},
        "kind":{"enum":["a","b"]}}}
      """;

  private final Expressions expressions = new Expressions();
  private final Shelf shelf =
      new Shelf()
          .action("noop", "do", "{}")
          .action("http_input", "fetch", FETCH)
          .offer("broken", "do", new Offer(null, null, false, "It is disabled: enable it first."));

  private List<Finding> told(String steps) {
    return DefinitionCheck.check(definition(withSteps(steps)), shelf, expressions);
  }

  private static List<String> brief(List<Finding> findings) {
    return findings.stream().map(each -> each.path() + " " + each.code()).toList();
  }

  @Test
  void aPipelineThatIsRightHasNoFindings() {
    assertThat(
            DefinitionCheck.check(
                definition(
                    yaml(
                        """
                        name: sample
                        input:
                          type: object
                          properties: {url: {type: string}, items: {type: array}}
                          additionalProperties: false
                        steps:
                          - name: fetch
                            action: http_input.fetch
                            with: {url: "https://{{input.url}}", tries: {$cel: "1 + 1"}, kind: "{{run.id}}"}
                          - name: loop
                            each:
                              over: {$pointer: /input/items}
                              steps:
                                - {name: in-ner, action: noop.do, with: {a: "{{item.x}} {{index}}", b: "{{steps.fetch.body}}"}}
                                - {name: ask, model: gpt-5, prompt: "{{#steps.in-ner.list}}{{name}}{{/steps.in-ner.list}}"}
                          - name: choose
                            on_error: {go_to: last}
                            branch:
                              when: has(input.url) && steps.loop.size() > 0 && steps["fetch"].ok
                              then: [{name: t, model: "{{input.url}}", prompt: Hi}]
                          - {name: middle, wait: {until: "2030-01-01T00:00:00Z"}}
                          - {name: last, approve: {message: "{{steps.choose}}?"}}
                        output: {all: {$cel: "steps.loop.map(x, x.y)"}, lit: {$literal: {$x: "{{"}}}
                        """)),
                shelf,
                expressions))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{name: a, action: nop.do} | /steps/0/action unknown_plugin | There is no plugin nop. Did"
            + " you mean noop?",
        "{name: a, action: http_input.fetsh} | /steps/0/action unknown_action | The plugin"
            + " http_input has no action fetsh. Did you mean fetch?",
        "{name: a, action: broken.do} | /steps/0/action not_ready | It is disabled: enable it"
            + " first.",
        "{name: a, action: http_input.fetch} | /steps/0/with missing | http_input.fetch needs url."
            + " Set it.",
        "{name: a, action: http_input.fetch, with: {url: 5}} | /steps/0/with/url wrong_type | This"
            + " has to be of type string.",
        "{name: a, action: http_input.fetch, with: {url: 'http://x', tries: '{{input.n}}'}} |"
            + " /steps/0/with/tries wrong_type | This has to be of type integer, and a text with {{"
            + " }} is always a text. Take the value with $pointer or $cel.",
        "{name: a, action: http_input.fetch, with: {url: 'http://x', tries: 10}} |"
            + " /steps/0/with/tries does_not_fit |",
        "{name: a, action: http_input.fetch, with: {url: 'http://x', urll: 1}} |"
            + " /steps/0/with/urll unknown_member | http_input.fetch does not take urll. Take it"
            + " out.",
        "{name: a, action: http_input.fetch, with: {url: 'http://x', headers: {x: 1}}} |"
            + " /steps/0/with/headers/x wrong_type |",
        "{name: a, model: gpt-4, prompt: x} | /steps/0/model unknown_model |",
        "{name: a, model: gpt-5, prompt: x, tools: [nope.x]} | /steps/0/tools/0 unknown_plugin |",
        "{name: a, model: gpt-5, prompt: x, answer: {type: strange}} | /steps/0/answer/type"
            + " bad_schema |",
        "{name: a, model: gpt-5, prompt: '{{inputs.x}}'} | /steps/0/prompt unknown_name | There is"
            + " no inputs here: a text sees input, steps, item, index and run. Did you mean input?",
        "{name: a, model: gpt-5, prompt: '{{steps.b}}'} | /steps/0/prompt unknown_step | There is no"
            + " step b before this one.",
        "{name: a, model: gpt-5, prompt: '{{steps.a}}'} | /steps/0/prompt unknown_step | The step a"
            + " has no result yet: it is the one that asks for it.",
        "{name: a, model: gpt-5, prompt: '{{#x'} | /steps/0/prompt bad_template |",
        "{name: a, model: gpt-5, prompt: '{{run.nope}}'} | /steps/0/prompt unknown_name |",
        "{name: a, action: noop.do, with: {x: '{{item}}'}} | /steps/0/with/x unknown_name | There is"
            + " no item here: it is there within an each only.",
        "{name: a, action: noop.do, with: {x: [{$cel: index}]}} | /steps/0/with/x/0/$cel"
            + " unknown_name |",
        "{name: a, action: noop.do, with: {x: {$cel: '1 +'}}} | /steps/0/with/x/$cel bad_expression"
            + " |",
        "{name: a, action: noop.do, with: {x: {$cel: 5}}} | /steps/0/with/x/$cel wrong_type |",
        "{name: a, action: noop.do, with: {x: {$sel: y}}} | /steps/0/with/x/$sel unknown_member |",
        "{name: a, action: noop.do, with: {x: {$cel: '1', y: 2}}} | /steps/0/with/x/$cel not_alone"
            + " |",
        "{name: a, action: noop.do, with: {x: {$pointer: steps.a}}} | /steps/0/with/x/$pointer"
            + " bad_pointer |",
        "{name: a, action: noop.do, with: {x: {$pointer: /steps/z}}} | /steps/0/with/x/$pointer"
            + " unknown_step |",
        "{name: a, action: noop.do, with: {x: {$pointer: /inptu}}} | /steps/0/with/x/$pointer"
            + " unknown_name |",
        "{name: a, action: noop.do, when: input.x +} | /steps/0/when bad_expression |",
        "{name: a, action: noop.do, when: '1 + 1'} | /steps/0/when bad_expression |",
        "{name: a, action: noop.do, when: steps.z} | /steps/0/when unknown_step |",
        "{name: a, action: noop.do, when: false} | /steps/0/when unreachable | This step is never"
            + " done, as the condition is always false. Take it out.",
        "{name: a, action: noop.do, on_error: {go_to: a}} | /steps/0/on_error/go_to bad_go_to |",
        "{name: a, branch: {when: 'true', then: [{name: b, action: noop.do}], else: [{name: c,"
            + " action: noop.do}]}} | /steps/0/branch/when unreachable |",
        "{name: a, each: {over: '{{input.x}}', steps: [{name: b, action: noop.do}]}} |"
            + " /steps/0/each/over wrong_type |",
        "{name: a, wait: {until: tomorrow}} | /steps/0/wait/until wrong_value |",
        "{name: a, approve: {message: '{{x}}'}} | /steps/0/approve/message unknown_name |",
        "{name: a, pipeline: nowhere} | /steps/0/pipeline unknown_pipeline |",
        "{name: a, pipeline: sample} | /steps/0/pipeline circle | The pipelines run one another"
            + " without end: sample → sample. Take one of them out.",
      })
  void whatCannotBeRightIsTold(String step, String told, String sentence) {
    List<Finding> findings = told("  - " + step);

    assertThat(brief(findings)).containsExactly(told);
    assertThat(findings.get(0).step()).isEqualTo("a");
    if (sentence != null) {
      assertThat(findings.get(0).message()).isEqualTo(sentence);
    }
  }

  @Test
  void stepsInsideOfOthersAndLaterOnesAreNotSeen() {
    List<Finding> findings =
        told(
            """
              - {name: a, action: noop.do, with: {x: "{{steps.late}}"}}
              - name: b
                parallel:
                  l: [{name: inl, action: noop.do}]
                  r: [{name: inr, action: noop.do, with: {x: "{{steps.inl}}", y: "{{steps.a}}"}}]
              - {name: late, action: noop.do, with: {x: "{{steps.inl}}", y: steps.b.l}}
            """);

    assertThat(findings)
        .extracting(Finding::message)
        .containsExactly(
            "The step late comes later than this one, so its result is not there yet.",
            "The step inl comes later than this one, so its result is not there yet.",
            "The step inl is inside of b and not seen from here. Take the result of b instead.",
            "This is taken as plain text. Write {{steps.b.l}} for its value in a text, or"
                + " {\"$literal\": …} when the text itself is meant.");
  }

  @Test
  void theItemIsGoneBehindTheEach() {
    assertThat(
            brief(
                told(
                    """
                      - {name: a, each: {over: [], steps: [{name: b, action: noop.do}]}}
                      - {name: c, action: noop.do, with: {x: "{{item}}"}}
                    """)))
        .containsExactly("/steps/1/with/x unknown_name");
  }

  @Test
  void goToNamesALaterStepOfTheSameList() {
    assertThat(
            told(
                """
                  - {name: a, action: noop.do, on_error: {go_to: c}}
                  - {name: b, action: noop.do, on_error: {go_to: a}}
                  - {name: c, each: {over: [], steps: [{name: d, action: noop.do}]}}
                """))
        .extracting(Finding::path)
        .containsExactly("/steps/1/on_error/go_to");
  }

  @Test
  void namesThatTheSchemaOfTheInputLeavesOutAreTold() {
    List<Finding> findings =
        DefinitionCheck.check(
            definition(
                yaml(
                    """
                    name: sample
                    input:
                      properties: {user: {properties: {mail: {}}, additionalProperties: false}, any: {}}
                      additionalProperties: false
                    steps:
                      - name: a
                        action: noop.do
                        with: ["{{input.usr}}"]
                    """
                        .replace(
                            "[\"{{input.usr}}\"]",
                            "{a: \"{{input.usr}}\", b: {$pointer: /input/user/mial}, c: {$cel: input.nope + input.any.x}}"))),
            shelf,
            expressions);

    assertThat(findings)
        .extracting(Finding::message)
        .containsExactly(
            "The schema of the input has no usr. Did you mean user?",
            "The schema of the input has no user.mial. Did you mean mail?",
            "The schema of the input has no nope.");
  }

  @Test
  void aCircleIsToldWithTheWayRound() {
    shelf
        .pipeline(definition(yaml("name: two\nsteps: [{name: x, pipeline: three}]")))
        .pipeline(
            definition(
                yaml(
                    "name: three\nsteps: [{name: y, each: {over: [], steps: [{name: z, pipeline:"
                        + " sample}]}}]")));

    assertThat(told("  - {name: a, pipeline: two}"))
        .extracting(Finding::message)
        .containsExactly(
            "The pipelines run one another without end: sample → two → three → sample. Take one of"
                + " them out.");
  }

  @Test
  void eightPipelinesMayRunOneAnotherAndNotNine() {
    shelf.pipeline(definition(yaml("name: p8\nsteps: [{name: x, action: noop.do}]")));
    for (int i = 7; i > 0; i--) {
      shelf.pipeline(
          definition(yaml("name: p" + i + "\nsteps: [{name: x, pipeline: p" + (i + 1) + "}]")));
    }

    assertThat(told("  - {name: a, pipeline: p2}")).isEmpty();
    assertThat(brief(told("  - {name: a, pipeline: p1}")))
        .containsExactly("/steps/0/pipeline too_deep");
  }

  @Test
  void theInputOfAnotherPipelineIsLookedAtAsWell() {
    shelf.pipeline(
        definition(
            yaml(
                "name: other\ninput: {type: object, required: [a], properties: {a: {type:"
                    + " integer}}}\nsteps: [{name: x, action: noop.do}]")));

    assertThat(brief(told("  - {name: a, pipeline: other, with: {a: x}}")))
        .containsExactly("/steps/0/with/a wrong_type");
    assertThat(told("  - {name: a, pipeline: other, with: {a: {$cel: '1'}}}")).isEmpty();
    assertThat(told("  - {name: a, pipeline: other, with: {$pointer: /input}}")).isEmpty();
  }

  @Test
  void aSchemaThatLeadsElsewhereOrIsOfNoObjectIsTold() {
    for (String schema :
        List.of("{$ref: 'http://localhost/x'}", "{type: array}", "{properties: {a: {type: 5}}}")) {
      assertThat(
              DefinitionCheck.check(
                  definition(
                      yaml(
                          "name: sample\ninput: "
                              + schema
                              + "\nsteps: [{name: a, action: noop.do}]")),
                  shelf,
                  expressions))
          .as(schema)
          .extracting(Finding::code)
          .contains("bad_schema");
    }
  }
}
