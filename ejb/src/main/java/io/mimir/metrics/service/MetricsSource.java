package io.mimir.metrics.service;

import java.util.List;

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
     * How many there were since the start of the process in each bucket, and their sum; the name
     * has the unit at its end.
     *
     * @param help one sentence
     * @param bounds the inclusive upper bound of each bucket but the last, which has none
     * @param counts one for each bucket, not summed up
     * @param labels names and values by turns
     */
    void histogram(
        String name,
        String help,
        List<Double> bounds,
        List<Long> counts,
        double sum,
        String... labels);
  }
}
