package io.mimir.web.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.WaitForSelectorState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users, tokens, the audit log, and what each role gets to see. */
class PeopleIT {

  private static final String PASSWORD = "several words are best";
  private static final Locator.WaitForOptions HIDDEN =
      new Locator.WaitForOptions().setState(WaitForSelectorState.HIDDEN);

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

  @Test
  void aUserIsAddedSignsInAndSeesWhatTheRoleAllows() {
    addUser("grace", "user");
    Page own = console.stranger();
    console.signIn(own, "grace", PASSWORD);
    own.waitForURL("**/chat");
    own.getByText("No model can be reached yet").waitFor();
    own.getByText("An administrator has to add a provider key first").waitFor();
    console.expectSound(own, "chat without a key");

    assertThat(own.locator(".nav").textContent())
        .contains("Chat", "Usage")
        .doesNotContain("Settings");
    own.navigate("/usage");
    own.getByText("Your own requests").waitFor();
    console.expectSound(own, "usage of a user");
    Response refused = own.navigate("/settings/api-keys");
    assertThat(refused.status()).isEqualTo(403);
    own.getByText("You cannot open this page").waitFor();
    console.expectSound(own, "403");
    own.context().close();
    deleteUser("grace");
  }

  @Test
  void anAuditorSeesTheLogAndNothingElseOfTheSettings() {
    addUser("audrey", "auditor");
    Page own = console.stranger();
    console.signIn(own, "audrey", PASSWORD);
    own.waitForURL("**/settings/audit");

    assertThat(own.locator(".tabs a").allTextContents()).containsExactly("Audit");
    own.locator("#action").fill("user.create");
    own.getByText("Apply").click();
    own.waitForURL("**action=user.create**");
    assertThat(own.locator("tbody tr").first().textContent())
        .contains(Console.ADMIN)
        .contains("user.create")
        .contains("audrey");
    assertThat(own.locator(".changes").first().textContent())
        .contains("roles")
        .contains("auditor")
        .contains("values are never shown");
    own.getByText("Verify").click();
    own.getByText("This log is as Mimir wrote it.").waitFor();
    own.getByText("Keep a proof elsewhere").click();
    assertThat(own.locator(".verification code").textContent()).startsWith("node_");
    console.expectSound(own, "a verified log");
    own.locator(".nav").getByText("Usage").click();
    own.waitForURL("**/usage");
    own.getByText("Nothing was used in this time").waitFor();
    console.expectSound(own, "usage of an auditor");
    own.context().close();
    deleteUser("audrey");
  }

  @Test
  void theLastAdministratorStays() {
    signInAnew();
    page.navigate("/settings/users");
    menu(Console.ADMIN, "Delete");
    page.locator("#really").click();
    Console.confirm(page);

    page.getByText("This is the last active administrator").waitFor();
    console.expectSound(page, "last administrator");
  }

  @Test
  void whatConcernsAnAdministratorTakesThePasswordAgainForFiveMinutes() {
    signInAnew();
    page.navigate("/settings/users");
    fillInUser("root", "admin");
    page.locator("#confirm-dialog[open]").waitFor();
    console.expectSound(page, "question for the password");
    page.locator("#confirm-dialog").getByText("Cancel").click();
    page.locator("#confirm-dialog").waitFor(HIDDEN);
    assertThat(page.locator("#user-dialog #username").inputValue()).isEqualTo("root");

    page.locator("#save").click();
    page.locator("#confirm-dialog[open]").waitFor();
    page.locator("#own_password").fill("not the password");
    page.locator("#confirm").click();
    page.getByText("This is not your password").waitFor();
    console.expectSound(page, "a wrong password");
    Console.confirm(page);
    page.getByText("root was added").waitFor();

    page.locator("tbody tr", new Page.LocatorOptions().setHasText("root"))
        .getByLabel("More for root")
        .click();
    page.locator(".menu[open]").getByText("Disable").click();
    page.getByText("root can no longer sign in").waitFor();
    deleteUser("root");
  }

  @Test
  void aNewPasswordOffersToRevokeTheTokens() {
    addUser("edith", "user");
    Page own = console.stranger();
    console.signIn(own, "edith", PASSWORD);
    own.waitForURL("**/chat");
    for (String name : new String[] {"first", "second"}) {
      own.navigate("/account");
      own.getByText("New token").first().click();
      own.locator("#token-dialog #name").fill(name);
      own.locator("#create").click();
      own.locator("#once-dialog[open]").waitFor();
    }
    own.context().close();

    page.navigate("/settings/users");
    page.locator("button[aria-label='Edit edith']").click();
    page.locator("#user-dialog[open]").waitFor();
    page.getByLabel("Revoke the 2 tokens of this user").check();
    page.locator("#user-dialog #password").fill("another few good words");
    console.expectSound(page, "form of a user with tokens");
    page.locator("#save").click();
    page.getByText("edith was saved; tokens revoked: 2").waitFor();
    page.locator("button[aria-label='Edit edith']").click();
    page.locator("#user-dialog[open]").waitFor();
    assertThat(page.locator("#revoke_tokens").count()).isZero();
    page.keyboard().press("Escape");
    deleteUser("edith");
  }

  @Test
  void aWeakPasswordIsRefusedBesideItsField() {
    page.navigate("/settings/users");
    page.getByText("Add user").click();
    page.locator("#user-dialog #username").fill("weak");
    page.locator("#user-dialog #password").fill("password");
    page.locator("#save").click();
    page.locator("#password[aria-invalid]").waitFor();

    assertThat(page.locator("#password-error").textContent()).contains("at least 12 characters");
    assertThat(page.locator("#password").inputValue()).as("stays, to be mended").isNotEmpty();
  }

  @Test
  void aTokenIsShownOnceAndCanBeRevoked() {
    page.navigate("/settings/tokens");
    page.getByText("New token").first().click();
    page.locator("#token-dialog #name").fill("nightly report");
    page.locator("#create").click();
    page.locator("#once-dialog[open]").waitFor();
    String token = page.locator("#once").inputValue();
    console.expectSound(page, "token shown once");

    assertThat(token).matches("mimir_[0-9A-Za-z]{49}");
    page.getByText("Done", new Page.GetByTextOptions().setExact(true)).click();
    Console.await(page, "document.getElementById('once').value === ''");
    page.reload();
    assertThat(page.content()).doesNotContain(token).contains("nightly report");

    page.getByLabel("Revoke nightly report").click();
    page.locator("#really").click();
    page.getByText("nightly report was revoked").waitFor();
    assertThat(page.locator("tbody tr").first().textContent()).contains("Revoked");
  }

  @Test
  void peopleChangeTheirOwnPasswordAndStayWhileOtherSessionsEnd() {
    addUser("linus", "user");
    Page other = console.stranger();
    console.signIn(other, "linus", PASSWORD);
    other.waitForURL("**/chat");
    Page own = console.stranger();
    console.signIn(own, "linus", PASSWORD);
    own.waitForURL("**/chat");
    own.navigate("/account");
    own.locator("#current").fill("not the password");
    own.locator("#new-password").fill("another few good words");
    own.locator("#repeat").fill("another few good words");
    own.locator("#change").click();
    own.getByText("This is not your current password").waitFor();
    own.locator("#current").fill(PASSWORD);
    own.locator("#change").click();
    own.getByText("Your password was changed").first().waitFor();
    assertThat(own.locator("#current").inputValue()).isEmpty();
    own.navigate("/account");
    own.locator("#current").waitFor();
    other.navigate("/account");
    other.waitForURL("**/login**");
    console.signIn(other, "linus", "another few good words");
    other.waitForURL("**/chat");
    own.context().close();
    other.context().close();
    deleteUser("linus");
  }

  /** It signed the administrator out: of two cookies the browser brought one. */
  @Test
  void aLinkOfAnotherSiteLeadsInAndSignsNobodyOut() {
    page.navigate("/settings/tokens");
    String address = page.url();
    page.route(
        "http://elsewhere.example/",
        route ->
            route.fulfill(
                new Route.FulfillOptions()
                    .setContentType("text/html")
                    .setBody("<a href=\"" + address + "\">To the tokens</a>")));
    page.navigate("http://elsewhere.example/");
    page.getByText("To the tokens").click();

    page.locator("h1").getByText("Access tokens").waitFor();
    assertThat(page.url()).isEqualTo(address);
  }

  /** In a session of this test's own: what was confirmed in another one counts for minutes. */
  private void signInAnew() {
    page.context().close();
    page = console.adminAnew();
  }

  private void addUser(String name, String role) {
    page.navigate("/settings/users");
    fillInUser(name, role);
    page.getByText(name + " was added").waitFor();
  }

  private void fillInUser(String name, String role) {
    page.getByText("Add user").click();
    page.locator("#user-dialog[open]").waitFor();
    page.locator("#user-dialog #username").fill(name);
    for (String each : new String[] {"admin", "auditor", "user"}) {
      page.locator("#role-" + each).setChecked(each.equals(role));
    }
    page.locator("#user-dialog #password").fill(PASSWORD);
    page.locator("#save").click();
  }

  private void deleteUser(String name) {
    page.navigate("/settings/users");
    menu(name, "Delete");
    page.locator("#really").click();
    page.getByText(name + " was deleted").waitFor();
  }

  private void menu(String name, String action) {
    Locator row = page.locator("tbody tr", new Page.LocatorOptions().setHasText(name));
    row.getByLabel("More for " + name).click();
    row.getByText(action, new Locator.GetByTextOptions().setExact(true)).click();
    page.locator("dialog[open]").waitFor();
  }
}
