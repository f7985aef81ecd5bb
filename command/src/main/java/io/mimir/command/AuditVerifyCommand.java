package io.mimir.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainKeys;
import io.mimir.audit.service.AuditChain;
import io.mimir.audit.service.HeadFile;
import io.mimir.audit.service.Verification;
import io.mimir.start.service.OfflineData;
import io.mimir.storage.service.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./mimir audit verify}. */
@Command(
    name = "verify",
    description = "Says whether the audit log is as it was written, and what speaks against it.",
    footer = {
      "",
      "A head is what a verification told as the end of the log, and what the server's log tells each day. Kept elsewhere, it",
      "shows what somebody took off the end who could write to the database and to the data folder.",
      "",
      "Exit codes: 0 nothing speaks against it, 1 something does."
    })
final class AuditVerifyCommand implements Callable<Integer> {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .addModule(new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance))
          .build();

  @Mixin Output output;

  @Option(
      names = "--head",
      paramLabel = "HEAD",
      description = "An end of the log that was written down elsewhere, and that it has to hold.")
  List<String> heads = new ArrayList<>();

  @Option(
      names = "--copy",
      paramLabel = "FILE",
      description = "Verify a copy that \"mimir audit export\" made; the server must not run.")
  Path copy;

  @Override
  public Integer call() throws Exception {
    List<ChainHead> written = new ArrayList<>();
    for (String head : heads) {
      written.add(Heads.parse(head));
    }
    JsonNode found = copy == null ? log(written) : copied();
    boolean intact = found.path("intact").asBoolean();
    output.say((ObjectNode) found, text(found));
    return intact ? 0 : MimirCommand.FAILED;
  }

  private JsonNode log(List<ChainHead> written) throws Exception {
    return Data.ask(
        server ->
            server.json(
                "POST",
                "/api/v1/audit/verify"
                    + written.stream()
                        .map(
                            head ->
                                "head="
                                    + URLEncoder.encode(head.toString(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&", "?", ""))),
        data -> tree(offline(data, written)));
  }

  private static JsonNode tree(Verification found) {
    return JSON.valueToTree(found);
  }

  private static Verification offline(OfflineData data, List<ChainHead> written)
      throws IOException, CommandException {
    ChainKeys keys = data.chainKeys();
    try (Connection connection = Database.dataSource().getConnection()) {
      return AuditChain.verify(connection, keys, data.folder().file(HeadFile.NAME), written);
    } catch (SQLException e) {
      throw new CommandException("The audit log cannot be read: " + Database.reason(e), e);
    }
  }

  private JsonNode copied() throws Exception {
    return Data.ask(
        server -> {
          throw new CommandException(
              "Verify a copy where no server has the data: beside a copy of the database, with the same master key");
        },
        data -> {
          try (Stream<String> lines = Files.lines(copy)) {
            return tree(AuditChain.verifyCopy(lines, data.chainKeys()));
          } catch (IOException | UncheckedIOException e) {
            throw new CommandException("The file %s cannot be read".formatted(copy), e);
          } catch (IllegalArgumentException e) {
            throw new CommandException("The file %s is no copy of an audit log".formatted(copy), e);
          }
        });
  }

  private static String text(JsonNode found) {
    List<String> lines = new ArrayList<>();
    lines.add(
        found.path("intact").asBoolean()
            ? "The audit log is as it was written."
            : "The audit log is NOT as it was written:");
    for (JsonNode finding : found.path("findings")) {
      lines.add(
          "  %-18s %s".formatted(finding.path("kind").asText(), finding.path("message").asText()));
    }
    if (found.path("findings_left_out").asLong() > 0) {
      lines.add("  and %d more".formatted(found.path("findings_left_out").asLong()));
    }
    lines.add("  events  %d".formatted(found.path("events").asLong()));
    for (JsonNode head : found.path("heads")) {
      lines.add("  end     " + head.asText());
    }
    for (JsonNode restore : found.path("restores")) {
      lines.add(
          "  restored %s from a backup of %s; %d events of then are gone"
              .formatted(
                  restore.path("at").asText(),
                  restore.path("backup_at").asText(),
                  restore.path("events_gone").asLong()));
    }
    return String.join(System.lineSeparator(), lines);
  }
}
