package io.mimir.web.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The usage page with and without numbers: charts in the colours of the theme, and a table. */
class UsagePageIT {

  private static final String MODEL = "</script><img src=x onerror=alert(1)>";
  private static final String FIRST_COLOUR =
      "PrimeFaces.widgets.requestsChart.chart.data.datasets[0].backgroundColor";
  private static final String DRAWN =
      "!!(window.PrimeFaces && PrimeFaces.widgets.tokensChart && PrimeFaces.widgets.tokensChart.chart)";

  private Console console;

  @BeforeEach
  void fill() throws SQLException {
    console = Console.shared();
    try (Connection database = database();
        PreparedStatement row =
            database.prepareStatement(
                "insert into usage_hours (hour, key_id, token_id, model, pipeline_id, client,"
                    + " account_id, requests, errors, input_tokens, output_tokens, latency_ms,"
                    + " estimated, left_out, calls_250ms, calls_5000ms)"
                    + " values (?, ?, '', ?, '', ?, 'usr_a', ?, ?, ?, ?, ?, ?, 3, 900, 100)")) {
      Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
      for (int i = 0; i < 48; i++) {
        String at = hour.minus(Duration.ofHours(i)).toString();
        row.setString(1, at.replace("T", " ").replace("Z", ".000"));
        row.setString(2, "key_" + i % 3);
        row.setString(3, i % 2 == 0 ? MODEL : "gpt-4");
        row.setString(4, i % 2 == 0 ? "claude-cli" : "");
        row.setLong(5, 1000 + i);
        row.setLong(6, i);
        row.setLong(7, 20_000);
        row.setLong(8, 10_000);
        row.setLong(9, 500_000);
        row.setLong(10, i == 0 ? 2 : 0);
        row.executeUpdate();
      }
    }
  }

  @AfterEach
  void forget() throws SQLException {
    if (console != null) {
      try (Connection database = database()) {
        database.createStatement().execute("delete from usage_hours");
      }
    }
  }

  private Connection database() throws SQLException {
    Connection database =
        DriverManager.getConnection(
            "jdbc:sqlite:" + console.server().dataDir().resolve("mimir.db"));
    database.createStatement().execute("pragma busy_timeout=10000");
    return database;
  }

  @ParameterizedTest
  @CsvSource({"1280, LIGHT", "1280, DARK", "360, LIGHT", "320, DARK"})
  void thePageIsSoundInEveryViewOfIt(int width, ColorScheme scheme) {
    Page page = console.admin(width, scheme);
    for (String query :
        new String[] {
          "",
          "?period=24h&group=key",
          "?period=30d&group=model,client",
          "?group=token",
          "?group=hour,account"
        }) {
      page.navigate("/usage" + query);
      Console.await(page, DRAWN);
      console.expectSound(page, "/usage" + query);
    }
    page.context().close();
  }

  @Test
  void theChartsTakeTheColoursOfTheThemeAndFollowIt() {
    Page page = console.admin();
    page.navigate("/usage");
    Console.await(page, DRAWN);
    assertThat(page.evaluate(FIRST_COLOUR)).isEqualTo("rgb(11, 92, 112)");

    page.getByLabel("Theme").click();
    page.locator("[data-theme-choice=dark]").click();

    Console.await(page, FIRST_COLOUR + " === 'rgb(116, 199, 220)'");
    console.expectSound(page, "/usage after the theme was changed");
    page.context().close();
  }

  @Test
  void namesOfModelsAreTextAndNothingElse() {
    Page page = console.admin();
    page.navigate("/usage?group=model");
    Console.await(page, DRAWN);

    assertThat(page.locator("tbody tr").first().textContent()).contains("gpt-4");
    assertThat(page.locator("tbody").textContent()).contains(MODEL);
    assertThat(page.locator("img").count()).isZero();
    page.context().close();
  }

  @Test
  void theNumbersAreThereForPeopleAndAsAFile() throws IOException {
    Page page = console.admin();
    page.navigate("/usage");
    page.getByText("24 hours").click();
    page.waitForURL("**/usage?period=24h&group=hour");

    assertThat(page.locator("tbody tr").count()).isEqualTo(24);
    assertThat(page.locator(".totals").textContent()).contains("24,276", "480,000", "240,000");
    Download file = page.waitForDownload(() -> page.getByText("Export CSV").click());
    assertThat(file.suggestedFilename()).isEqualTo("mimir-usage.csv");
    assertThat(Files.readAllLines(file.path())).hasSize(25);
    page.context().close();
  }

  @Test
  void whatIsEstimatedIsMarkedAndTwoGroupsStandBesideEachOther() {
    Page page = console.admin();
    page.navigate("/usage?period=24h&group=client,model");

    String table = page.locator(".numbers table").textContent();
    assertThat(table).contains("claude-cli", "Mimir itself", "gpt-4", "Left out");
    assertThat(page.locator(".numbers").textContent())
        .contains("\u2248\u00a0240,000", "Tokens of 2 requests are estimated");
    assertThat(page.locator(".totals").textContent()).contains("183 ms", "3,750 ms");
    page.context().close();
  }

  @Test
  void whereNothingWasUsedThePageSaysSo() throws SQLException {
    forget();
    Page page = console.admin(320, ColorScheme.LIGHT);
    page.navigate("/usage");

    assertThat(page.locator(".empty h2").textContent()).contains("Nothing was used");
    console.expectSound(page, "/usage without numbers");
    page.context().close();
  }
}
