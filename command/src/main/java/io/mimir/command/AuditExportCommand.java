package io.mimir.command;

import io.mimir.audit.ChainHead;
import io.mimir.audit.service.AuditChain;
import io.mimir.audit.service.ExportPage;
import io.mimir.storage.service.Database;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./mimir audit export}. */
@Command(
    name = "export",
    description = "Writes the audit log to standard output, one JSON object a line, oldest first.",
    footer = {
      "",
      "A copy that is kept elsewhere is verified with \"mimir audit verify --copy FILE\"."
    })
final class AuditExportCommand implements Callable<Integer> {

  @Mixin Help help;

  @Option(
      names = "--after",
      paramLabel = "HEAD",
      description = "Continue a copy: what came after its end, as node/position/seal.")
  String after;

  @Override
  public Integer call() throws Exception {
    ChainHead begin = after == null ? null : Heads.parse(after);
    OutputStream out = System.out;
    Data.ask(
        server -> {
          String query =
              begin == null
                  ? ""
                  : "?after=" + URLEncoder.encode(begin.toString(), StandardCharsets.UTF_8);
          try (InputStream in = server.ask("GET", "/api/v1/audit/export" + query)) {
            in.transferTo(out);
          } catch (IOException e) {
            throw new CommandException("The copy broke off", e);
          }
          return null;
        },
        data -> {
          data.chainKeys();
          write(begin, out);
          return null;
        });
    out.flush();
    return 0;
  }

  private static void write(ChainHead begin, OutputStream out)
      throws IOException, CommandException {
    try (Connection connection = Database.dataSource().getConnection()) {
      ExportPage page = AuditChain.export(connection, begin);
      while (true) {
        for (String line : page.lines()) {
          out.write(line.getBytes(StandardCharsets.UTF_8));
        }
        if (page.next() == null) {
          return;
        }
        page = AuditChain.export(connection, page.next());
      }
    } catch (SQLException e) {
      throw new CommandException("The audit log cannot be read: " + Database.reason(e), e);
    }
  }
}
