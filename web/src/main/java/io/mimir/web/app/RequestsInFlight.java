package io.mimir.web.app;

import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Drainable;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletRequest;
import java.util.concurrent.atomic.AtomicInteger;

/** The requests of pages and of the API that are being answered; the gateway counts its own. */
@ApplicationScoped
public class RequestsInFlight implements Drainable {

  private final AtomicInteger running = new AtomicInteger();

  void begin() {
    running.incrementAndGet();
  }

  /**
   * The thread of the request is done with it; the answer may come later, from another one.
   *
   * @param answered told when it has
   */
  void end(ServletRequest request, Runnable answered) {
    if (!request.isAsyncStarted()) {
      over(answered);
      return;
    }
    try {
      request.getAsyncContext().addListener(new Ending(answered));
    } catch (IllegalStateException e) {
      // It was answered in this very moment.
      over(answered);
    }
  }

  private void over(Runnable answered) {
    running.decrementAndGet();
    answered.run();
  }

  @Override
  public int running() {
    return running.get();
  }

  @Override
  public void end(ProblemException why) {
    // Those that take long wait for a model or a plugin, which are told.
  }

  private final class Ending implements AsyncListener {

    private final Runnable answered;

    Ending(Runnable answered) {
      this.answered = answered;
    }

    @Override
    public void onComplete(AsyncEvent event) {
      over(answered);
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      // What ends it is told to onComplete.
    }

    @Override
    public void onError(AsyncEvent event) {
      // What ends it is told to onComplete.
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      event.getAsyncContext().addListener(this);
    }
  }
}
