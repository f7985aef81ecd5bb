package io.mimir.web.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.FormData;
import com.microsoft.playwright.options.RequestOptions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages in German, by the browser's wish and by the person's choice. */
class LanguagesIT {

  private static final List<String> ENGLISH =
      List.of("Settings", "Sign out", "Your account", "Usage", "Skip to content", "API keys");

  private Console console;
  private Page page;

  @BeforeEach
  void open() {
    console = Console.shared();
  }

  @AfterEach
  void close() {
    if (page != null) {
      page.context().close();
    }
  }

  /** German words are longer: nothing may be cut, covered or pushed out of its place by them. */
  @ParameterizedTest
  @ValueSource(ints = {320, 900})
  void everyPageIsSoundInGerman(int width) {
    page = console.admin(width, "de-AT");
    for (String address : EveryPageIT.PAGES) {
      Response answer = page.navigate(address);
      console.expectSound(page, address);
      assertThat(answer.headerValue("content-language")).isEqualTo("de");
      assertThat(answer.headerValue("vary")).contains("Accept-Language", "Cookie");
      assertThat(page.locator("html").getAttribute("lang")).isEqualTo("de");
      assertThat(page.locator("body").innerText()).contains("Zum Inhalt springen");
      if (!address.equals("/help/api")) {
        // The description of the API is the API's own, and English.
        assertThat(page.locator("body").textContent()).doesNotContain(ENGLISH);
      }
      LooksIT.expectNoCellToReachIntoTheNext(page, address + " at " + width);
    }
    page.navigate("/settings/users");
    page.getByLabel("Ihr Konto").click();
    console.expectSound(page, "the account menu");
  }

  /** What a script shows, what an answer of Faces brings, and what the library says by itself. */
  @Test
  void whatComesToThePageLaterIsGermanToo() {
    page = console.admin(1280, "de");
    page.navigate("/chat");
    page.locator("#messages h2").waitFor();
    assertThat(page.locator("#messages h2").textContent())
        .isIn("Was möchten Sie wissen?", "Noch ist kein Modell erreichbar");
    page.navigate("/account");
    page.locator("#new-password").fill("the one");
    page.locator("#repeat").fill("the other");
    page.locator("#change").click();
    page.getByText("Die beiden Passwörter stimmen nicht überein").waitFor();
    assertThat(page.evaluate("PrimeFaces.settings.locale + PrimeFaces.locales.de.cancel"))
        .isEqualTo("deAbbrechen");
  }

  @Test
  void errorPagesAndTheSignInPageAreGermanToo() {
    page = console.stranger("de-DE");
    Response login = page.navigate("/login");
    assertThat(login.text()).contains("lang=\"de\"", "Benutzername").doesNotContain("User name");
    page.locator("#signin").click();
    page.getByText("Geben Sie Ihr Passwort ein").waitFor();
    page.locator("#username").fill("nobody");
    page.locator("#password").fill("not the password");
    page.locator("#signin").click();
    page.getByText("Benutzername oder Passwort ist falsch").waitFor();
    page.context().close();

    page = console.admin(1280, "de-DE");
    Response missing = page.navigate("/nothing?a=b");
    assertThat(missing.status()).isEqualTo(404);
    assertThat(page.locator("h1").textContent()).isEqualTo("Hier ist nichts");
    assertThat(page.locator(".languages [name=next]").inputValue()).isEqualTo("/nothing?a=b");
    console.expectSound(page, "404");
  }

  @Test
  void theChoiceNeedsNoScriptCountsMoreThanTheBrowserAndLasts() {
    page = console.withoutScripts("en-US");
    page.navigate("/login?expired&next=/usage");
    page.getByLabel("Language").first().click();
    page.locator(".languages [value=de]").click();

    assertThat(page.url()).endsWith("/login?expired&next=/usage");
    assertThat(page.locator("h1").textContent()).isEqualTo("Anmelden");
    assertThat(page.getByText("Ihre Sitzung ist abgelaufen").isVisible()).isTrue();
    String kept = page.context().storageState();
    page.context().close();

    page = console.stranger("en-US", kept);
    page.navigate("/login");
    page.locator("#username").fill(Console.ADMIN);
    page.locator("#password").fill(Console.PASSWORD);
    page.locator("#signin").click();
    page.waitForURL(url -> !url.contains("/login"));
    page.navigate("/usage?period=24h&group=model");
    assertThat(page.locator("h1").textContent()).isEqualTo("Nutzung");

    page.getByLabel("Ihr Konto").click();
    page.locator(".languages [value=en]").click();
    page.waitForURL("**/usage?period=24h&group=model");
    assertThat(page.locator("h1").textContent()).isEqualTo("Usage");
  }

  @Test
  void anotherSiteChoosesNothingAndNobodyIsLedAway() {
    page = console.stranger();
    APIResponse foreign = choose("de", "/login", "https://evil.example");
    assertThat(foreign.status()).isEqualTo(403);
    assertThat(foreign.headers()).doesNotContainKey("set-cookie");

    String ours = console.server().uri().toString().replaceAll("/$", "");
    APIResponse unknown = choose("fr", "/login", ours);
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.headers()).doesNotContainKey("set-cookie");

    APIResponse led = choose("de", "//evil.example/", ours);
    assertThat(led.status()).isEqualTo(303);
    assertThat(led.headers()).containsEntry("location", "/");
    assertThat(led.headers().get("set-cookie"))
        .contains("lang=de", "SameSite=Strict", "HttpOnly", "Path=/", "Max-Age=31536000");
  }

  @Test
  void refusalsOfTheApiAreEnglishForEverybody() {
    page = console.stranger("de-DE");
    APIResponse refused = page.request().get("/api/v1/session");

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.text()).contains("Unauthorized").doesNotContain("Sie ");
  }

  private APIResponse choose(String language, String next, String origin) {
    return page.request()
        .post(
            "/language",
            RequestOptions.create()
                .setForm(FormData.create().set("lang", language).set("next", next))
                .setHeader("Origin", origin)
                .setMaxRedirects(0));
  }
}
