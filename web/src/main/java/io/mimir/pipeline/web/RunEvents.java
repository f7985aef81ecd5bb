package io.mimir.pipeline.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.RunFeed;
import io.mimir.pipeline.service.Runs;
import io.mimir.pipeline.service.run.RunEvent;
import io.mimir.pipeline.service.run.RunState;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.pipeline.service.run.StepState;
import io.mimir.security.service.Identity;
import io.mimir.web.Json;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The journal of a run as server-sent events, from a place on until the run has ended. */
final class RunEvents implements StreamingOutput {

  /** How long it is silent before it is looked whether somebody still reads. */
  private static final long SILENCE_MS = 5_000;

  private static final int AT_ONCE = 500;

  private final Runs runs;
  private final RunFeed feed;
  private final Identity reader;
  private final String runId;
  private final long after;
  private final Semaphore news = new Semaphore(0);

  RunEvents(Runs runs, RunFeed feed, Identity reader, String runId, long after) {
    this.runs = runs;
    this.feed = feed;
    this.reader = reader;
    this.runId = runId;
    this.after = after;
  }

  @Override
  public void write(OutputStream out) {
    Runnable watcher = news::release;
    feed.watch(runId, watcher);
    try {
      follow(out);
    } catch (IOException e) {
      // Nobody reads any more: the run goes on without a reader.
      news.drainPermits();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      feed.unwatch(runId, watcher);
    }
  }

  private void follow(OutputStream out) throws IOException, InterruptedException {
    RunState state = RunState.of(List.of());
    long seen = 0;
    while (true) {
      RunStore.Row run = runs.get(reader, runId);
      List<RunEvent> events = runs.events(run, seen, AT_ONCE);
      for (RunEvent event : events) {
        state.apply(event);
        seen = event.seq();
        if (seen > after) {
          write(out, event, state);
        }
      }
      out.flush();
      if (events.isEmpty() && run.facts().status().isFinal()) {
        return;
      }
      if (events.isEmpty() && !news.tryAcquire(SILENCE_MS, TimeUnit.MILLISECONDS)) {
        out.write(": ping\n\n".getBytes(UTF_8));
        out.flush();
      }
      news.drainPermits();
    }
  }

  /** A step is told as it was then: what became of the run since is told by its own event. */
  private void write(OutputStream out, RunEvent event, RunState state) throws IOException {
    StepState step = event.path() == null ? null : state.find(event.path());
    byte[] data =
        Json.write(
            step == null
                ? RunView.of(runs.get(reader, runId))
                : StepView.of(step, RunStatus.RUNNING));
    String head = "id: %d\nevent: %s\ndata: ".formatted(event.seq(), step == null ? "run" : "step");
    out.write(head.getBytes(UTF_8));
    out.write(data);
    out.write("\n\n".getBytes(UTF_8));
  }
}
