package io.mimir.web.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.mimir.chat.web.Api;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the page of a pipeline has below its builder: triggers, addresses, revisions, runs. */
class TriggersPageIT {

  private static final int RUNS = 21;

  private Console console;
  private Api api;
  private Page page;
  private String id;

  @BeforeEach
  void open() {
    console = Console.shared();
    api = Api.withPassword(console.server().uri(), Console.ADMIN, Console.PASSWORD);
    id = api.post("/pipelines", definition("Hello")).text("id");
    page = console.admin();
  }

  @AfterEach
  void close() {
    if (page != null) {
      page.context().close();
    }
    if (id != null) {
      api.delete("/pipelines/" + id + "?force=true");
    }
  }

  private static String definition(String word) {
    return """
    {"definition": {"name": "greeter", "steps": [
      {"name": "greet", "action": "template.render",
        "with": {"template": {"$literal": "%s you"}, "data": {}}}]}}"""
        .formatted(word);
  }

  private void visit() {
    page.navigate("/pipelines/" + id);
  }

  private Locator triggers() {
    return page.locator("tr[data-trigger]");
  }

  private void askForTrigger() {
    page.locator("#trigger-add").click();
    page.locator("#trigger-dialog[open]").waitFor();
  }

  private void told(String text) {
    page.locator(".toast", new Page.LocatorOptions().setHasText(text)).waitFor();
  }

  @Test
  void aScheduleIsMadeSwitchedOffAndDeleted() {
    visit();
    page.getByText("No triggers yet").waitFor();
    askForTrigger();
    page.locator("#trigger-cron").fill("now and then");
    page.locator("#trigger-create").click();
    page.locator("#trigger-cron[aria-invalid]").waitFor();
    assertThat(page.locator("#cron-error").textContent()).contains("five fields");
    console.expectSound(page, "form of a trigger, refused");

    page.locator("#trigger-cron").fill("30 6 * * 1-5");
    page.locator("#trigger-zone").fill("Europe/Berlin");
    page.locator("#trigger-missed").selectOption("report");
    page.locator("#trigger-create").click();
    told("The trigger was created");
    assertThat(triggers().innerText())
        .contains("30 6 * * 1-5", "Europe/Berlin", "noted in the audit log", "06:30");

    triggers().locator("[role=switch]").click();
    triggers().locator("[role=switch][aria-checked=false]").waitFor();
    assertThat(
            api.get("/pipelines/" + id + "/triggers").json().get(0).path("is_active").asBoolean())
        .isFalse();
    console.expectSound(page, "a trigger that is off");

    triggers().getByText("Delete").click();
    page.locator("#trigger-delete-dialog[open]").waitFor();
    console.expectSound(page, "question before a trigger is deleted");
    page.locator("#trigger-really").click();
    told("The trigger was deleted");
    assertThat(triggers().count()).isZero();
  }

  @Test
  void theSecretOfAWebhookIsShownOnceAndNoKeyLosesIt() {
    visit();
    askForTrigger();
    page.locator("#trigger-kind").selectOption("webhook");
    page.locator("#trigger-signed").waitFor();
    console.expectSound(page, "form of a webhook");
    page.locator("#trigger-create").click();
    page.locator("#once-dialog[open]").waitFor();
    String secret = page.locator("#once").inputValue();
    assertThat(secret).startsWith("whsec_");

    // A browser lets a page refuse this once, and closes the dialog at the second time.
    page.keyboard().press("Escape");
    page.keyboard().press("Escape");
    assertThat(page.locator("#once-dialog[open]").count()).isOne();
    assertThat(page.locator("#once").inputValue()).isEqualTo(secret);
    console.expectSound(page, "secret shown once");

    page.getByText("Done", new Page.GetByTextOptions().setExact(true)).click();
    Console.await(page, "document.getElementById('once').value === ''");
    Console.await(page, "document.activeElement.id === 'trigger-add'");
    String address =
        api.get("/pipelines/" + id + "/triggers").json().get(0).path("address").asText();
    assertThat(triggers().locator("input").inputValue())
        .isEqualTo(console.server().uri(address).toString());
    page.reload();
    assertThat(page.content()).doesNotContain(secret);
  }

  @Test
  void addressesAreSavedAndTheBuilderGoesOnFromThere() {
    visit();
    page.locator("#addresses").fill("https://example.com/feeds/\nnowhere at all");
    page.locator("#addresses-save").click();
    page.locator("#addresses[aria-invalid]").waitFor();
    page.locator("#addresses").fill("\n https://example.com/feeds/ \n\nhttps://example.org");
    page.locator("#addresses-save").click();
    told("The addresses were saved");
    assertThat(page.locator("#addresses").inputValue())
        .isEqualTo("https://example.com/feeds/\nhttps://example.org");

    page.locator("#share").click();
    told("Everybody may run it now");

    api.put("/pipelines/" + id, definition("Hello again"));
    page.locator("#addresses-save").click();
    page.locator("#addresses-general .note").waitFor();
    assertThat(page.locator("#addresses-general").innerText()).contains("Somebody else");
  }

  @Test
  void revisionsAreComparedAndOlderRunsComeAPageAtATime() {
    api.put("/pipelines/" + id, definition("Good morning"));
    for (int i = 0; i < RUNS; i++) {
      api.post("/pipelines/" + id + "/runs", "{\"input\": {}}");
    }
    visit();
    page.getByLabel("Compare revision 1 with the newest one").click();
    page.locator("#diff-dialog[open]").waitFor();
    assertThat(page.locator(".diff .removed code").textContent()).contains("Hello you");
    assertThat(page.locator(".diff .added code").textContent()).contains("Good morning you");
    assertThat(page.locator(".diff .added .sign").textContent()).isEqualTo("+");
    console.expectSound(page, "comparison of revisions");
    page.keyboard().press("Escape");

    Locator runs = page.locator("#runs-list li");
    assertThat(runs.count()).isEqualTo(RUNS - 1);
    page.locator("#runs-more").click();
    runs.nth(RUNS - 1).waitFor();
    assertThat(page.locator("#runs-more").count()).isZero();
    Console.await(page, "document.activeElement.id.startsWith('run_')");
  }

  @Test
  void thePageIsSoundNarrowAndDark() {
    api.post(
        "/pipelines/" + id + "/triggers",
        "{\"kind\": \"cron\", \"cron\": \"0 0 1 * *\", \"time_zone\": \"Asia/Kolkata\"}");
    api.post("/pipelines/" + id + "/triggers", "{\"kind\": \"webhook\", \"signed\": false}");
    page.context().close();
    page = console.admin(360, ColorScheme.DARK);
    visit();
    assertThat(triggers().count()).isEqualTo(2);
    console.expectSound(page, "page of a pipeline, narrow and dark");
  }
}
