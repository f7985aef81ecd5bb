package io.mimir.web.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import io.mimir.llm.service.StubProvider;
import io.mimir.web.MimirServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The console in a real browser: one server, one stub of all providers and one Chromium for all
 * tests of this package. The administrator was made through the setup page, as a person does it.
 */
final class Console {

  static final String ADMIN = "ada";
  static final String PASSWORD = "correct horse battery";
  static final Path CHROMIUM = Path.of("/usr/bin/chromium");

  private static final double PATIENCE_MS = 60_000;

  /** Notes what the Content-Security-Policy kept from happening: nothing, or a page is wrong. */
  private static final String NOTE_REPORTS =
      "window.cspReports = []; addEventListener('securitypolicyviolation',"
          + " e => window.cspReports.push(e.violatedDirective + ' ' + e.blockedURI));";

  private static Console shared;
  private static boolean tried;

  private final MimirServer server;
  private final StubProvider provider;
  private final Playwright playwright;
  private final Browser browser;
  private final List<String> errors = new CopyOnWriteArrayList<>();
  private final String setupLink;
  private String session;
  private boolean closed;

  private Console() throws IOException {
    provider = StubProvider.start();
    server =
        MimirServer.start(
            Map.of(
                "MIMIR_OPENAI_ENDPOINT",
                provider.url() + "/v1",
                "MIMIR_ANTHROPIC_ENDPOINT",
                provider.url(),
                "MIMIR_ENDPOINT_ALLOWLIST",
                "127.0.0.1"));
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(List.of("--no-sandbox", "--disable-background-networking")));
    setupLink = Files.readString(server.dataDir().resolve("setup-link")).strip();
  }

  /** The one console of this test JVM; tests are skipped where there is no Chromium. */
  static synchronized Console shared() {
    assumeTrue(Files.isExecutable(CHROMIUM), "Chromium is not installed");
    if (!tried) {
      tried = true;
      begin();
    }
    assertThat(shared).as("the console started and was set up, see the first failure").isNotNull();
    shared.provider.reset();
    shared.errors.clear();
    return shared;
  }

  /** Ends the one that is there: the next test begins with an empty one. */
  static synchronized void renew() {
    if (shared != null) {
      shared.closeOnce();
      shared = null;
    }
    tried = false;
  }

  private static void begin() {
    try {
      Console console = new Console();
      Runtime.getRuntime().addShutdownHook(new Thread(console::closeOnce, "close-console"));
      console.setUp();
      shared = console;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens the link of the terminal and makes the administrator. */
  private void setUp() {
    Page page = page(1280, ColorScheme.LIGHT, null);
    page.navigate(setupLink);
    assertThat(page.url()).as("the token has left the address").doesNotContain("token");
    page.getByLabel("User name").fill(ADMIN);
    page.getByLabel("Password", new Page.GetByLabelOptions().setExact(true)).fill(PASSWORD);
    page.getByLabel("Password again").fill(PASSWORD + "!");
    page.locator("#create").click();
    page.getByText("The two passwords are not the same").waitFor();
    page.getByLabel("Password again").fill(PASSWORD);
    page.locator("#create").click();
    page.waitForURL("**/settings/api-keys");
    page.getByText("Add your first key").first().waitFor();
    session = page.context().storageState();
    page.context().close();
  }

  MimirServer server() {
    return server;
  }

  StubProvider provider() {
    return provider;
  }

  /** The link that was used up by the setup of this console. */
  String setupLink() {
    return setupLink;
  }

  /** A page of the administrator. */
  Page admin() {
    return admin(1280, ColorScheme.LIGHT);
  }

  /**
   * A page of the administrator in a session of its own, in which no password was entered again.
   */
  Page adminAnew() {
    Page page = stranger();
    signIn(page, ADMIN, PASSWORD);
    page.waitForURL(url -> !url.contains("/login"));
    return page;
  }

  /** Enters the administrator's password again, where the page asks for it. */
  static void confirm(Page page) {
    page.locator("#confirm-dialog[open]").waitFor();
    page.locator("#own_password").fill(PASSWORD);
    page.locator("#confirm").click();
  }

  Page admin(int width, ColorScheme scheme) {
    return page(width, scheme, session);
  }

  /** A page of the administrator, whose browser asks for this language. */
  Page admin(int width, String language) {
    return page(options(width, ColorScheme.LIGHT, session).setLocale(language));
  }

  /** A page of somebody who has yet to sign in. */
  Page stranger() {
    return page(1280, ColorScheme.LIGHT, null);
  }

  Page stranger(String language) {
    return stranger(language, null);
  }

  /**
   * @param state the cookies of an earlier page, or null
   */
  Page stranger(String language, String state) {
    return page(options(1280, ColorScheme.LIGHT, state).setLocale(language));
  }

  Page withoutScripts(String language) {
    return page(
        options(1280, ColorScheme.LIGHT, null).setLocale(language).setJavaScriptEnabled(false));
  }

  private Page page(int width, ColorScheme scheme, String state) {
    return page(options(width, scheme, state));
  }

  private Browser.NewContextOptions options(int width, ColorScheme scheme, String state) {
    return new Browser.NewContextOptions()
        .setBaseURL(server.uri().toString())
        .setViewportSize(width, 800)
        .setColorScheme(scheme)
        .setStorageState(state);
  }

  private Page page(Browser.NewContextOptions options) {
    BrowserContext context = browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    context.addInitScript(NOTE_REPORTS);
    Page page = context.newPage();
    page.onPageError(errors::add);
    return page;
  }

  /** Deletes the keys that a test, perhaps a failed one, has left. */
  void forgetKeys() throws IOException, InterruptedException {
    forget("api/v1/settings/api-keys");
  }

  /** Deletes the plugins that a test, perhaps a failed one, has left. */
  void forgetPlugins() throws IOException, InterruptedException {
    forget("api/v1/settings/plugins");
  }

  private void forget(String list) throws IOException, InterruptedException {
    for (JsonNode each : new JsonMapper().readTree(api("GET", list).body())) {
      if (!each.path("is_builtin").asBoolean(false)) {
        HttpResponse<String> answer = api("DELETE", list + "/" + each.path("id").asText());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      }
    }
  }

  private HttpResponse<String> api(String method, String path)
      throws IOException, InterruptedException {
    byte[] pair = (ADMIN + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8);
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(server.uri(path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  /** Signs somebody in. */
  void signIn(Page page, String username, String password) {
    page.navigate("/login");
    page.getByLabel("User name").fill(username);
    page.getByLabel("Password").fill(password);
    page.locator("#signin").click();
  }

  /** A page of somebody who has yet to sign in to another server. */
  Page strangerAt(MimirServer other) {
    return page(options(1280, ColorScheme.LIGHT, null).setBaseURL(other.uri().toString()));
  }

  /**
   * Waits until an expression is true; Playwright's own way needs an eval, which the CSP forbids.
   */
  static void await(Page page, String expression) {
    long end = System.nanoTime() + (long) (PATIENCE_MS * 1_000_000);
    while (!Boolean.TRUE.equals(page.evaluate(expression))) {
      assertThat(System.nanoTime()).as(expression).isLessThan(end);
      page.waitForTimeout(50);
    }
  }

  /** What every page and state owes: no barrier, no scrolling sideways, no report, no error. */
  void expectSound(Page page, String state) {
    await(
        page,
        "document.getAnimations().every(a => a.playState !== 'running'"
            + " || a.effect.getTiming().iterations === Infinity)");
    List<Rule> barriers =
        new AxeBuilder(page)
            .setLegacyMode(true)
            .withTags(
                List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"))
            .analyze()
            .getViolations();
    assertThat(barriers)
        .as(state)
        .extracting(rule -> rule.getId() + ": " + rule.getNodes().get(0).getHtml())
        .isEmpty();
    assertThat(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
        .as(state + " scrolls sideways")
        .isEqualTo(0);
    assertThat((List<?>) page.evaluate("window.cspReports")).as(state).isEmpty();
    assertThat(errors).as(state).isEmpty();
  }

  private synchronized void closeOnce() {
    if (!closed) {
      closed = true;
      close();
    }
  }

  private void close() {
    playwright.close();
    server.close();
    provider.close();
  }
}
