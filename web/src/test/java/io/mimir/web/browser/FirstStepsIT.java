package io.mimir.web.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Setting up, signing in and out, and the pages that say no. */
class FirstStepsIT {

  private Console console;
  private Page page;

  @BeforeEach
  void open() {
    console = Console.shared();
    page = console.stranger();
  }

  @AfterEach
  void close() {
    if (page != null) {
      page.context().close();
    }
  }

  @Test
  void theSetupLinkWorksOnce() {
    page.navigate(console.setupLink());

    assertThat(page.locator("h1").textContent()).isEqualTo("Welcome to Mimir");
    page.getByText("Mimir is set up already").waitFor();
    assertThat(page.locator("form#setup").count()).isZero();
    assertThat(console.server().dataDir().resolve("setup-link")).doesNotExist();
    assertThat(Files.exists(console.server().logFile())).isTrue();
  }

  @Test
  void whatIsMissingIsSaidBesideItsField() {
    page.navigate("/login");
    page.locator("#signin").click();

    assertThat(page.locator("#username-error").textContent()).isEqualTo("Enter your user name");
    assertThat(page.locator("#password-error").textContent()).isEqualTo("Enter your password");
    assertThat(page.locator("#username").getAttribute("aria-invalid")).isEqualTo("true");
  }

  @Test
  void aWrongPasswordAndAnUnknownNameReadAlike() {
    console.signIn(page, Console.ADMIN, "not the password");
    String wrong = page.locator("#general").textContent().strip();
    console.signIn(page, "nobody", "not the password");
    String unknown = page.locator("#general").textContent().strip();

    assertThat(wrong).isEqualTo(unknown).isEqualTo("User name or password is wrong");
    assertThat(page.locator("#password").inputValue()).isEmpty();
  }

  @Test
  void signingInLeadsToThePageThatWasAskedFor() {
    page.navigate("/settings/audit");
    assertThat(page.url()).contains("/login?next=");
    page.getByLabel("User name").fill(Console.ADMIN);
    page.getByLabel("Password").fill(Console.PASSWORD);
    page.locator("#signin").click();

    page.waitForURL("**/settings/audit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"//evil.example/", "https://evil.example/", "/\\evil.example"})
  void signingInNeverLeadsToAnotherSite(String next) {
    page.navigate("/login");
    page.evaluate("next => document.getElementById('next').value = next", next);
    page.getByLabel("User name").fill(Console.ADMIN);
    page.getByLabel("Password").fill(Console.PASSWORD);
    page.locator("#signin").click();
    page.waitForURL(url -> !url.contains("/login"));

    assertThat(page.url()).startsWith(console.server().uri().toString());
  }

  @Test
  void signingOutEndsTheSession() {
    console.signIn(page, Console.ADMIN, Console.PASSWORD);
    page.waitForURL(url -> !url.contains("/login"));
    page.getByLabel("Your account").click();
    page.locator("[id='leave:signout']").click();
    page.waitForURL("**/login");
    page.navigate("/account");

    assertThat(page.url()).contains("/login");
  }

  @Test
  void aSessionThatEndedLeadsToTheSignInPageInTheMiddleOfAPage() {
    console.signIn(page, Console.ADMIN, Console.PASSWORD);
    page.waitForURL(url -> !url.contains("/login"));
    page.navigate("/settings/users");
    page.context().clearCookies();
    page.getByText("Add user").click();
    page.waitForURL(url -> url.contains("/login?") && url.contains("expired"));

    page.getByText("Your session has ended").waitFor();
  }

  @Test
  void aPageThatIsNotThereSaysSo() {
    console.signIn(page, Console.ADMIN, Console.PASSWORD);
    page.waitForURL(url -> !url.contains("/login"));
    for (String address : new String[] {"/nothing", "/login.xhtml", "/errors/failed"}) {
      Response answer = page.navigate(address);

      assertThat(answer.status()).as(address).isEqualTo(404);
      assertThat(page.locator("h1").textContent()).isEqualTo("Nothing here");
    }
    console.expectSound(page, "404");
  }

  @Test
  void aFormWithoutItsStateSaysThatThePageWasOpenTooLong() {
    console.signIn(page, Console.ADMIN, Console.PASSWORD);
    page.waitForURL(url -> !url.contains("/login"));
    page.navigate("/account");
    page.evaluate(
        "() => { const form = document.getElementById('password');"
            + " form.querySelector('[name=\"jakarta.faces.ViewState\"]').value = '1:2';"
            + " HTMLFormElement.prototype.submit.call(form); }");

    page.getByText("This page was open too long").waitFor();
  }

  @Test
  void theChosenThemeIsInTheFirstByteOfTheNextPage() {
    page.navigate("/login");
    page.getByLabel("Theme").click();
    page.locator("[data-theme-choice=dark]").click();
    Response answer = page.navigate("/login");

    assertThat(answer.text()).contains("data-theme=\"dark\"");
  }
}
