package io.mimir.usage.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageGroup;
import io.mimir.usage.UsageQuery;
import io.mimir.usage.service.Usages;
import io.mimir.web.Paging;
import io.mimir.web.Parameters;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** What was used, for administrators and auditors. */
@Path("usage")
@RequestScoped
@Produces({APPLICATION_JSON, "text/csv"})
public class UsageResource {

  private static final String CSV = "csv";

  /** Rows that are read at once for a file. */
  private static final int CHUNK = 2_000;

  @EJB Usages usages;

  @GET
  public Response list(
      @QueryParam("from") String from,
      @QueryParam("to") String to,
      @QueryParam("group_by") String groupBy,
      @QueryParam("format") String format,
      @QueryParam("cursor") String cursor,
      @QueryParam("limit") String limit,
      @Context UriInfo uri) {
    UsageQuery query =
        UsageQuery.of(
            Parameters.time(from, "from"),
            Parameters.time(to, "to"),
            group(groupBy),
            Instant.now());
    UsageCell after =
        UsageCursor.parse(
            cursor, query.group() == UsageGroup.NONE || query.group() == UsageGroup.HOUR);
    if (isCsv(format)) {
      return file(query, after);
    }
    int size = Paging.limit(limit);
    List<Usage> found = usages.find(query, after, size + 1);
    List<UsageView> views = found.stream().map(UsageView::of).toList();
    String next = found.size() > size ? UsageCursor.of(found.get(size - 1).cell()) : null;
    Response page = Paging.answer(views, size, last -> next, uri);
    return Response.fromResponse(page).type(APPLICATION_JSON).build();
  }

  /** All rows, read bit by bit; the first of them before anything is sent, so that it may fail. */
  private Response file(UsageQuery query, UsageCell after) {
    List<Usage> first = usages.find(query, after, CHUNK);
    StreamingOutput rows =
        out -> {
          Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
          writer.write(
              Csv.line(
                  "hour",
                  "key_id",
                  "token_id",
                  "model",
                  "requests",
                  "errors",
                  "input_tokens",
                  "output_tokens",
                  "latency_ms"));
          List<Usage> chunk = first;
          write(chunk, writer);
          while (chunk.size() == CHUNK) {
            chunk = usages.find(query, chunk.get(CHUNK - 1).cell(), CHUNK);
            write(chunk, writer);
          }
          writer.flush();
        };
    return Response.ok(rows)
        .header("Content-Type", Csv.MEDIA_TYPE)
        .header("Content-Disposition", "attachment; filename=\"mimir-usage.csv\"")
        .build();
  }

  private static void write(List<Usage> rows, Writer writer) throws IOException {
    for (Usage usage : rows) {
      UsageView row = UsageView.of(usage);
      writer.write(
          Csv.line(
              row.hour(),
              row.keyId(),
              row.tokenId(),
              row.model(),
              row.requests(),
              row.errors(),
              row.inputTokens(),
              row.outputTokens(),
              row.latencyMs()));
    }
  }

  private static boolean isCsv(String format) {
    String word = Parameters.orNull(format);
    if (word == null || word.equals("json")) {
      return false;
    }
    if (word.equals(CSV)) {
      return true;
    }
    throw ProblemException.of(
        Problem.INVALID, "format", "unknown_value", "Formats are json and csv");
  }

  private static UsageGroup group(String text) {
    String word = Parameters.orNull(text);
    if (word == null) {
      return UsageGroup.NONE;
    }
    return UsageGroup.ofWire(word)
        .orElseThrow(
            () ->
                ProblemException.of(
                    Problem.INVALID,
                    "group_by",
                    "unknown_value",
                    "Group by " + String.join(", ", UsageGroup.words())));
  }
}
