package io.mimir.plugin.service.builtin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.service.PluginCallException;
import io.mimir.plugin.service.PluginCallException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BuiltinsTest {

  /** Has template's manifest, and does what a test says. */
  private abstract static class Fake implements BuiltinPlugin {
    @Override
    public String name() {
      return "template";
    }
  }

  static List<BuiltinPlugin> all() {
    return List.of(
        new HttpInput(),
        new JsonTransform(),
        new TemplateRenderer(),
        new LlmChat(),
        new FileOutput());
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyManifestIsOneThatAnUploadedPluginCouldHave(BuiltinPlugin plugin) {
    Bench bench = new Bench(plugin);
    Manifest manifest = bench.manifest();

    assertThat(manifest.name()).isEqualTo(plugin.name());
    assertThat(manifest.hasSupportedAbi()).isTrue();
    assertThat(manifest.unsupportedPermissions()).isEmpty();
    assertThat(manifest.description()).isNotEmpty();
    assertThat(manifest.actions())
        .hasSize(1)
        .allSatisfy(
            action -> {
              assertThat(action.inputSchema()).isPresent();
              assertThat(action.outputSchema()).isPresent();
              assertThat(action.timeout()).isPresent();
            });
    assertThat(bench.builtins().configSchema(plugin.name()).text().path("properties")).isNotEmpty();
    assertThat(bench.row().getFilePath()).isEqualTo("builtin:" + plugin.name());
    assertThat(bench.row().getId()).isEqualTo("plugin_" + plugin.name());
  }

  @Test
  void whatDoesNotFitTheSchemaNeverReachesAPlugin() {
    Bench bench = new Bench(new TemplateRenderer());

    for (String input : List.of("{", "[]", "\"x\"", "{} {}", "{\"data\":1}", "{\"dta\":{}}")) {
      assertThat(bench.failure("render", input).kind()).as(input).isEqualTo(Kind.BAD_INPUT);
    }
    assertThat(bench.failure("render", "{\"template\":7}")).hasMessageStartingWith("template: ");
    assertThat(bench.failure("render", "{\"data\":" + "[".repeat(70) + "]".repeat(70) + "}").kind())
        .isEqualTo(Kind.BAD_INPUT);
  }

  @Test
  void unknownActionsAndDisabledPluginsAreToldApart() {
    Bench bench = new Bench(new TemplateRenderer());

    assertThat(bench.failure("draw", "{}").kind()).isEqualTo(Kind.UNKNOWN_ACTION);
    bench.row().setEnabled(false);
    assertThat(bench.failure("render", "{\"template\":\"x\"}").kind()).isEqualTo(Kind.NOT_RUNNING);
  }

  @Test
  void aPluginThatFailsUnexpectedlySaysNothingOfWhatItWorkedOn() {
    Bench bench =
        new Bench(
            new Fake() {
              @Override
              public ObjectNode call(String a, Settings s, ObjectNode input, Deadline d) {
                throw new IllegalStateException("canary-77123");
              }
            });

    PluginCallException failure = bench.failure("render", "{}");

    assertThat(failure.kind()).isEqualTo(Kind.CRASHED);
    assertThat(failure).hasNoCause();
    assertThat(failure.getMessage()).doesNotContain("canary");
  }

  @Test
  void secretsAreApartFromTheRestAndWipedAfterTheCall() throws Exception {
    List<Settings> seen = new ArrayList<>();
    List<String> revealed = new ArrayList<>();
    Bench bench =
        new Bench(
            new HttpInput() {
              @Override
              public ObjectNode call(String a, Settings settings, ObjectNode input, Deadline d) {
                seen.add(settings);
                revealed.add(settings.secrets().get("headers").reveal());
                return Builtins.JSON.createObjectNode();
              }
            });
    bench.configure("{\"url\":\"https://example.com\",\"headers\":\"X-Key: 1\"}");

    bench.call("fetch", "");

    assertThat(revealed).containsExactly("X-Key: 1");
    assertThat(seen.get(0).open().has("headers")).isFalse();
    assertThat(seen.get(0).secrets().get("headers").reveal()).isEqualTo("\0".repeat(8));
  }

  @Test
  void theCallAfterTheSixtyFourthWaitsForNobody() throws Exception {
    CountDownLatch inside = new CountDownLatch(Builtins.MAX_CALLS);
    CountDownLatch go = new CountDownLatch(1);
    Bench bench =
        new Bench(
            new Fake() {
              @Override
              public ObjectNode call(String a, Settings s, ObjectNode input, Deadline d) {
                inside.countDown();
                try {
                  go.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                return Builtins.JSON.createObjectNode();
              }
            });
    ExecutorService callers = Executors.newFixedThreadPool(Builtins.MAX_CALLS);
    List<Future<?>> calls = new ArrayList<>();
    for (int i = 0; i < Builtins.MAX_CALLS; i++) {
      calls.add(callers.submit(() -> bench.call("render", "{}")));
    }
    assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();

    assertThat(bench.failure("render", "{}").kind()).isEqualTo(Kind.BUSY);

    go.countDown();
    for (Future<?> call : calls) {
      call.get(20, TimeUnit.SECONDS);
    }
    callers.shutdown();
    assertThat(bench.call("render", "{}")).isEmpty();
  }

  @Test
  void whatIsTooLargeToBePassedOnIsRefused() {
    Bench bench =
        new Bench(
            new Fake() {
              @Override
              public ObjectNode call(String a, Settings s, ObjectNode input, Deadline d) {
                return Builtins.JSON.createObjectNode().put("text", "x".repeat(17 << 20));
              }
            });

    assertThat(bench.refusal("render", "{}")).isEqualTo("too_large");
  }
}
