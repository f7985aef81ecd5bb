package io.mimir.web.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.ColorScheme;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was once cut off, covered, jumping or lost: each stays mended. */
class LooksIT {

  private static final String LONG_NAME = "l".repeat(64);

  private Console console;
  private Page page;

  @BeforeEach
  void open() {
    console = Console.shared();
    page = console.admin();
  }

  @AfterEach
  void close() {
    if (page != null) {
      page.context().close();
    }
  }

  private void narrow(int width) {
    page.context().close();
    page = console.admin(width, ColorScheme.LIGHT);
  }

  /** Served as XHTML, the same bytes show no picture: svg is an element of HTML's parser only. */
  @Test
  void anErrorPageIsHtmlAndShowsItsPictures() {
    Response answer = page.navigate("/nothing");

    assertThat(answer.headerValue("content-type")).startsWith("text/html");
    Console.await(page, "document.querySelector('.emblem use').getBBox().width > 0");
  }

  @ParameterizedTest
  @ValueSource(ints = {768, 900, 1024})
  void noCellOfATableReachesIntoTheNext(int width) {
    narrow(width);
    for (String address :
        new String[] {"/settings/plugins", "/settings/users", "/settings/audit", "/usage"}) {
      page.navigate(address);
      expectNoCellToReachIntoTheNext(page, address + " at " + width);
      console.expectSound(page, address + " at " + width);
    }
  }

  static void expectNoCellToReachIntoTheNext(Page page, String state) {
    Object across =
        page.evaluate(
            "[...document.querySelectorAll('.table td > *')].filter(inner => {"
                + " const a = inner.getBoundingClientRect();"
                + " const b = inner.parentElement.getBoundingClientRect();"
                + " const kids = [...inner.children].map(kid => kid.getBoundingClientRect());"
                + " return [a, ...kids].some(r => r.width > 1"
                + " && (r.left < b.left - 1 || r.right > b.right + 1)); })"
                + ".map(inner => inner.outerHTML.slice(0, 120))");
    assertThat((List<?>) across).as(state).isEmpty();
  }

  @Test
  void theTabsStandStillFromPageToPage() {
    page.navigate("/settings/users");
    Object before = tabs();
    page.navigate("/settings/audit");

    assertThat(tabs()).isEqualTo(before);
  }

  private Object tabs() {
    return page.evaluate(
        "[...document.querySelectorAll('.tabs a')].map(a => Math.round(a.offsetLeft)).join()");
  }

  @Test
  void theTabOfThePageIsInSightOnTheNarrowestPhone() {
    narrow(320);
    page.navigate("/settings/audit");

    Console.await(
        page,
        "document.querySelector('.tabs [aria-current]').getBoundingClientRect().right"
            + " <= innerWidth");
  }

  @Test
  void aDoubleClickMakesOneTokenOnly() {
    page.navigate("/settings/tokens");
    page.getByText("New token").first().click();
    page.locator("#token-dialog #name").fill("pressed twice");
    page.locator("#create").dblclick();
    page.locator("#once-dialog[open]").waitFor();
    page.getByText("Done", new Page.GetByTextOptions().setExact(true)).click();
    page.reload();

    Locator made = page.locator("tbody tr", new Page.LocatorOptions().setHasText("pressed twice"));
    assertThat(made.count()).isEqualTo(1);
    made.getByText("Revoke").click();
    page.locator("#really").click();
    page.getByText("pressed twice was revoked").waitFor();
  }

  @Test
  void aServerThatDoesNotAnswerIsToldInsideTheDialogAndTheButtonCanBePressedAgain() {
    page.navigate("/settings/users");
    page.getByText("Add user").click();
    page.locator("#user-dialog[open]").waitFor();
    page.keyboard().press("Escape");
    page.route("**/settings/users", route -> route.abort());
    page.getByText("Add user").click();
    page.locator(".toast.bad").waitFor();
    assertThat(page.locator("dialog[open]").count()).as("an old form is no new one").isZero();
    page.unroute("**/settings/users");
    page.getByText("Add user").click();
    page.locator("#user-dialog[open]").waitFor();
    page.route("**/settings/users", route -> route.abort());
    page.locator("#user-dialog #username").fill("nobody");
    page.locator("#save").click();
    page.locator("#user-dialog .toast.bad").waitFor();
    console.expectSound(page, "no answer");
    page.unroute("**/settings/users");
    page.locator("#save").click();
    page.locator("#password[aria-invalid]").waitFor();
    page.keyboard().press("Escape");

    Console.await(page, "document.getElementById('toasts').parentElement === document.body");
  }

  @Test
  void aFormOnAPageLeadsToItsFirstMistakeAsADialogDoes() {
    page.navigate("/account");
    page.locator("#current").fill(Console.PASSWORD);
    page.locator("#new-password").fill("several words are best");
    page.locator("#repeat").fill("other words");
    page.locator("#change").click();
    page.getByText("The two passwords are not the same").waitFor();

    Console.await(page, "document.activeElement.id === 'repeat'");
  }

  @Test
  void aLongNameIsWholeInTheQuestionBeforeItIsDeleted() {
    page.navigate("/settings/users");
    page.getByText("Add user").click();
    page.locator("#user-dialog[open]").waitFor();
    page.locator("#user-dialog #username").fill(LONG_NAME);
    page.locator("#user-dialog #password").fill("several words are best");
    page.locator("#save").click();
    page.getByText(LONG_NAME + " was added").waitFor();
    Locator row = page.locator("tbody tr", new Page.LocatorOptions().setHasText(LONG_NAME));
    row.locator("summary").click();
    row.getByText("Delete", new Locator.GetByTextOptions().setExact(true)).click();
    page.locator("#delete-dialog[open]").waitFor();

    assertThat(
            page.evaluate(
                "(() => { const box = document.querySelector('#delete-dialog .sheet-body');"
                    + " return box.scrollWidth - box.clientWidth; })()"))
        .isEqualTo(0);
    page.locator("#really").click();
    page.getByText(LONG_NAME + " was deleted").waitFor();
  }

  @Test
  void aMenuThatDoesNotFitBelowOpensAboveEveryTime() {
    page.setViewportSize(1280, 330);
    page.navigate("/settings/users");
    Locator summary = page.locator("tbody summary").last();
    for (int time = 1; time <= 3; time++) {
      summary.click();
      Console.await(page, "document.querySelector('tbody .menu[open].up') !== null");
      summary.click();
    }
  }

  @Test
  void aTableOfAnAnswerKeepsItsWordsWholeAndItsColumnsAligned() {
    narrow(320);
    page.navigate("/chat");
    page.locator("#messages .empty").waitFor();
    page.evaluate(
        "(() => { const box = document.createElement('div'); box.className = 'prose';"
            + " box.append(...Mimir.markdown("
            + "'|Region|Requests|Latency|\\n|---|---:|:-:|\\n|eu|1,200|unbelievable|'));"
            + " box.querySelectorAll('td')[2].id = 'cell';"
            + " document.getElementById('messages').replaceChildren(box); })()");

    assertThat(page.evaluate("[...document.querySelectorAll('td')].map(c => c.className).join()"))
        .isEqualTo(",number,middle");
    assertThat(page.evaluate("document.getElementById('cell').getBoundingClientRect().height < 40"))
        .isEqualTo(true);
    console.expectSound(page, "a table in an answer");
  }

  @Test
  void aLongTitleOfAConversationIsCutAndMovesNothing() {
    narrow(320);
    page.navigate("/chat");
    Object id =
        page.evaluate(
            "(async () => {"
                + " const token = (await (await fetch('/api/v1/session')).json()).csrf_token;"
                + " const send = (method, path, body) => fetch('/api/v1/chat' + path, { method,"
                + " headers: { 'X-CSRF-Token': token, 'Content-Type': 'application/json' },"
                + " body: JSON.stringify(body) }).then(answer => answer.json());"
                + " const made = await send('POST', '', {});"
                + " await send('PUT', '/' + made.id, { title: 'word '.repeat(39).trim() });"
                + " return made.id; })()");
    page.navigate("/account");
    page.navigate("/chat#" + id);
    Console.await(page, "document.getElementById('thread-title').textContent.startsWith('word')");
    console.expectSound(page, "a long title");

    page.locator("#talks-toggle").click();
    Locator menu = page.locator("#more-" + id);
    menu.click();
    page.locator(".talk .menu[open]").getByText("Delete").click();
    page.keyboard().press("Escape");
    Console.await(page, "document.activeElement.id === 'more-" + id + "'");
    menu.click();
    page.locator(".talk .menu[open]").getByText("Delete").click();
    page.locator("#talk-delete").click();
    page.getByText("The conversation was deleted").waitFor();
  }
}
