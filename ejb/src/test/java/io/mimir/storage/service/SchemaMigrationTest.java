package io.mimir.storage.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaMigrationTest {

  @TempDir Path folder;

  @Test
  void everyFileThatTheChangelogIncludesCountsForTheDigest() throws Exception {
    List<String> included = new ArrayList<>(List.of("db/changelog.xml"));
    try (InputStream in =
        SchemaMigration.class.getClassLoader().getResourceAsStream("db/changelog.xml")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Matcher file = Pattern.compile("<include file=\"([^\"]+)\"").matcher(text);
      while (file.find()) {
        included.add("db/" + file.group(1));
      }
    }

    assertThat(SchemaMigration.FILES).isEqualTo(included);
    assertThat(included.get(included.size() - 1))
        .as("the number of the schema is that of the last file")
        .startsWith("db/changes/%04d-".formatted(SchemaMigration.SCHEMA));
  }

  @Test
  void aKeyOfBeforeKeepsItsPlaceAndItsUniqueName() throws Exception {
    try (Connection connection = database();
        Statement sql = connection.createStatement()) {
      SchemaMigration.run(connection);
      goBackBehindKeyRouting(sql);
      sql.execute(
          "insert into api_keys (id, provider, name, key_value) values ('key_1', 'openai', 'a', 'x')");

      assertThat(SchemaMigration.run(connection)).isTrue();

      assertThat(text(sql, "select priority || ' ' || weight from api_keys")).isEqualTo("50 1");
      assertThat(text(sql, "select sql from sqlite_master where name = 'api_keys_name'"))
          .containsIgnoringCase("unique")
          .containsIgnoringCase("where deleted_at is null");
      assertThat(text(sql, "select sql from sqlite_master where name = 'api_keys'"))
          .containsIgnoringCase("candidate_value");
    }
  }

  private static void goBackBehindKeyRouting(Statement sql) throws SQLException {
    for (String column :
        List.of(
            "priority",
            "weight",
            "candidate_value",
            "candidate_hint",
            "candidate_share",
            "candidate_calls",
            "candidate_since",
            "candidate_by")) {
      sql.execute("alter table api_keys drop column " + column);
    }
    sql.execute("delete from DATABASECHANGELOG where id like '0003-%'");
    sql.execute("delete from mimir_schema");
  }

  /** Their /v1 was cut off when they were stored, and put in again at each call. */
  @Test
  void storedAddressesOfBeforeLeadWhereTheyLed() throws Exception {
    Map<String, String> moved = new LinkedHashMap<>();
    moved.put("custom http://h:8000", "http://h:8000");
    moved.put("custom http://h:8000/llama", "http://h:8000/llama/v1");
    moved.put("custom https://openrouter.ai/api", "https://openrouter.ai/api/v1");
    moved.put("custom https://v1.h.example/team", "https://v1.h.example/team/v1");
    moved.put("custom https://g.example/v1beta/openai", "https://g.example/v1beta/openai");
    moved.put("custom https://h.example/api/paas/v4", "https://h.example/api/paas/v4");
    moved.put("custom https://h.example/vast", "https://h.example/vast/v1");
    moved.put("openai https://proxy.example/openai", "https://proxy.example/openai/v1");
    moved.put("anthropic https://proxy.example/claude", "https://proxy.example/claude");
    moved.put("ollama http://h:11434/ollama", "http://h:11434/ollama");
    try (Connection connection = database();
        Statement sql = connection.createStatement()) {
      SchemaMigration.run(connection);
      sql.execute("delete from DATABASECHANGELOG where id like '0006-typed-paths%'");
      sql.execute("delete from mimir_schema");
      int number = 0;
      for (String before : moved.keySet()) {
        String[] key = before.split(" ");
        number++;
        sql.execute(
            "insert into api_keys (id, provider, name, key_value, endpoint_url) values ('key_%d', '%s', 'n%d', 'x', '%s')"
                .formatted(number, key[0], number, key[1]));
      }
      sql.execute(
          "insert into api_keys (id, provider, name, key_value) values ('key_0', 'openai', 'n', 'x')");

      assertThat(SchemaMigration.run(connection)).isTrue();

      number = 0;
      for (Map.Entry<String, String> each : moved.entrySet()) {
        number++;
        assertThat(text(sql, "select endpoint_url from api_keys where id = 'key_" + number + "'"))
            .as(each.getKey())
            .isEqualTo(each.getValue());
      }
      assertThat(text(sql, "select endpoint_url is null from api_keys where id = 'key_0'"))
          .isEqualTo("1");
    }
  }

  @Test
  void usageOfBeforeIsKeptUnderTheAccountsOfItsTokens() throws Exception {
    try (Connection connection = database();
        Statement sql = connection.createStatement()) {
      SchemaMigration.run(connection);
      goBackBehindUsageCells(sql);
      sql.execute(
          "insert into accounts (id, username, username_key, password_hash, roles, is_active,"
              + " created_at, updated_at, password_changed_at)"
              + " values ('usr_ann', 'ann', 'ann', 'x', 'user', 1, 0, 0, 0)");
      sql.execute(
          "insert into access_tokens (id, account_id, name, token_hash, hint, scopes, created_at,"
              + " expires_at) values ('token_1', 'usr_ann', 'n', 'h', 'i', 'gateway', 0, 0)");
      sql.execute(
          "insert into usage_hours values"
              + " ('2026-01-31 08:00:00.000', 'key_1', 'token_1', 'm', 5, 1, 50, 10, 700),"
              + " ('2026-01-31 08:00:00.000', 'key_1', 'token_gone', 'm', 1, 0, 2, 3, 4),"
              + " ('2026-01-31 08:00:00.000', 'key_1', '', 'm', 2, 0, 20, 4, 9)");

      assertThat(SchemaMigration.run(connection)).isTrue();

      assertThat(
              text(
                  sql,
                  "select group_concat(x, ';') from (select hour || ' ' || key_id || ' ' ||"
                      + " account_id || ' ' || requests || ' ' || errors || ' ' || input_tokens"
                      + " || ' ' || output_tokens || ' ' || latency_ms || ' ' || calls_longer as x"
                      + " from usage_hours order by token_id)"))
          .isEqualTo(
              "2026-01-31 08:00:00.000 key_1  2 0 20 4 9 0;"
                  + "2026-01-31 08:00:00.000 key_1 usr_ann 5 1 50 10 700 0;"
                  + "2026-01-31 08:00:00.000 key_1  1 0 2 3 4 0");
    }
  }

  private static void goBackBehindUsageCells(Statement sql) throws SQLException {
    sql.execute("drop table usage_hours");
    sql.execute(
        "create table usage_hours (hour timestamp not null, key_id varchar(64) not null,"
            + " token_id varchar(64) not null, model varchar(200) not null,"
            + " requests bigint not null, errors bigint not null, input_tokens bigint not null,"
            + " output_tokens bigint not null, latency_ms bigint not null,"
            + " primary key (hour, key_id, token_id, model))");
    sql.execute("delete from DATABASECHANGELOG where id like '0005-%'");
    sql.execute("delete from mimir_schema");
  }

  @Test
  void runsOfBeforeKeepTheirJournalAndAreCounted() throws Exception {
    try (Connection connection = database();
        Statement sql = connection.createStatement()) {
      SchemaMigration.run(connection);
      goBackBehindTallies(sql);
      String run =
          "insert into runs (id, pipeline_id, pipeline_name, revision, status, trigger_kind, seq,"
              + " epoch, input, input_tokens, output_tokens, bytes, queued_at, finished_at)"
              + " values ('%s', 'p', 'p', 1, '%s', 'api', 2, 1, '{}', 0, 0, 0, 1, %s)";
      sql.execute(run.formatted("run_1", "succeeded", "86400000"));
      sql.execute(run.formatted("run_2", "failed", "172799999"));
      sql.execute(run.formatted("run_3", "cancelled", "172799999"));
      sql.execute(run.formatted("run_4", "running", "null"));
      for (int seq = 1; seq <= 2; seq++) {
        sql.execute(
            "insert into run_events (run_id, seq, at, kind, attempt, data) values ('run_1', %d, 5, 'begun', 1, 'x%<d')"
                .formatted(seq));
      }

      assertThat(SchemaMigration.run(connection)).isTrue();

      assertThat(text(sql, "select group_concat(seq || data) from run_events"))
          .isEqualTo("1x1,2x2");
      assertThat(
              text(
                  sql,
                  "select group_concat(account_id || day || ' ' || ended || ' ' || succeeded) from run_tallies"))
          .isEqualTo("1 2 1");
    }
  }

  private static void goBackBehindTallies(Statement sql) throws SQLException {
    sql.execute("drop table run_tallies");
    sql.execute("drop index runs_by_status");
    sql.execute("drop index runs_of_pipeline_by_status");
    sql.execute("drop index runs_of_account_by_status");
    sql.execute("drop table run_events");
    sql.execute(
        "create table run_events (run_id text not null, seq bigint not null, at bigint not null, kind text not null,"
            + " path text, attempt int not null, data text, primary key (run_id, seq)) without rowid");
    sql.execute("delete from DATABASECHANGELOG where id like '0014-%'");
    sql.execute("delete from mimir_schema");
  }

  @Test
  void aSecondRunFindsNothingToDo() throws Exception {
    try (Connection connection = database()) {
      assertThat(SchemaMigration.run(connection)).isTrue();
      assertThat(SchemaMigration.run(connection)).isFalse();
    }
  }

  private Connection database() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("mimir.db"));
  }

  private static String text(Statement sql, String query) throws SQLException {
    try (ResultSet rows = sql.executeQuery(query)) {
      return rows.next() ? rows.getString(1) : "";
    }
  }
}
