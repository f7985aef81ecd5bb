package io.mimir.web.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import io.mimir.llm.service.StubProvider;
import io.mimir.llm.service.StubProvider.Misbehaviour;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** API keys from the first to the last step, and the chat that they make possible. */
class KeysIT {

  /** A key rests for a second after its provider has failed. */
  private static final int REST_MS = 1_200;

  private Console console;
  private Page page;

  @BeforeEach
  void open() {
    console = Console.shared();
    page = console.admin();
  }

  @AfterEach
  void close() throws Exception {
    if (page != null) {
      page.context().close();
      console.forgetKeys();
    }
  }

  /** Section 6 of the design, step by step. */
  @Test
  void aUserAddsAnOpenAiKeyAndTheChatCanUseItAtOnce() throws Exception {
    page.navigate("/settings/api-keys");
    page.getByText("Add API Key").first().click();
    page.getByLabel("Provider").selectOption("OpenAI");
    field("Name").fill("My OpenAI Key");
    field("API Key").fill(StubProvider.KEY);
    field("Default Model").selectOption("GPT-4");
    page.getByText("Save", exactly()).click();

    row("My OpenAI Key").waitFor();
    assertThat(page.getByRole(AriaRole.HEADING, heading("OpenAI")).count()).isPositive();
    assertThat(page.content()).doesNotContain(StubProvider.KEY);

    page.navigate("/chat");
    page.getByLabel("Model", label()).selectOption("GPT-4");
    console.provider().say("The well is **deep**.");
    ask("How deep is the well?");

    Locator answer = page.locator(".message.assistant").last();
    answer.getByText("with My OpenAI Key").waitFor();
    assertThat(answer.locator("strong").textContent()).isEqualTo("deep");
    assertThat(console.provider().lastQuestion().headers().get("authorization"))
        .isEqualTo("Bearer " + StubProvider.KEY);
    assertThat(console.provider().lastQuestion().body()).contains("\"gpt-4\"");
    page.navigate("/settings/api-keys");
    assertThat(row("My OpenAI Key").textContent()).contains("just now").contains("Active");

    deleteWithItsName("My OpenAI Key");
  }

  @Test
  void whatIsEnteredWhileTheProvidersFieldsAreOnTheirWayStays() {
    page.navigate("/settings/api-keys");
    page.getByText("Add API Key").first().click();
    AtomicReference<Route> answer = new AtomicReference<>();
    page.route(
        "**/settings/api-keys*",
        route -> {
          String sent = route.request().postData();
          if (sent != null && sent.contains("jakarta.faces.source=provider&")) {
            answer.set(route);
          } else {
            route.resume();
          }
        });
    page.getByLabel("Provider").selectOption("OpenAI");
    page.waitForCondition(() -> answer.get() != null);
    field("Name").fill("Quick");
    field("API Key").fill(StubProvider.KEY);
    field("Default Model").selectOption("GPT-4");
    page.locator("#key-advanced summary").click();
    page.locator("#timeout_seconds").fill("77");

    page.evaluate("document.getElementById('default_model').dataset.old = 'true'");
    answer.get().resume();
    page.locator("#default_model:not([data-old])").waitFor();
    page.waitForFunction("document.getElementById('default_model').value === 'gpt-4'");
    assertThat(page.locator("#timeout_seconds").isVisible()).isTrue();
    page.getByText("Save", exactly()).click();

    row("Quick").waitFor();
    choose("Quick", "Edit");
    assertThat(field("Default Model").inputValue()).isEqualTo("gpt-4");
    assertThat(page.locator("#timeout_seconds").inputValue()).isEqualTo("77");
  }

  /** Section 8 of the design, with the stub in place of the machine in the network. */
  @Test
  void aUserAddsALocalOllamaWithoutAKeyAndChoosesLlama3() {
    page.navigate("/settings/api-keys");
    page.getByText("Add API Key").first().click();
    page.getByLabel("Provider").selectOption("Ollama");
    field("Name").fill("Local Ollama");
    page.getByLabel("Endpoint URL").fill(console.provider().url());
    page.getByText("Save", exactly()).click();
    row("Local Ollama").getByText("Active").waitFor();

    page.navigate("/chat");
    page.getByLabel("Model", label()).selectOption("Llama 3");
    console.provider().say("From the local machine.");
    ask("Who are you?");

    page.getByText("with Local Ollama").waitFor();
    StubProvider.Seen seen = console.provider().lastQuestion();
    assertThat(seen.path()).isEqualTo("/api/chat");
    assertThat(seen.headers()).doesNotContainKey("authorization");

    page.navigate("/settings/api-keys");
    deleteWithItsName("Local Ollama");
  }

  @Test
  void aTestBeforeSavingSaysHowItWentAndSavesNothing() {
    page.navigate("/settings/api-keys");
    page.getByText("Add API Key").first().click();
    field("API Key").fill("sk-wrong-0123456789");
    page.locator("#try").click();
    page.locator("#key-verdict").getByText("It does not work.").waitFor();
    assertThat(page.locator("#key-verdict").textContent()).contains("auth_failed");
    assertThat(field("API Key").inputValue()).as("stays, to be mended").isNotEmpty();

    field("API Key").fill(StubProvider.KEY);
    page.locator("#try").click();
    page.locator("#key-verdict").getByText("It works.").waitFor();
    page.keyboard().press("Escape");

    assertThat(page.locator("tr[data-key]").count()).isZero();
    // The event of a closed dialog comes a moment after the key that closed it.
    Console.await(page, "document.getElementById('key_value').value === ''");
  }

  @Test
  void whatIsWrongIsSaidBesideItsField() {
    page.navigate("/settings/api-keys");
    page.getByText("Add API Key").first().click();
    page.getByLabel("Provider").selectOption("Custom");
    page.locator("#endpoint_url").waitFor();
    field("Name").fill("A server");
    page.getByText("Save", exactly()).click();
    page.locator("#endpoint_url[aria-invalid]").waitFor();
    page.getByLabel("Endpoint URL").fill("http://169.254.169.254/");
    page.getByText("Save", exactly()).click();
    Console.await(
        page, "!document.getElementById('endpoint_url-error').textContent.includes('needs')");
    console.expectSound(page, "form with an error");

    assertThat(page.locator("#endpoint_url-error").textContent()).isNotBlank();
    assertThat(page.locator("#endpoint_url").getAttribute("aria-describedby"))
        .contains("endpoint_url-error");
    assertThat(page.locator("#name-error").textContent()).isEmpty();
  }

  @Test
  void aKeyIsTestedEditedSwitchedOffDeletedAndHadBack() {
    add("Spare key");
    row("Spare key").getByText("Test", inRow()).click();
    page.locator("tr.result").getByText("It works.").waitFor();
    page.locator(".toast.good").first().waitFor();

    choose("Spare key", "Edit");
    assertThat(page.getByLabel("Provider").isDisabled()).isTrue();
    assertThat(page.locator("#key_value-help").textContent()).contains("Leave it blank to keep it");
    field("Name").fill("Renamed key");
    page.getByText("Save", exactly()).click();
    row("Renamed key").waitFor();
    assertThat(focused()).contains("more-key_");

    row("Renamed key").getByRole(AriaRole.SWITCH).click();
    row("Renamed key").getByText("Disabled").waitFor();
    assertThat(row("Renamed key").getByRole(AriaRole.SWITCH).getAttribute("aria-checked"))
        .isEqualTo("false");

    choose("Renamed key", "Delete");
    page.locator("#delete-dialog[open]").waitFor();
    assertThat(page.evaluate("document.activeElement.textContent.trim()")).isEqualTo("Cancel");
    page.locator("#really").click();
    page.getByText("Recently deleted").click();
    page.getByLabel("Restore Renamed key").click();
    row("Renamed key").waitFor();

    choose("Renamed key", "Delete");
    page.locator("#really").click();
    page.locator("#delete-dialog:not([open])").waitFor(attached());
  }

  @Test
  void limitsAndRoutingAreFoldedAwayAndKept() {
    page.navigate("/settings/api-keys");
    page.getByText("Add API Key").first().click();
    field("Name").fill("Limited key");
    field("API Key").fill(StubProvider.KEY);
    assertThat(field("Rate Limit").isVisible()).isFalse();
    page.getByText("Limits and routing").click();
    assertThat(field("Priority").inputValue()).isEqualTo("50");
    assertThat(field("Weight").inputValue()).isEqualTo("1");
    field("Rate Limit").fill("60");
    field("Tokens per minute").fill("200000");
    field("Concurrent calls").fill("8");
    field("Tokens per month").fill("1000000000000");
    field("Allowed models").fill("gpt-4\ngpt-4o-mini");
    field("Priority").fill("0");
    field("Weight").fill("3");
    console.expectSound(page, "limits and routing");
    page.getByText("Limits and routing").click();
    page.locator("#save").click();
    page.locator("#priority[aria-invalid]").waitFor();
    assertThat(page.locator("#priority-error").textContent()).contains("1 to 100");
    field("Priority").fill("10");
    page.locator("#save").click();
    row("Limited key").waitFor();

    choose("Limited key", "Edit");
    page.getByText("Limits and routing").getByText("7 set").waitFor();
    page.getByText("Limits and routing").click();
    assertThat(field("Rate Limit").inputValue()).isEqualTo("60");
    assertThat(field("Tokens per minute").inputValue()).isEqualTo("200000");
    assertThat(field("Concurrent calls").inputValue()).isEqualTo("8");
    assertThat(field("Tokens per month").inputValue()).isEqualTo("1000000000000");
    assertThat(field("Allowed models").inputValue()).isEqualTo("gpt-4\ngpt-4o-mini");
    assertThat(field("Priority").inputValue()).isEqualTo("10");
    assertThat(field("Weight").inputValue()).isEqualTo("3");
    field("Tokens per month").fill("");
    field("Priority").fill("");
    page.locator("#save").click();
    page.locator("#key-dialog:not([open])").waitFor(attached());
    choose("Limited key", "Edit");
    page.getByText("Limits and routing").getByText("5 set").waitFor();
    assertThat(page.locator("#monthly_tokens").inputValue()).isEmpty();
    assertThat(page.locator("#priority").inputValue()).isEqualTo("50");
  }

  @Test
  void aNewSecretIsTriedOnAShareOfTheCallsFirst() {
    add("Rotated key");
    choose("Rotated key", "Replace key");
    assertThat(focused()).isEqualTo("new_key_value");
    page.locator("#swap").click();
    page.locator("#new_key_value[aria-invalid]").waitFor();
    page.getByLabel("Try on a share of the calls first").check();
    page.locator("#share").waitFor();
    page.locator("#share").fill("60");
    page.locator("#new_key_value").fill("sk-wrong-0123456789");
    page.locator("#swap").click();
    page.locator("#share[aria-invalid]").waitFor();
    page.locator("#share").fill("25");
    page.locator("#calls").fill("5");
    page.locator("#swap").click();
    page.locator("#new_key_value-error").getByText("refused the key").waitFor();
    console.expectSound(page, "a refused replacement");
    page.waitForTimeout(REST_MS);
    page.locator("#new_key_value").fill(StubProvider.KEY);
    page.locator("#swap").click();
    page.locator("#replace-dialog:not([open])").waitFor(attached());

    Locator trial = page.locator("tr.result");
    trial.getByText("25 % of the calls").waitFor();
    assertThat(trial.textContent())
        .contains("Trying a new key", "sk-…cdef", "0 of 5 answered", "By " + Console.ADMIN)
        .doesNotContain("failed");
    console.expectSound(page, "a running rotation");
    assertThat(page.content()).doesNotContain(StubProvider.KEY);
    row("Rotated key").getByLabel("More for Rotated key").click();
    row("Rotated key").getByText("Roll back").click();
    page.getByText("The old key of Rotated key stays").waitFor();
    assertThat(trial.count()).isZero();

    page.waitForTimeout(REST_MS);
    choose("Rotated key", "Replace key");
    page.getByLabel("Try on a share of the calls first").check();
    page.locator("#share").waitFor();
    page.locator("#new_key_value").fill(StubProvider.KEY);
    page.locator("#swap").click();
    trial.getByText("10 % of the calls").waitFor();
    row("Rotated key").getByLabel("More for Rotated key").click();
    row("Rotated key").getByText("Use new key").click();
    page.getByText("The new key of Rotated key has replaced the old one").waitFor();
    assertThat(trial.count()).isZero();
  }

  @Test
  void aSecretIsReplacedAtOnceAndThatEndsATrial() {
    add("Replaced key");
    choose("Replaced key", "Replace key");
    page.getByLabel("Try on a share of the calls first").check();
    page.locator("#share").waitFor();
    page.locator("#new_key_value").fill(StubProvider.KEY);
    page.locator("#swap").click();
    page.locator("tr.result").getByText("10 % of the calls").waitFor();

    choose("Replaced key", "Replace key");
    page.getByText("A new key is being tried already").waitFor();
    assertThat(page.getByLabel("Try on a share of the calls first").count()).isZero();
    assertThat(page.locator("#new_key_value").inputValue()).isEmpty();
    page.locator("#new_key_value").fill("sk-third-0123456789-zzzz");
    page.locator("#swap").click();

    page.getByText("The key of Replaced key was replaced").waitFor();
    assertThat(row("Replaced key").textContent()).contains("sk-…zzzz");
    assertThat(page.locator("tr.result").count()).isZero();
  }

  @Test
  void whoeverIsLateLearnsWhoWasFirst() {
    add("Contested key");
    Page other = console.admin();
    other.navigate("/settings/api-keys");
    choose("Contested key", "Edit");
    page.locator("#key-dialog[open]").waitFor();
    other.getByLabel("Enable Contested key").click();
    other.locator("tr", new Page.LocatorOptions().setHasText("Disabled")).first().waitFor();
    other.context().close();
    field("Name").fill("My own name");
    page.getByText("Save", exactly()).click();

    page.locator("#key-general").getByText(Console.ADMIN + " changed this key").waitFor();
    page.keyboard().press("Escape");
    page.reload();
    choose("Contested key", "Delete");
    page.locator("#really").click();
    page.locator("#delete-dialog:not([open])").waitFor(attached());
  }

  @Test
  void aSearchThatFindsNothingCanBeCleared() {
    add("Needle");
    page.locator("#search").pressSequentially("no such thing");
    page.getByText("Nothing found").waitFor();
    console.expectSound(page, "nothing found");
    page.getByText("Clear the filter").click();
    row("Needle").waitFor();

    assertThat(page.locator("#search").inputValue()).isEmpty();
    choose("Needle", "Delete");
    page.locator("#really").click();
    page.locator("#delete-dialog:not([open])").waitFor(attached());
  }

  @Test
  void anAnswerIsStreamedAndCanBeStopped() throws Exception {
    add("Streaming key");
    page.navigate("/chat");
    page.getByLabel("Model", label()).selectOption("GPT-4");
    console.provider().misbehave(Misbehaviour.STALL).say("One two three four five six seven.");
    ask("Count");
    page.locator(".message.waiting .text p").waitFor();
    console.expectSound(page, "streaming");
    page.getByLabel("Stop").click();

    page.getByText("Stopped").waitFor();
    assertThat(page.getByLabel("Send").count()).isEqualTo(1);
    assertThat(console.provider().awaitDeparture(java.time.Duration.ofSeconds(5))).isTrue();

    console.provider().reset();
    console.provider().misbehave(Misbehaviour.STATUS_500);
    ask("Again");
    page.locator(".messages .note.bad").waitFor();
    console.expectSound(page, "refused");
    console.provider().reset();
    console.provider().say("Now it works.");
    page.waitForTimeout(REST_MS);
    page.getByRole(AriaRole.BUTTON, heading("Try again")).click();
    page.getByText("Now it works.").waitFor();

    page.navigate("/settings/api-keys");
    deleteWithItsName("Streaming key");
  }

  @Test
  void markdownBecomesPlainElementsAndNothingElse() {
    page.navigate("/chat");
    Console.await(page, "!!(window.Mimir && window.Mimir.markdown)");
    List<String> hostile =
        List.of(
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[a](javascript:alert(1)) [b](data:text/html,x) [c](vbscript:x)",
            "[a](JaVaScRiPt:alert(1))",
            "![x](http://evil.example/x.png)",
            "[<img src=x onerror=alert(1)>](https://example.org)",
            "`<b>` **<i>x</i>** # <u>",
            "```html\n<script>alert(1)</script>\n```",
            "| <script> | b |\n|---|---|\n| <svg onload=alert(1)> | c |",
            "[x](https://example.org\"onmouseover=\"alert(1))",
            "> > > > > > > > > > > > deep",
            "*".repeat(5000),
            "[".repeat(5000),
            "`".repeat(5000));
    for (String text : hostile) {
      Object found =
          page.evaluate(
              "text => { const box = document.createElement('div');"
                  + " box.append(...Mimir.markdown(text));"
                  + " return [...box.querySelectorAll('*')].filter(n =>"
                  + " !/^(A|P|BR|EM|STRONG|S|CODE|PRE|DIV|UL|OL|LI|H2|H3|H4|HR|BLOCKQUOTE|TABLE|THEAD|TBODY|TR|TH|TD)$/.test(n.tagName)"
                  + " || (n.href && !/^(https?|mailto):/.test(n.href))"
                  + " || [...n.attributes].some(a => a.name.startsWith('on'))).length; }",
              text);
      assertThat(found).as(text.substring(0, Math.min(60, text.length()))).isEqualTo(0);
    }
  }

  private void add(String name) {
    page.navigate("/settings/api-keys");
    page.getByText("Add API Key").first().click();
    field("Name").fill(name);
    field("API Key").fill(StubProvider.KEY);
    field("Default Model").selectOption("GPT-4");
    page.getByText("Save", exactly()).click();
    row(name).waitFor();
  }

  private void ask(String question) {
    page.locator("#message").fill(question);
    page.keyboard().press("Enter");
  }

  private void choose(String key, String action) {
    row(key).getByLabel("More for " + key).click();
    row(key).getByText(action, new Locator.GetByTextOptions().setExact(true)).click();
    page.locator("dialog[open]").waitFor();
  }

  /** A key that was used lately goes only when its name is typed. */
  private void deleteWithItsName(String name) {
    choose(name, "Delete");
    page.locator("#really").click();
    page.getByText("This is not the name of the key").waitFor();
    page.locator("#typed").fill(name);
    page.locator("#really").click();
    page.getByText(name + " was deleted").waitFor();
  }

  private Locator row(String name) {
    return page.locator("tr[data-key]", new Page.LocatorOptions().setHasText(name));
  }

  private Locator field(String label) {
    return page.locator("#key-dialog")
        .getByLabel(label, new Locator.GetByLabelOptions().setExact(true));
  }

  private String focused() {
    return (String) page.evaluate("document.activeElement.id");
  }

  private static Page.GetByTextOptions exactly() {
    return new Page.GetByTextOptions().setExact(true);
  }

  private static Locator.GetByTextOptions inRow() {
    return new Locator.GetByTextOptions().setExact(true);
  }

  private static Page.GetByLabelOptions label() {
    return new Page.GetByLabelOptions().setExact(true);
  }

  private static Page.GetByRoleOptions heading(String name) {
    return new Page.GetByRoleOptions().setName(name);
  }

  private static Locator.WaitForOptions attached() {
    return new Locator.WaitForOptions()
        .setState(com.microsoft.playwright.options.WaitForSelectorState.ATTACHED);
  }
}
