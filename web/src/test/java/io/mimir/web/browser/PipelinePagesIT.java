package io.mimir.web.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.mimir.chat.web.Api;
import io.mimir.llm.service.StubProvider;
import io.mimir.web.MimirServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pipelines as people see them: built, tried, run, answered and mended in the browser. */
class PipelinePagesIT {

  private static final String GREET =
      """
      {"name": "greet", "action": "template.render",
        "with": {"template": {"$literal": "Hello {{name}}"}, "data": {"name": "{{input.name}}"}}}""";

  @TempDir static Path folder;

  private final List<String> made = new ArrayList<>();

  private Console console;
  private Api api;
  private Page page;

  @BeforeEach
  void open() {
    console = Console.shared();
    api = Api.withPassword(console.server().uri(), Console.ADMIN, Console.PASSWORD);
    page = console.admin();
  }

  @AfterEach
  void close() throws Exception {
    if (page != null) {
      page.context().close();
    }
    if (api != null) {
      for (String name : made) {
        api.delete("/pipelines/" + name + "?force=true");
      }
      console.forgetKeys();
    }
  }

  /** Makes a pipeline, and gives its id. */
  private String pipeline(String name, String steps) {
    String body =
        """
        {"definition": {"name": "%s",
          "input": {"type": "object", "properties": {"name": {"type": "string"}}},
          "steps": [%s]}}"""
            .formatted(name, steps);
    String id = api.post("/pipelines", body).text("id");
    made.add(id);
    return id;
  }

  private Locator row(String name) {
    return page.locator(".tree li[draggable]")
        .filter(
            new Locator.FilterOptions()
                .setHas(page.locator(".name", new Page.LocatorOptions().setHasText(name))));
  }

  private void edit(String name) {
    row(name).locator(".name").first().click();
    page.locator("#step-dialog[open]").waitFor();
  }

  private void apply() {
    page.locator("#step-apply").click();
    page.locator("#step-dialog")
        .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.HIDDEN));
  }

  private String text() {
    return page.locator("#definition").inputValue();
  }

  private List<String> steps() {
    return page.locator(".tree li[draggable] .name").allInnerTexts();
  }

  private void created() {
    page.waitForURL(url -> url.contains("/pipelines/pip"));
    made.add(page.url().substring(page.url().lastIndexOf('/') + 1));
  }

  private void run(String input) {
    page.locator("#ask-run").click();
    page.locator("#run-dialog[open]").waitFor();
    page.locator("#run-dialog textarea").fill(input);
    page.locator("#start").click();
    page.waitForURL("**/runs/*");
  }

  private void ended(String state) {
    page.locator("#watched:not([data-events])")
        .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.ATTACHED));
    assertThat(page.locator(".page-head .badge").first().innerText()).isEqualTo(state);
  }

  @Test
  void aPipelineIsBuiltByMouseTriedSavedRunAndWatched() {
    assertThat(
            api.post(
                    "/settings/api-keys",
                    "{\"provider\":\"openai\",\"name\":\"for pipelines\",\"key_value\":\"%s\"}"
                        .formatted(StubProvider.KEY))
                .status())
        .isEqualTo(201);
    page.navigate("/pipelines");
    page.getByText("Build your first pipeline").waitFor();
    console.expectSound(page, "no pipeline yet");
    page.locator(".page-head .main").click();

    page.locator("#kind").selectOption("model");
    page.locator("#add").click();
    row("ask").waitFor();
    edit("ask");
    page.locator("#field-model").fill("gpt-4");
    page.locator("#field-prompt").fill("Praise: ");
    page.locator("#step-names").selectOption("/steps/greet/text");
    assertThat(page.locator("#field-prompt").inputValue())
        .isEqualTo("Praise: {{steps.greet.text}}");
    apply();
    assertThat(text())
        .contains("prompt: 'Praise: {{steps.greet.text}}'")
        .doesNotContain("on_error", "retry");
    assertThat(page.locator("#unsaved").isVisible()).isTrue();

    page.locator("#whole").click();
    page.locator("#step-dialog[open]").waitFor();
    page.locator("#field-name").fill("by-mouse");
    page.locator("#field-output-mode").selectOption("pointer");
    page.locator("#field-output").click();
    page.locator("#step-names").selectOption("/steps/ask/text");
    apply();
    page.locator("#save").click();
    created();
    assertThat(text()).contains("name: by-mouse", "$pointer: /steps/ask/text");

    console.provider().say("What a greeting");
    edit("ask");
    page.locator("#pinned").fill("{\"input\":{},\"steps\":{\"greet\":{\"text\":\"Hello you\"}}}");
    page.locator("#try").click();
    page.locator("#tried .chips").waitFor();
    assertThat(page.locator("#tried").innerText()).contains("Succeeded");
    assertThat(page.locator("#tried-output").innerText()).contains("What a greeting");
    assertThat(console.provider().lastQuestion().body()).contains("Praise: Hello you");
    console.expectSound(page, "a step that was tried");
    page.locator("#step-dialog .sheet-foot [data-dismiss]").click();

    run("{\"name\":\"Ann\"}");
    ended("Succeeded");
    assertThat(page.locator(".run-steps > li").count()).isEqualTo(2);
    page.locator("[id='out-ask'] summary").click();
    assertThat(page.locator("[id='out-ask'] pre").innerText()).contains("What a greeting");
    assertThat(console.provider().lastQuestion().body()).contains("Praise: Hello Ann");
    console.expectSound(page, "a run that succeeded");
  }

  @Test
  void aPipelineIsBuiltSavedAndRunByKeyboardAlone() {
    page.navigate("/pipelines/new");
    page.locator("#kind").focus();
    page.keyboard().type("approve");
    page.keyboard().type("wait");
    page.locator("#kind").focus();
    page.locator("#kind").selectOption("wait");
    page.keyboard().press("Tab");
    page.keyboard().press("Tab");
    page.keyboard().press("Enter");
    row("pause").waitFor();
    Console.await(page, "document.activeElement.dataset.step === 'up'");

    page.keyboard().press("Enter");
    Console.await(page, "document.querySelector('.tree .name').innerText === 'pause'");
    Console.await(
        page, "/name: pause[^]*name: greet/.test(document.querySelector('#definition').value)");
    Console.await(page, "document.activeElement.closest('li').dataset.at === '/steps/0'");
    assertThat(steps()).containsExactly("pause", "greet");

    page.keyboard().press("Shift+Tab");
    page.keyboard().press("Enter");
    page.locator("#step-dialog[open]").waitFor();
    page.locator("#field-wait-for").focus();
    page.keyboard().press("Control+A");
    page.keyboard().type("10ms");
    page.locator("#step-apply").focus();
    page.keyboard().press("Enter");
    page.locator("#step-dialog")
        .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.HIDDEN));
    assertThat(text()).contains("for: 10ms");

    page.locator("#save").focus();
    page.keyboard().press("Enter");
    created();
    page.locator("#ask-run").focus();
    page.keyboard().press("Enter");
    page.locator("#run-dialog[open]").waitFor();
    page.locator("#start").focus();
    page.keyboard().press("Enter");
    page.waitForURL("**/runs/*");
    ended("Succeeded");
  }

  @Test
  void movesThatFollowOneAnotherQuicklyAreAllMadeAndShownAtOnce() {
    String loop =
        ",{\"name\":\"loop\",\"each\":{\"over\":[1],\"steps\":"
            + "[{\"name\":\"inner\",\"wait\":{\"for\":\"1ms\"}}]}}";
    String last = ",{\"name\":\"last\",\"wait\":{\"for\":\"1ms\"}}";
    page.navigate("/pipelines/" + pipeline("quick", GREET + loop + last));

    Object shown =
        page.evaluate(
            "() => { const at = (name) => [...document.querySelectorAll('.tree li[draggable]')]"
                + ".find((row) => row.querySelector('.name').innerText.trim() === name);"
                + " at('last').querySelector('[data-step=up]').click();"
                + " at('last').querySelector('[data-step=up]').click();"
                + " at('greet').querySelector('[data-step=down]').click();"
                + " return [...document.querySelectorAll('.tree li[draggable]')]"
                + ".map((row) => row.querySelector('.name').innerText.trim()"
                + " + ' ' + row.dataset.at).join(); }");
    assertThat(shown)
        .isEqualTo("last /steps/0,loop /steps/1,inner /steps/1/each/steps/0,greet /steps/2");

    Console.await(
        page,
        "/name: last[^]*name: loop[^]*name: inner[^]*name: greet/"
            + ".test(document.querySelector('#definition').value)");
    assertThat(steps()).containsExactly("last", "loop", "inner", "greet");
  }

  @Test
  void aStepIsDraggedIntoAnotherListAndTheFormMovesItBack() {
    page.navigate(
        "/pipelines/"
            + pipeline(
                "dragged",
                GREET
                    + ",{\"name\":\"loop\",\"each\":{\"over\":[1],\"steps\":"
                    + "[{\"name\":\"inner\",\"wait\":{\"for\":\"1ms\"}}]}}"
                    + ",{\"name\":\"last\",\"wait\":{\"for\":\"1ms\"}}"));
    assertThat(steps()).containsExactly("greet", "loop", "inner", "last");

    page.dragAndDrop("[data-at='/steps/2']", "[data-at='/steps/1/each/steps/0'] .what");
    page.locator("[data-at='/steps/1/each/steps/1']").waitFor();
    assertThat(text()).doesNotContain("\n- name: last");

    edit("last");
    page.locator("#step-list").selectOption("/steps");
    apply();
    page.locator("[data-at='/steps/2']").waitFor();
    assertThat(steps()).containsExactly("greet", "loop", "inner", "last");
    assertThat(text()).contains("\n- name: last");
  }

  @Test
  void whatIsWrongStandsAtItsFieldAndAtItsLine() {
    page.navigate("/pipelines/" + pipeline("wrong", GREET));
    edit("greet");
    page.locator("#step-more summary").click();
    page.locator("[id='field-retry-times']").fill("often");
    page.locator("#step-apply").click();
    page.getByText("This is not a number").waitFor();
    page.locator("[id='field-retry-times']").fill("");
    page.locator("[id='field-when']").fill("steps.nothing.here");
    page.locator("#step-apply").click();
    page.locator("[id='field-when'][aria-invalid]").waitFor();
    assertThat(page.locator("[id='field-when-error']").innerText()).contains("nothing");
    console.expectSound(page, "a field that is wrong");
    page.locator("#step-dialog .sheet-foot [data-dismiss]").click();

    page.locator("[data-line]").first().click();
    assertThat(page.evaluate("getSelection().toString()"))
        .asString()
        .contains("when: steps.nothing.here");
    page.waitForResponse(
        answer -> answer.request().method().equals("POST"), () -> page.locator("#save").click());
    Console.await(page, "document.querySelectorAll('.finding').length === 1");
    assertThat(page.locator("#unsaved").isVisible()).isTrue();
    assertThat(page.locator("#state").innerText()).contains("Revision 1");

    page.locator("#definition").fill("name: wrong\nsteps:\n  - name: [\n");
    page.locator("#apply").click();
    page.locator("#definition-error", new Page.LocatorOptions().setHasText("Line ")).waitFor();
    page.locator("#import")
        .setInputFiles(
            new FilePayload(
                "good.yaml",
                "application/yaml",
                "name: wrong\nsteps:\n  - {name: rest, wait: {for: 1ms}}\n"
                    .getBytes(StandardCharsets.UTF_8)));
    row("rest").waitFor();
    assertThat(steps()).containsExactly("rest");
  }

  @Test
  void aRejectedRunGoesOnFromItsStepByTheEditedRevision() {
    String id =
        pipeline(
            "asking",
            GREET
                + ",{\"name\":\"check\",\"approve\":{\"role\":\"admin\",\"message\":\"Send {{steps.greet.text}}?\"}}");
    page.navigate("/pipelines/" + id);
    run("{\"name\":\"Ann\"}");
    page.getByText("Send Hello Ann?").first().waitFor();
    console.expectSound(page, "a run that asks");
    page.locator(".run-steps .note .button.main").click();
    page.locator("#answer-dialog[open]").waitFor();
    page.locator("#note").fill("Greet Bea");
    page.locator("#reject").click();
    ended("Failed");
    page.getByText("ada said no: Greet Bea").first().waitFor();
    String failed = page.url();

    page.locator(".back").click();
    page.locator("#definition").fill(text().replace("Send", "Really send"));
    page.locator("#save").click();
    page.getByText("Revision 2 was saved").waitFor();
    page.navigate(failed);
    page.locator("#revision").selectOption("newest");
    page.locator("#again").click();
    page.waitForURL(url -> url.contains("/runs/") && !url.equals(failed));
    page.getByText("Really send Hello Ann?").first().waitFor();
    page.getByText("Results taken over from an earlier run").first().waitFor();
    page.locator(".run-steps .note .button.main").click();
    page.locator("#approve").click();
    ended("Succeeded");
  }

  @Test
  void aRunIsCancelledWhileItWaits() {
    page.navigate(
        "/pipelines/" + pipeline("waiting", "{\"name\":\"rest\",\"wait\":{\"for\":\"10m\"}}"));
    run("{}");
    page.locator(".run-steps .badge", new Page.LocatorOptions().setHasText("Waiting")).waitFor();
    page.locator("#cancel").click();
    ended("Cancelled");
  }

  @Test
  void aRunThatWasKilledGoesOnOnThePageThatWatchesIt() throws Exception {
    Path data = folder.resolve("data");
    MimirServer server = serverAt(data);
    Page watching = console.strangerAt(server);
    try {
      Api own = Api.withPassword(server.uri(), MimirServer.ADMIN, MimirServer.PASSWORD);
      String id =
          own.post(
                  "/pipelines",
                  "{\"definition\":{\"name\":\"killed\",\"steps\":[%s,%s]}}"
                      .formatted(
                          GREET.replace("{{input.name}}", "Ann"),
                          "{\"name\":\"rest\",\"wait\":{\"for\":\"20s\"}}"))
              .text("id");
      String run = own.post("/pipelines/" + id + "/runs", "{}").text("id");
      console.signIn(watching, MimirServer.ADMIN, MimirServer.PASSWORD);
      watching.waitForURL(url -> !url.contains("/login"));
      watching.navigate("/runs/" + run);
      watching.locator(".run-steps li").nth(1).getByText("Waiting").waitFor();
      server.kill();
      server.close();
      server = serverAt(data);
      watching.close();
      watching = console.strangerAt(server);
      console.signIn(watching, MimirServer.ADMIN, MimirServer.PASSWORD);
      watching.waitForURL(url -> !url.contains("/login"));
      watching.navigate("/runs/" + run);
      watching
          .locator("#watched:not([data-events])")
          .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.ATTACHED));
      assertThat(watching.locator(".run-steps .badge").allInnerTexts())
          .containsExactly("Succeeded", "Succeeded");
    } finally {
      watching.context().close();
      server.close();
    }
  }

  private static MimirServer serverAt(Path data) {
    return MimirServer.start(
        Map.of(
            "MIMIR_DATA_DIR",
            data.toString(),
            "MIMIR_ADMIN_USER",
            MimirServer.ADMIN,
            "MIMIR_ADMIN_PASSWORD",
            MimirServer.PASSWORD));
  }

  @ParameterizedTest
  @CsvSource({"1280, LIGHT", "1280, DARK", "360, LIGHT", "320, DARK"})
  void thePagesAreSoundAtEveryWidthAndInBothThemes(int width, ColorScheme scheme) {
    String id =
        pipeline(
            "sound",
            GREET
                + ",{\"name\":\"ways\",\"parallel\":{\"one\":[{\"name\":\"a\",\"wait\":{\"for\":\"1ms\"}}],"
                + "\"two\":[{\"name\":\"b\",\"model\":\"no-such-model\",\"prompt\":\"Hi\"}]}}");
    page.context().close();
    page = console.admin(width, scheme);
    page.navigate("/pipelines");
    console.expectSound(page, "the list");
    page.navigate("/pipelines/" + id);
    console.expectSound(page, "the builder");
    edit("b");
    console.expectSound(page, "the form of a step");
    page.locator("#step-dialog .sheet-foot [data-dismiss]").click();
    run("{}");
    ended("Failed");
    console.expectSound(page, "a run that failed");
  }
}
