package io.mimir.upstream.service;

import io.mimir.credential.ApiKey;
import io.mimir.credential.ModelRef;
import io.mimir.credential.service.TestKeys;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.llm.ProviderOperation;
import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.Clients;
import io.mimir.net.service.EgressClient;
import io.mimir.net.service.EgressClients;
import io.mimir.usage.CallSource;
import io.mimir.usage.CallUsage;
import io.mimir.usage.service.UsageMeter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** The engine over real connections to this machine, with keys that a test gives it. */
public final class TestEngine implements AutoCloseable {

  private final EgressClient egress = EgressClients.open("127.0.0.1");
  private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(1);
  private final List<CallUsage> counted = new CopyOnWriteArrayList<>();
  private final TestKeys keys;
  private final UpstreamCalls calls = new UpstreamCalls();
  private final ModelCalls modelCalls = new ModelCalls();

  public TestEngine() {
    UsageMeter meter =
        new UsageMeter() {
          @Override
          public void count(CallUsage call) {
            counted.add(call);
          }

          @Override
          public long tokensThisMonth(String keyId) {
            return 0;
          }
        };
    keys = new TestKeys(egress, meter);
    calls.ring = keys.ring();
    calls.relays = Clients.relaysOver(egress);
    calls.metrics = new UpstreamMetrics();
    calls.meter = meter;
    calls.watch = new StreamWatch();
    calls.scheduler = scheduler;
    modelCalls.calls = calls;
    scheduler.scheduleWithFixedDelay(calls.watch::look, 50, 50, TimeUnit.MILLISECONDS);
  }

  /** Adds a key of a server that offers these models, and is waited for two seconds. */
  ApiKey key(String name, ScriptedServer server, String... models) {
    return keys.add(
        Provider.CUSTOM,
        name,
        "sk-" + name + "-0123456789",
        server.url(),
        Map.of("available_models", List.of(models), "timeout_seconds", 2));
  }

  /** Begins a call in OpenAI's chat completions that goes on as it comes. */
  RecordedTarget call(String model, boolean streamed, String question) {
    return call(model, streamed, question, plan -> plan);
  }

  /**
   * @param around has its own way with the plan
   */
  RecordedTarget call(
      String model, boolean streamed, String question, UnaryOperator<CallPlan> around) {
    RecordedTarget target = new RecordedTarget();
    byte[] body = question.getBytes(StandardCharsets.UTF_8);
    CallSpec spec =
        new CallSpec(
            keys.catalog().resolve(new ModelRef(null, model)),
            CallSource.of("usr_1", "tok_1"),
            body,
            0,
            provider -> true,
            null,
            true,
            streamed,
            true,
            null,
            false);
    CallPlan plan =
        lease ->
            new UpstreamRequest(
                "POST",
                lease.adapter().path(ProviderOperation.CHAT_COMPLETIONS, lease.model()),
                Map.of("Content-Type", "application/json"),
                body,
                WireProtocol.OPENAI_CHAT,
                null,
                false);
    try {
      calls.begin(spec, around.apply(plan), target);
    } catch (ProblemException e) {
      target.fail(CallFailure.of(e));
    }
    return target;
  }

  public TestKeys keys() {
    return keys;
  }

  public UpstreamCalls calls() {
    return calls;
  }

  public ModelCalls modelCalls() {
    return modelCalls;
  }

  /** What was counted, attempt by attempt. */
  public List<CallUsage> counted() {
    return counted;
  }

  /** The same, once there are so many: an answer is counted after it was given. */
  public List<CallUsage> awaitCounted(int wanted) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (counted.size() < wanted && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return counted;
  }

  @Override
  public void close() {
    scheduler.shutdownNow();
    EgressClients.close(egress);
  }
}
