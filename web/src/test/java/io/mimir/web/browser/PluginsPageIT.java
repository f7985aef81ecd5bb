package io.mimir.web.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.mimir.chat.web.Api;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins as an administrator sees them: "User uploads custom plugin" of the design, and more. */
class PluginsPageIT {

  @TempDir static Path folder;

  private static Path tools;

  private Console console;
  private Page page;

  private static boolean has(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static String output(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return said;
  }

  @BeforeAll
  static void build() throws Exception {
    assumeTrue(has("gcc"), "gcc is not installed");
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "Plugins are .so files here");
    tools = compile("text_tools", "text_tools");
  }

  /** The example, perhaps under another name. */
  private static Path compile(String name, String file) throws Exception {
    String source = Files.readString(Path.of("..", "examples", "c", "text_tools.c"));
    Path renamed = folder.resolve(name + ".c");
    Files.writeString(renamed, source.replace("\\\"text_tools\\\"", "\\\"" + name + "\\\""));
    Path library = folder.resolve(file + ".so");
    run("gcc", "-shared", "-fPIC", "-I", "../sdk", renamed.toString(), "-o", library.toString());
    return library;
  }

  @BeforeEach
  void open() throws Exception {
    console = Console.shared();
    console.forgetPlugins();
    page = console.admin();
  }

  @AfterEach
  void close() {
    if (page != null) {
      page.context().close();
    }
  }

  /** In a session of this test's own: what was confirmed in another one counts for minutes. */
  private void signInAnew() {
    page.context().close();
    page = console.adminAnew();
  }

  private Locator row(String name) {
    return page.locator("tr[data-plugin='" + name + "']");
  }

  private void choose(String name, String action) {
    row(name).locator("summary").click();
    row(name).getByText(action, new Locator.GetByTextOptions().setExact(true)).click();
    page.locator("dialog[open]").waitFor();
  }

  private void upload(Path file, Path signature) {
    page.locator("#open-upload").click();
    page.locator("#upload-dialog[open]").waitFor();
    page.locator("#plugin-file").setInputFiles(file);
    if (signature != null) {
      page.locator("#plugin-signature").setInputFiles(signature);
    }
    page.locator("#send-upload").click();
  }

  private void delete(String name) {
    choose(name, "Delete");
    page.locator("#really").click();
    page.locator(".toast", new Page.LocatorOptions().setHasText("was deleted")).waitFor();
    assertThat(row(name).count()).isZero();
  }

  @Test
  void anAdministratorUploadsTrustsConfiguresCallsReloadsAndDeletesAPlugin() {
    signInAnew();
    page.navigate("/settings/plugins");
    page.getByText("Upload your first plugin").waitFor();
    console.expectSound(page, "no plugin yet");

    upload(tools, null);
    page.getByText("is stored and does not run yet").waitFor();
    assertThat(page.locator(".checks li").first().textContent())
        .contains("Trust")
        .contains("UNSIGNED")
        .contains("let an administrator trust this exact file");
    assertThat(page.locator(".checks li.good").count()).isEqualTo(13);
    console.expectSound(page, "report of an unsigned plugin");
    page.locator("#upload-close").click();
    row("text_tools").getByText("Not trusted").waitFor();
    console.expectSound(page, "a plugin that is not trusted");

    choose("text_tools", "Trust this exact file");
    console.expectSound(page, "question before a file is trusted");
    page.locator("#trust-really").click();
    Console.confirm(page);
    page.getByText("text_tools is trusted and runs").first().waitFor();
    row("text_tools").getByText("Running").waitFor();
    row("text_tools").getByText("Jailed").waitFor();

    row("text_tools").getByText("Configure").click();
    page.locator("#config-dialog[open]").waitFor();
    page.locator("#config-greeting").fill("good morning");
    page.locator("#config-token").fill("s3cret-of-the-plugin");
    console.expectSound(page, "configuration");
    page.locator("#save-config").click();
    page.getByText("text_tools was configured").waitFor();
    row("text_tools").getByText("Configure").click();
    page.locator("#config-dialog[open]").waitFor();
    assertThat(page.locator("#config-greeting").inputValue()).isEqualTo("good morning");
    assertThat(page.locator("#config-token").inputValue()).isEmpty();
    assertThat(page.content()).doesNotContain("s3cret-of-the-plugin");
    page.keyboard().press("Escape");

    choose("text_tools", "Details and trial");
    page.locator("#trial-action").selectOption("count");
    page.locator("#trial-input").fill("{\"text\": \"three short words\"}");
    page.locator("#run-trial").click();
    page.locator("#trial-output:not([hidden])").waitFor();
    assertThat(page.locator("#trial-output").textContent()).contains("\"words\": 4");
    assertThat(page.locator("#log").textContent()).contains("configured");
    console.expectSound(page, "details and trial");
    page.keyboard().press("Escape");

    row("text_tools").locator("summary").click();
    row("text_tools").getByText("Reload").click();
    page.getByText("text_tools was reloaded").waitFor();
    row("text_tools").getByRole(AriaRole.SWITCH).click();
    page.getByText("text_tools is disabled").waitFor();
    row("text_tools").getByText("Disabled").waitFor();
    row("text_tools").getByRole(AriaRole.SWITCH).click();
    page.getByText("text_tools is enabled").waitFor();
    row("text_tools").getByText("Running").waitFor();
    expectInBuilder();
    delete("text_tools");
  }

  /** The end of "User uploads custom plugin": it is in the builder, and a run uses it. */
  private void expectInBuilder() {
    page.navigate("/pipelines/new");
    page.locator("#kind").selectOption("text_tools.count");
    page.locator("#add").click();
    page.locator("[data-at='/steps/1']").waitFor();
    page.locator("#save").click();
    page.waitForURL(url -> url.contains("/pipelines/pip"));
    String pipeline = page.url().substring(page.url().lastIndexOf('/') + 1);
    page.locator("#ask-run").click();
    page.locator("#run-dialog[open]").waitFor();
    page.locator("#start").click();
    page.waitForURL("**/runs/*");
    page.locator(".page-head .badge", new Page.LocatorOptions().setHasText("Succeeded")).waitFor();
    assertThat(page.locator("[id='out-count'] pre").textContent()).contains("words");

    page.navigate("/settings/plugins");
    choose("text_tools", "Delete");
    page.locator("#really").click();
    page.locator("dialog[open]").getByText("my-pipeline").first().waitFor();
    page.keyboard().press("Escape");
    Api.withPassword(console.server().uri(), Console.ADMIN, Console.PASSWORD)
        .delete("/pipelines/" + pipeline);
    page.reload();
  }

  @Test
  void aFileThatIsNoPluginIsRefusedWithEveryReason() throws Exception {
    Path script = Files.writeString(folder.resolve("script.so"), "#!/bin/sh\nexit 0\n");
    page.navigate("/settings/plugins");
    page.locator("#open-upload").click();
    page.locator("#send-upload").click();
    page.getByText("Choose a file", new Page.GetByTextOptions().setExact(true)).waitFor();
    page.locator("#plugin-file").setInputFiles(folder.resolve("text_tools.c"));
    page.locator("#send-upload").click();
    page.getByText("Choose a file that ends in .so or .dll").waitFor();
    console.expectSound(page, "a file with the wrong ending");
    page.locator("#plugin-file").setInputFiles(script);
    page.locator("#send-upload").click();
    page.getByText("Nothing of it was kept").waitFor();

    assertThat(page.locator(".checks li.bad").first().textContent())
        .contains("NOT_A_LIBRARY")
        .contains("Build a shared library");
    console.expectSound(page, "report of a refused file");
    page.keyboard().press("Escape");
    assertThat(row("script").count()).isZero();
  }

  @Test
  void aPluginOfAPublisherRunsAtOnceAndNoMoreWhenItIsRevoked() throws Exception {
    assumeTrue(has("gpg"), "gpg is not installed");
    Path home = Files.createDirectory(folder.resolve("gpg"));
    run("chmod", "700", home.toString());
    String[] gpg = {"gpg", "--homedir", home.toString(), "--batch", "--passphrase", ""};
    run(with(gpg, "--quick-gen-key", "acme@example.org", "ed25519", "sign", "never"));
    Path plugin = compile("acme-tools", "acme-tools");
    Path signature = folder.resolve("acme-tools.so.sig");
    run(with(gpg, "--output", signature.toString(), "--detach-sign", plugin.toString()));

    signInAnew();
    page.navigate("/settings/plugins");
    page.getByText("Add publisher").click();
    page.locator("#publisher-dialog[open]").waitFor();
    page.locator("#publisher-dialog #name").fill("Acme");
    page.locator("#public_key").fill("no key");
    page.locator("#name_pattern").fill("acme-*");
    page.locator("#save").click();
    Console.confirm(page);
    page.locator("#public_key[aria-invalid]").waitFor();
    console.expectSound(page, "a key that cannot be read");
    page.locator("#public_key").fill(output(with(gpg, "--armor", "--export")));
    page.locator("#save").click();
    page.getByText("Acme was added").waitFor();

    upload(plugin, signature);
    page.getByText("acme-tools is stored and runs").waitFor();
    assertThat(page.locator(".checks").textContent()).contains("Acme");
    console.expectSound(page, "report of a signed plugin");
    page.locator("#upload-close").click();
    row("acme-tools").getByText("Signed").waitFor();

    page.getByLabel("Revoke Acme").click();
    page.locator("#revoke-really").click();
    page.getByText("Acme was revoked").waitFor();
    row("acme-tools").locator("summary").click();
    row("acme-tools").getByText("Reload").click();
    page.locator(".toast.bad", new Page.LocatorOptions().setHasText("revoked")).waitFor();
    delete("acme-tools");
  }

  private static String[] with(String[] first, String... more) {
    return Stream.of(first, more).flatMap(Stream::of).toArray(String[]::new);
  }

  @Test
  void theSameNameIsTakenUntilItIsReplaced() throws Exception {
    Path twice = compile("twice", "twice");
    signInAnew();
    page.navigate("/settings/plugins");
    upload(twice, null);
    page.locator("#trust-now").click();
    Console.confirm(page);
    page.getByText("twice is stored and runs").waitFor();
    page.locator("#upload-close").click();

    upload(twice, null);
    page.getByText("The plugin was refused").waitFor();
    assertThat(page.locator(".checks").textContent()).contains("NAME_TAKEN");
    page.locator("#upload-again").click();
    page.getByText("twice is stored and runs").waitFor();
    page.locator("#upload-close").click();
    delete("twice");
  }

  @Test
  void thePageIsSoundOnAPhoneAndInTheDark() {
    page.context().close();
    page = console.admin(360, ColorScheme.DARK);
    page.navigate("/settings/plugins");
    console.expectSound(page, "plugins at 360 in the dark");
    upload(tools, null);
    page.getByText("is stored and does not run yet").waitFor();
    console.expectSound(page, "report at 360 in the dark");
    page.locator("#upload-close").click();
    row("text_tools").waitFor();
    console.expectSound(page, "an untrusted plugin at 360 in the dark");
    delete("text_tools");
  }
}
