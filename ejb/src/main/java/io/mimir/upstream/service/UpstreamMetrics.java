package io.mimir.upstream.service;

import io.mimir.llm.Provider;
import io.mimir.llm.WireProtocol;
import io.mimir.metrics.service.Histogram;
import io.mimir.metrics.service.MetricsSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How long providers took: to the first piece of an answer, and to its end. */
@ApplicationScoped
public class UpstreamMetrics implements MetricsSource {

  private static final int PROTOCOLS = WireProtocol.values().length;

  private final Map<Provider, Times[]> providers = new ConcurrentHashMap<>();

  /** The questions that a provider was asked in one protocol. */
  private static final class Times {
    final Histogram firstByte = new Histogram();
    final Histogram whole = new Histogram();
    final Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
  }

  /** Counts the first piece of an answer. */
  public void firstByte(Provider provider, WireProtocol protocol, long nanos) {
    times(provider, protocol).firstByte.record(nanos);
  }

  /**
   * Counts a question that is over.
   *
   * @param outcome a word of a fixed set
   */
  public void ended(Provider provider, WireProtocol protocol, String outcome, long nanos) {
    Times times = times(provider, protocol);
    times.whole.record(nanos);
    LongAdder count = times.outcomes.get(outcome);
    if (count == null) {
      count = times.outcomes.computeIfAbsent(outcome, fresh -> new LongAdder());
    }
    count.increment();
  }

  private Times times(Provider provider, WireProtocol protocol) {
    Times[] known = providers.get(provider);
    if (known == null) {
      known = providers.computeIfAbsent(provider, fresh -> all());
    }
    // The last is for what is passed on unread.
    return known[protocol == null ? PROTOCOLS : protocol.ordinal()];
  }

  private static Times[] all() {
    Times[] all = new Times[PROTOCOLS + 1];
    for (int i = 0; i < all.length; i++) {
      all[i] = new Times();
    }
    return all;
  }

  @Override
  public void report(Sink sink) {
    providers.forEach(
        (provider, all) -> {
          for (int i = 0; i < all.length; i++) {
            if (!all[i].outcomes.isEmpty()) {
              String protocol =
                  i == PROTOCOLS
                      ? "other"
                      : WireProtocol.values()[i].name().toLowerCase(Locale.ROOT);
              report(sink, all[i], provider.wire(), protocol);
            }
          }
        });
  }

  private static void report(Sink sink, Times times, String provider, String protocol) {
    String[] labels = {"provider", provider, "protocol", protocol};
    times.whole.report(
        sink,
        "mimir_provider_request_duration_seconds",
        "How long a provider took for one question, to the end of its answer or failure.",
        labels);
    times.firstByte.report(
        sink,
        "mimir_provider_first_byte_seconds",
        "How long a provider took to the first piece of its answer.",
        labels);
    times.outcomes.forEach(
        (outcome, count) ->
            sink.counter(
                "mimir_provider_requests_total",
                "Questions that providers were asked, by how it went.",
                count.sum(),
                "provider",
                provider,
                "protocol",
                protocol,
                "outcome",
                outcome));
  }
}
