package io.mimir.pipeline.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.language.Finding;
import io.mimir.pipeline.service.run.RunJson;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The form of a step: what it shows of a definition, and what it puts back. */
class StepFormTest {

  private static final JsonNode SCHEMA =
      RunJson.stored(
          """
          {"type":"object","required":["url"],"properties":{
            "url":{"type":"string","description":"Where it is"},
            "times":{"type":"integer"},
            "mode":{"enum":["fast","slow"]},
            "list":{"type":"array"}}}""");

  private static ObjectNode step(String json) {
    return (ObjectNode) RunJson.stored(json);
  }

  private static List<FormField> fields(ObjectNode step, JsonNode schema) {
    return StepFields.of(
        step, new StepFields.Known(schema, List.of("later"), List.of("m"), List.of()));
  }

  /** Sends what the form shows, with these changes, and gives the step. */
  private static ObjectNode sent(ObjectNode step, JsonNode schema, Map<String, String> changes) {
    List<FormField> fields = fields(step, schema);
    Map<String, String> inputs = new HashMap<>();
    for (FormField field : fields) {
      inputs.put(field.id(), field.value());
      inputs.put(field.id() + "-mode", field.mode());
    }
    assertThat(inputs.keySet()).containsAll(changes.keySet());
    inputs.putAll(changes);
    assertThat(new StepForm("/steps/0", fields).apply(step, inputs::get)).isTrue();
    return step;
  }

  @Test
  void whatIsSentBackUnchangedChangesNothing() {
    for (String json :
        List.of(
            """
            {"name":"a","action":"http_input.fetch","when":"true","timeout":"5s",
              "on_error":{"go_to":"later"},"retry":{"times":2,"on":["timeout","busy"]},
              "with":{"url":"{{input.x}}","times":3,"mode":"fast","list":[1,{"$pointer":"/input/y"}],
                "not/in~it":{"$cel":"input.size()"},"empty":{}}}""",
            "{\"name\":\"a\",\"action\":\"http_input.fetch\",\"with\":{\"$pointer\":\"/input\"}}",
            """
            {"name":"a","model":"m","messages":[{"role":"user","content":"Hi"}],"system":"Be\\nbrief",
              "answer":{"type":"object"},"tools":["a.b","c.d"],"rounds":3,"max_tokens":100}""",
            "{\"name\":\"a\",\"branch\":{\"when\":\"input.x\",\"then\":[],\"else\":[]}}",
            "{\"name\":\"a\",\"each\":{\"over\":{\"$cel\":\"input.l\"},\"parallel\":4,\"steps\":[]}}",
            "{\"name\":\"a\",\"parallel\":{\"one\":[{\"name\":\"x\"}],\"two\":[]}}",
            "{\"name\":\"a\",\"wait\":{\"until\":\"2030-01-01T00:00:00Z\"}}",
            "{\"name\":\"a\",\"approve\":{\"role\":\"auditor\",\"message\":\"Yes?\"}}")) {
      ObjectNode before = step(json);
      assertThat(RunJson.text(sent(before.deepCopy(), SCHEMA, Map.of())))
          .isEqualTo(RunJson.text(before));
    }
  }

  @Test
  void aValueIsKeptInTheWayThatIsChosen() {
    ObjectNode step = step("{\"name\":\"a\",\"action\":\"p.a\",\"with\":{\"url\":\"\"}}");
    sent(
        step,
        SCHEMA,
        Map.of(
            "field-with-url-mode", "pointer",
            "field-with-url", " /input/url ",
            "field-with-times", "3",
            "field-with-list-mode", "cel",
            "field-with-list", "input.l",
            "field-on_error", "go_to later"));

    assertThat(RunJson.text(step))
        .isEqualTo(
            "{\"name\":\"a\",\"action\":\"p.a\",\"with\":{\"url\":{\"$pointer\":\"/input/url\"},"
                + "\"times\":3,\"list\":{\"$cel\":\"input.l\"}},\"on_error\":{\"go_to\":\"later\"}}");
  }

  @Test
  void whatIsEmptiedIsLeftOutWithWhatWasAroundIt() {
    ObjectNode step =
        step(
            "{\"name\":\"a\",\"model\":\"m\",\"prompt\":\"p\",\"system\":\"s\",\"on_error\":\"continue\","
                + "\"retry\":{\"times\":2}}");
    sent(
        step, null, Map.of("field-system", "", "field-retry-times", " ", "field-on_error", "stop"));

    assertThat(RunJson.text(step)).isEqualTo("{\"name\":\"a\",\"model\":\"m\",\"prompt\":\"p\"}");
  }

  @Test
  void linesOfABrowserAreLinesOfATextAndWaysKeepTheirSteps() {
    ObjectNode asks = step("{\"name\":\"a\",\"model\":\"m\",\"prompt\":\"p\"}");
    assertThat(sent(asks, null, Map.of("field-prompt", "one\r\ntwo")).path("prompt").asText())
        .isEqualTo("one\ntwo");

    ObjectNode ways = step("{\"name\":\"a\",\"parallel\":{\"x\":[{\"name\":\"kept\"}],\"y\":[]}}");
    sent(ways, null, Map.of("field-parallel", "z\r\nx"));
    assertThat(ways.path("parallel").fieldNames()).toIterable().containsExactly("z", "x");
    assertThat(ways.at("/parallel/x/0/name").asText()).isEqualTo("kept");
    assertThat(ways.at("/parallel/z/0/name").asText()).isEqualTo("pause_z");
  }

  @Test
  void aFindingIsToldAtTheFieldThatItIsAbout() {
    ObjectNode step =
        step("{\"name\":\"a\",\"action\":\"p.a\",\"with\":{\"url\":\"\",\"list\":[]}}");
    StepForm form = new StepForm("/steps/0", fields(step, SCHEMA));
    List<Finding> rest =
        form.tell(
            List.of(
                new Finding("/steps/0/with/list/3", "a", "x", "The list"),
                new Finding("/steps/0/when", "a", "x", "The condition"),
                new Finding("/steps/0/action", "a", "x", "The action")));

    assertThat(rest).extracting(Finding::message).containsExactly("The action");
    assertThat(form.fields())
        .filteredOn(field -> field.error() != null)
        .extracting(FormField::id, FormField::error)
        .containsExactly(
            tuple("field-with-list", "The list"), tuple("field-when", "The condition"));
  }

  @Test
  void aStepSeesWhatIsBeforeItHereAndFurtherOut() {
    JsonNode definition =
        RunJson.stored(
            """
            {"input":{"properties":{"url":{}}},"steps":[
              {"name":"first","model":"m","prompt":"p"},
              {"name":"loop","each":{"over":[],"steps":[
                {"name":"in-1","action":"p.a"},{"name":"in2","wait":{"for":"1s"}}]}},
              {"name":"last","wait":{"for":"1s"}}]}""");
    List<NamesInSight.Name> names =
        NamesInSight.at(definition, "/steps/1/each/steps/1", step -> List.of("body"));

    assertThat(names)
        .extracting(NamesInSight.Name::cel)
        .containsExactly(
            "input",
            "input.url",
            "steps.first",
            "steps.first.text",
            "steps[\"in-1\"]",
            "steps[\"in-1\"].body",
            "item",
            "index",
            "run.id",
            "run.started_at",
            "run.pipeline");
    assertThat(names.get(5).text()).isEqualTo("{{steps.in-1.body}}");
    assertThat(names.get(5).pointer()).isEqualTo("/steps/in-1/body");
    assertThat(NamesInSight.at(definition, "", step -> List.of()))
        .extracting(NamesInSight.Name::cel)
        .contains("steps.last")
        .doesNotContain("item");
  }

  @Test
  void aStepIsFirstTriedOnWhatTheLastRunGave() {
    JsonNode definition =
        RunJson.stored(
            """
            {"input":{"properties":{"rows":{"type":"array"}}},"steps":[
              {"name":"loop","each":{"over":{"$pointer":"/input/rows"},"steps":[
                {"name":"in","wait":{"for":"1s"}}]}}]}""");
    String pointer = "/steps/0/each/steps/0";
    ObjectNode pinned =
        PinnedData.of(
            definition,
            pointer,
            NamesInSight.at(definition, pointer, step -> List.of()),
            RunJson.stored("{\"rows\":[{\"id\":7}]}"),
            List.of());

    assertThat(RunJson.text(pinned))
        .isEqualTo(
            "{\"input\":{\"rows\":[{\"id\":7}]},\"steps\":{},\"item\":{\"id\":7},\"index\":0}");
  }
}
