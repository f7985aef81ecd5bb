package io.mimir.pipeline.web;

import io.mimir.pipeline.service.run.RunEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** When the steps of a run worked, waited and were tried again, as a picture. */
final class RunTimeline {

  /** The width of the picture, in units of its own: from the begin of a run to its end. */
  private static final long WIDTH = 1000;

  /** What is shorter would not be seen. */
  private static final long THINNEST = 4;

  /** More rows are no picture any more. */
  private static final int MOST = 100;

  private final long begin;
  private final long end;
  private final Map<String, Line> lines = new LinkedHashMap<>();

  private RunTimeline(long begin, long end) {
    this.begin = begin;
    this.end = Math.max(end, begin + 1);
  }

  /**
   * The time of one step.
   *
   * @param duration for people
   */
  public record Row(String path, String duration, List<Bar> bars) {}

  /**
   * A part of it.
   *
   * @param kind {@code work}, {@code rest} or {@code retry}
   * @param x from the left, 0 to 1000
   */
  public record Bar(String kind, long x, long width) {}

  /** A step while its events are gone through. */
  private static final class Line {
    private final List<Bar> bars = new ArrayList<>();
    private String kind;
    private long since;
    private long first;
    private long last;
  }

  /**
   * Draws the steps in the order in which they began, the first 100 of them.
   *
   * @param begin of the run, in milliseconds since 1970
   * @param end of the run; the present while it goes on
   */
  static List<Row> of(List<RunEvent> events, long begin, long end) {
    RunTimeline picture = new RunTimeline(begin, end);
    for (RunEvent event : events) {
      if (event.path() != null) {
        picture.apply(picture.lines.computeIfAbsent(event.path(), path -> new Line()), event);
      }
    }
    return picture.rows();
  }

  private void apply(Line line, RunEvent event) {
    switch (event.kind()) {
      case BEGUN -> turn(line, "work", event.at());
      case WAITING, ASKED, IN_DOUBT -> turn(line, "rest", event.at());
      case FAILED -> turn(line, event.data().has("retry_at") ? "retry" : null, event.at());
      case FINISHED, SKIPPED -> turn(line, null, event.at());
      default -> {
        // It changes nothing that is drawn.
      }
    }
  }

  private void turn(Line line, String kind, long at) {
    line.first = line.first == 0 ? at : line.first;
    line.last = at;
    if (line.kind != null) {
      line.bars.add(bar(line.kind, line.since, at));
    }
    line.kind = kind;
    line.since = at;
  }

  private Bar bar(String kind, long from, long to) {
    long x = place(from);
    long width = Math.max(THINNEST, place(to) - x);
    return new Bar(kind, Math.min(x, WIDTH - width), width);
  }

  private long place(long at) {
    return Math.max(0, Math.min(WIDTH, (at - begin) * WIDTH / (end - begin)));
  }

  private List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    lines.forEach(
        (path, line) -> {
          if (line.kind != null) {
            turn(line, null, end);
          }
          if (rows.size() < MOST && !line.bars.isEmpty()) {
            rows.add(new Row(path, Spans.between(line.first, line.last), line.bars));
          }
        });
    return rows;
  }
}
