package io.mimir.backup.web;

import io.mimir.backup.service.Backup;
import io.mimir.backup.service.Backups;
import io.mimir.security.web.Caller;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** All data in one file, for administrators in person and for the {@code mimir} command. */
@Path("backup")
@RequestScoped
public class BackupResource {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  @Inject Backups backups;
  @Inject Caller caller;

  /** Makes a backup and sends it. A file that does not arrive whole is recognised as none. */
  @POST
  @Produces({"application/zip", "application/json"})
  public Response create() {
    Backup backup = backups.begin(caller.identity().username());
    StreamingOutput content =
        out -> {
          try {
            backup.writeTo(out);
          } finally {
            backups.end(backup);
          }
        };
    return Response.ok(content)
        .type("application/zip")
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            "attachment; filename=\"mimir-%s.backup\""
                .formatted(STAMP.format(backup.manifest().createdAt())))
        .build();
  }
}
