package io.mimir.metrics.service;

import jakarta.enterprise.context.ApplicationScoped;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.RuntimeMXBean;
import java.util.Map;

/** Memory, threads and age of this process. */
@ApplicationScoped
public class JvmMetrics implements MetricsSource {

  private static final double MILLIS = 1000;

  @Override
  public void report(Sink sink) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    Map<String, MemoryUsage> areas =
        Map.of("heap", memory.getHeapMemoryUsage(), "nonheap", memory.getNonHeapMemoryUsage());
    areas.forEach(
        (area, usage) -> {
          sink.gauge(
              "mimir_jvm_memory_used_bytes", "Memory in use.", usage.getUsed(), "area", area);
          sink.gauge(
              "mimir_jvm_memory_committed_bytes",
              "Memory taken from the system.",
              usage.getCommitted(),
              "area",
              area);
          if (usage.getMax() >= 0) {
            sink.gauge(
                "mimir_jvm_memory_max_bytes",
                "The most memory that may be taken.",
                usage.getMax(),
                "area",
                area);
          }
        });
    sink.gauge(
        "mimir_jvm_threads",
        "Threads that are alive.",
        ManagementFactory.getThreadMXBean().getThreadCount());
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      sink.counter(
          "mimir_jvm_gc_seconds_total",
          "Time spent on collecting garbage.",
          Math.max(0, collector.getCollectionTime()) / MILLIS,
          "collector",
          collector.getName());
    }
    RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
    sink.gauge("mimir_uptime_seconds", "Time since the start.", runtime.getUptime() / MILLIS);
    sink.gauge(
        "mimir_start_time_seconds",
        "When the process was started, in seconds since 1970.",
        runtime.getStartTime() / MILLIS);
  }
}
