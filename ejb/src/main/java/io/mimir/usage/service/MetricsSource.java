package io.mimir.usage.service;

/**
 * Has numbers for {@code /metrics}. Every CDI bean that implements this is asked each time the
 * numbers are read; it answers from memory.
 */
public interface MetricsSource {

  /** Tells the numbers as they are now. */
  void report(Sink sink);

  /** Takes the numbers. Names begin with {@code mimir_}, and end as Prometheus wants it. */
  interface Sink {

    /**
     * A number that goes up and down.
     *
     * @param help one sentence
     * @param labels names and values by turns
     */
    void gauge(String name, String help, double value, String... labels);

    /**
     * A number that only grows, from the start of the process; its name ends with {@code _total}.
     *
     * @param help one sentence
     * @param labels names and values by turns
     */
    void counter(String name, String help, double value, String... labels);
  }
}
