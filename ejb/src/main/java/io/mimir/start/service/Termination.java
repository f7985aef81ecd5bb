package io.mimir.start.service;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.lifecycle.service.Drain;
import io.mimir.lifecycle.service.Drained;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends this process when a signal asks for it. Left to itself, Java would end the server at once,
 * and with it every call that runs.
 */
@ApplicationScoped
public class Termination {

  private static final System.Logger LOG = System.getLogger(Termination.class.getName());

  @Inject Drain drain;
  @Inject Event<Drained> drained;

  private final AtomicBoolean asked = new AtomicBoolean();
  private StopSignals signals;

  /**
   * Has the signals come here from now on.
   *
   * @param limit how long running calls may go on; zero for a stop without any waiting
   */
  void listen(Duration limit) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    try {
      signals = StopSignals.take(name -> begin(limit, name.equals(StopSignals.TERM), loader));
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      LOG.log(WARNING, "This Java tells nobody that it is to end: calls that run are cut then", e);
    }
  }

  void listenNoMore() {
    if (signals == null) {
      return;
    }
    try {
      signals.giveBack();
    } catch (ReflectiveOperationException e) {
      LOG.log(WARNING, "The signals of the process could not be given back", e);
    }
  }

  private void begin(Duration limit, boolean announced, ClassLoader loader) {
    if (!asked.compareAndSet(false, true)) {
      drain.hurry();
      return;
    }
    Thread ending = new Thread(() -> end(limit, announced), "mimir-stop");
    ending.setContextClassLoader(loader);
    ending.start();
  }

  private void end(Duration limit, boolean announced) {
    try {
      drain.run(limit, announced);
      drained.fire(new Drained());
    } catch (RuntimeException e) {
      LOG.log(ERROR, "The server could not bring its calls to their end", e);
    } finally {
      System.exit(0);
    }
  }
}
