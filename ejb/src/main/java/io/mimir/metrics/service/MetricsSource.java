package io.mimir.metrics.service;

/**
 * A source of numbers for {@code /metrics}. Every CDI bean that implements this is asked each time
 * the numbers are read; it answers from memory.
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

    /**
     * How many there were since the start of the process, and their sum; the name has the unit at
     * its end.
     *
     * @param help one sentence
     * @param labels names and values by turns
     */
    void summary(String name, String help, double sum, long count, String... labels);
  }
}
