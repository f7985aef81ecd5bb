package io.mimir.usage.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.service.Identity;
import io.mimir.security.web.Caller;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageGroup;
import io.mimir.usage.UsageQuery;
import io.mimir.usage.service.Usages;
import io.mimir.web.Paging;
import io.mimir.web.Parameters;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
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
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Usage: for administrators and auditors all of it, for others their own. */
@Path("usage")
@RequestScoped
@Produces({APPLICATION_JSON, "text/csv"})
public class UsageResource {

  private static final String CSV = "csv";

  /** Rows that are read at once for a file. */
  private static final int CHUNK_ROWS = 2_000;

  private static final Object[] COLUMNS = {
    "hour",
    "key_id",
    "token_id",
    "model",
    "pipeline_id",
    "client",
    "account_id",
    "requests",
    "errors",
    "input_tokens",
    "output_tokens",
    "estimated",
    "left_out",
    "latency_ms",
    "latency_buckets"
  };

  @EJB Usages usages;
  @Inject Caller caller;

  /** Answers a page of usage, or with {@code format=csv} a file of all of it. */
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
            groups(groupBy),
            Instant.now());
    UsageCell after = UsageCursor.parse(cursor, query.groups());
    Identity me = caller.identity();
    if (isCsv(format)) {
      return file(me, query, after);
    }
    int size = Paging.limit(limit);
    List<Usage> found = usages.find(me, query, after, size + 1);
    List<UsageView> views = found.stream().map(UsageView::of).toList();
    String next = found.size() > size ? UsageCursor.of(found.get(size - 1).cell()) : null;
    Response page = Paging.answer(views, size, last -> next, uri);
    return Response.fromResponse(page).type(APPLICATION_JSON).build();
  }

  /** All rows, read bit by bit; the first of them before anything is sent, so that it may fail. */
  private Response file(Identity me, UsageQuery query, UsageCell after) {
    List<Usage> first = usages.find(me, query, after, CHUNK_ROWS);
    StreamingOutput rows =
        out -> {
          Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
          writer.write(Csv.line(COLUMNS));
          List<Usage> chunk = first;
          write(chunk, writer);
          while (chunk.size() == CHUNK_ROWS) {
            chunk = usages.find(me, query, chunk.get(CHUNK_ROWS - 1).cell(), CHUNK_ROWS);
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
              row.pipelineId(),
              row.client(),
              row.accountId(),
              row.requests(),
              row.errors(),
              row.inputTokens(),
              row.outputTokens(),
              row.estimated(),
              row.leftOut(),
              row.latencyMs(),
              spaced(row.latencyBuckets())));
    }
  }

  private static String spaced(List<Long> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
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

  /** Reads words with commas between them; one that is named twice counts once. */
  private static Set<UsageGroup> groups(String text) {
    String words = Parameters.orNull(text);
    Set<UsageGroup> groups = EnumSet.noneOf(UsageGroup.class);
    if (words != null) {
      for (String word : words.split(",", -1)) {
        groups.add(UsageGroup.ofWire(word.strip()).orElseThrow(UsageResource::unknownGroup));
      }
    }
    return groups;
  }

  private static ProblemException unknownGroup() {
    return ProblemException.of(
        Problem.INVALID,
        "group_by",
        "unknown_value",
        "Group by one or more of "
            + String.join(", ", UsageGroup.words())
            + ", with commas between");
  }
}
