package io.mimir.web.browser;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every page, wide and narrow, light and dark: no barrier, no sideways scroll, no CSP report. */
class EveryPageIT {

  static final String[] PAGES = {
    "/settings/api-keys",
    "/settings/plugins",
    "/settings/tokens",
    "/settings/users",
    "/settings/audit",
    "/usage",
    "/help/api",
    "/account",
    "/chat"
  };

  /** What other tests leave in the lists is theirs to look at. */
  @BeforeAll
  static void anEmptyConsole() {
    Console.renew();
  }

  @ParameterizedTest
  @CsvSource({"1280, LIGHT", "1280, DARK", "320, LIGHT", "320, DARK"})
  void everyPageIsSound(int width, ColorScheme scheme) {
    Console console = Console.shared();
    Page page = console.admin(width, scheme);
    for (String address : PAGES) {
      page.navigate(address);
      console.expectSound(page, address);
    }
    // What is above each page is the same on all of them.
    page.getByLabel("Your account").click();
    console.expectSound(page, "the account menu");
    if (width < 768) {
      page.getByLabel("Menu", new Page.GetByLabelOptions().setExact(true)).click();
      console.expectSound(page, "the navigation");
    }
    page.navigate("/help/api");
    page.locator("#keys details.operation").nth(2).locator("summary").click();
    console.expectSound(page, "an operation of the API");
    page.navigate("/settings/api-keys");
    page.getByText("Add API Key").first().click();
    page.locator("#key-dialog[open]").waitFor();
    console.expectSound(page, "form of a key");
    page.navigate("/settings/plugins");
    page.getByText("Upload plugin").first().click();
    page.locator("#upload-dialog[open]").waitFor();
    console.expectSound(page, "upload of a plugin");
    page.navigate("/settings/users");
    page.getByText("Add user").click();
    page.locator("#user-dialog[open]").waitFor();
    console.expectSound(page, "form of a user");
    page.navigate("/settings/tokens");
    page.getByText("New token").first().click();
    page.locator("#token-dialog[open]").waitFor();
    console.expectSound(page, "form of a token");
    page.context().close();
  }

  @ParameterizedTest
  @CsvSource({"/login", "/login?expired", "/setup"})
  void pagesBeforeSigningInAreSound(String address) {
    Console console = Console.shared();
    Page page = console.stranger();
    for (int width : new int[] {1280, 320}) {
      page.setViewportSize(width, 800);
      page.navigate(address);
      console.expectSound(page, address);
    }
    page.context().close();
  }
}
