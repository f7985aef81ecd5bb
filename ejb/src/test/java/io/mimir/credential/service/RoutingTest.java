package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.LastTest;
import io.mimir.credential.ModelRef;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.FailureOwner;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.llm.service.Catalogs;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.EgressClients;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.service.TestVaults;
import io.mimir.usage.service.UsageMeter;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which key a question goes to: only one that offers the model, whatever becomes of the others. */
class RoutingTest {

  private static final String HOUSE = "http://127.0.0.1:9001";
  private static final String CLOUD = "http://127.0.0.1:9002";

  private final List<ApiKey> keys = new ArrayList<>();
  private final Vault vault = TestVaults.fresh();
  private final RoutingTableLoader loader = new RoutingTableLoader();
  private final ModelCatalog catalog = new ModelCatalog();
  private final KeyRing ring = new KeyRing();

  @BeforeEach
  void start() {
    loader.vault = vault;
    loader.store =
        new KeyUse() {
          @Override
          public List<ApiKey> active() {
            return List.copyOf(keys);
          }
        };
    loader.catalog = Catalogs.usual();
    loader.endpoints = new KeyEndpoints();
    loader.endpoints.catalog = loader.catalog;
    loader.egress = EgressClients.open("127.0.0.1");
    catalog.loader = loader;
    ring.vault = vault;
    ring.loader = loader;
    ring.uses = new KeyUses();
    ring.trials = new RotationTrials();
    ring.limits = new KeyLimits();
    ring.limits.meter = new UsageMeter();
  }

  private ApiKey key(Provider provider, String name, String url, Map<String, Object> metadata) {
    EndpointUrl endpoint = url == null ? null : EndpointUrl.parse(url);
    ApiKey key =
        new ApiKey(
            KeyDraft.of(provider, name).withMetadata(metadata), endpoint, "admin", Instant.now());
    key.replaceSecret(Secret.of("sk-" + name), vault);
    keys.add(key);
    loader.keysChanged(new KeysChanged(key.getId()));
    return key;
  }

  private ApiKey offering(Provider provider, String name, String url, String... models) {
    return key(provider, name, url, Map.of("available_models", List.of(models)));
  }

  /** A key that was tested with success, and whose endpoint lists these models. */
  private void listed(ApiKey key, String... models) {
    LastTest test = new LastTest(true, "ok", "fine", 10, List.of(models), Instant.now());
    try {
      Field field = ApiKey.class.getDeclaredField("lastTest");
      field.setAccessible(true);
      field.set(key, test);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
    loader.keysChanged(new KeysChanged(key.getId()));
  }

  private Set<String> keysFor(String model) {
    ModelRef resolved = catalog.resolve(new ModelRef(null, model));
    Set<String> names = new LinkedHashSet<>();
    TriedKeys tried = new TriedKeys();
    while (true) {
      try (KeyLease lease = ring.lend(resolved, tried, () -> 0, 0)) {
        names.add(lease.keyName());
        tried.add(lease);
      } catch (ProblemException e) {
        return names;
      }
    }
  }

  private Problem problem(String model) {
    return catchThrowableOfType(
            ProblemException.class, () -> catalog.resolve(new ModelRef(null, model)))
        .problem();
  }

  private KeyLease lend(String model) {
    return ring.lend(catalog.resolve(new ModelRef(null, model)), new TriedKeys(), () -> 0, 0);
  }

  @Test
  void aQuestionNeverGoesToACustomServerThatDoesNotOfferTheModel() {
    offering(Provider.CUSTOM, "house", HOUSE, "house-llm");
    offering(Provider.CUSTOM, "cloud", CLOUD, "m1");

    assertThat(keysFor("house-llm")).containsExactly("house");
    assertThat(keysFor("custom/house-llm")).containsExactly("house");
    assertThat(keysFor("m1")).containsExactly("cloud");
  }

  @Test
  void aKeyThatIsPausedIsNotReplacedByOneThatDoesNotOfferTheModel() {
    offering(Provider.CUSTOM, "house", HOUSE, "house-llm");
    offering(Provider.CUSTOM, "cloud", CLOUD, "m1");
    for (CallOutcome reason : List.of(CallOutcome.AUTH_FAILED, CallOutcome.QUOTA_EXCEEDED)) {
      KeyLease lease = lend("house-llm");
      lease.failed(new LlmException(reason, "failed"), 1);
      lease.close();

      assertThat(catchThrowableOfType(ProblemException.class, () -> lend("house-llm"))).isNotNull();
      loader.runtime(lease.keyId()).health.reset();
    }
  }

  @Test
  void twoOpenAiKeysAtDifferentServersAreNotMixedUp() {
    offering(Provider.OPENAI, "proxy", "https://llm.example.com", "house-gpt");
    offering(Provider.OPENAI, "own", null, "gpt-4o");

    assertThat(keysFor("house-gpt")).containsExactly("proxy");
    assertThat(keysFor("gpt-4o")).containsExactly("own");
  }

  @Test
  void aKeyWhoseListIsUnknownServesItsProvidersNamesAtItsProvidersAddressOnly() {
    key(Provider.OPENAI, "own", null, Map.of());
    key(Provider.OPENAI, "elsewhere", "https://llm.example.com", Map.of());
    key(Provider.CUSTOM, "house", HOUSE, Map.of());

    assertThat(keysFor("gpt-4o")).containsExactly("own");
    assertThat(keysFor("openai/anything")).containsExactly("own");
    assertThat(problem("custom/anything")).isEqualTo(Problem.MODEL_NOT_FOUND);
    assertThat(problem("anything")).isEqualTo(Problem.MODEL_NOT_FOUND);
  }

  @Test
  void aKeyWhoseListIsUnknownStandsBackWhereAnotherIsKnownToOfferTheModel() {
    key(Provider.OPENAI, "untested", null, Map.of());
    offering(Provider.OPENAI, "tested", null, "gpt-4o");

    assertThat(keysFor("gpt-4o")).containsExactly("tested");
    assertThat(keysFor("gpt-5")).containsExactly("untested");
  }

  @Test
  void anIdThatAKeyOffersIsOneEvenWhereItLooksLikeAProvidersPrefix() {
    offering(Provider.CUSTOM, "router", HOUSE, "openai/gpt-4o");
    offering(Provider.OPENAI, "own", null, "gpt-4o");

    assertThat(keysFor("openai/gpt-4o")).containsExactly("router");
    assertThat(lend("openai/gpt-4o").model()).isEqualTo("openai/gpt-4o");
    assertThat(keysFor("gpt-4o")).containsExactly("own");
  }

  @Test
  void aPrefixChoosesTheProviderWhereNoKeyOffersTheWholeName() {
    offering(Provider.CUSTOM, "house", HOUSE, "shared");
    offering(Provider.OPENAI, "own", null, "shared");

    assertThat(keysFor("openai/shared")).containsExactly("own");
    assertThat(lend("openai/shared").model()).isEqualTo("shared");
  }

  @Test
  void keysOfSeveralProvidersThatAreSaidToHaveAModelStandInForEachOther() {
    offering(Provider.CUSTOM, "house", HOUSE, "gpt-4o");
    offering(Provider.OPENAI, "own", null, "gpt-4o");

    assertThat(keysFor("gpt-4o")).containsExactlyInAnyOrder("house", "own");
  }

  @Test
  void anEndpointsOwnListTakesNoPromptsAwayFromTheProviderThatANameBelongsTo() {
    listed(key(Provider.CUSTOM, "house", HOUSE, Map.of()), "gpt-4o", "house-llm");
    listed(key(Provider.OPENAI, "own", null, Map.of()), "gpt-4o");

    assertThat(keysFor("gpt-4o")).containsExactly("own");
    assertThat(keysFor("custom/gpt-4o")).containsExactly("house");
    assertThat(keysFor("house-llm")).containsExactly("house");
  }

  @Test
  void ollamasNamesWithAndWithoutTheirTagAreOne() {
    offering(Provider.OLLAMA, "one", "http://127.0.0.1:11434", "llama3");
    offering(Provider.OLLAMA, "two", "http://127.0.0.1:11435", "mistral:latest");

    assertThat(keysFor("llama3:latest")).containsExactly("one");
    assertThat(keysFor("mistral")).containsExactly("two");
    assertThat(lend("mistral").model()).isEqualTo("mistral:latest");
    assertThat(problem("llama3:70b")).isEqualTo(Problem.MODEL_NOT_FOUND);
  }

  @Test
  void aBareNameFindsGeminisModels() {
    offering(Provider.CUSTOM, "gemini", HOUSE, "models/gemini-2.5-flash");

    assertThat(lend("gemini-2.5-flash").model()).isEqualTo("models/gemini-2.5-flash");
  }

  @Test
  void aWildcardServesEveryMatchAndListsWhatWasReadFromTheEndpoint() {
    ApiKey key = key(Provider.OPENAI, "own", null, Map.of("allowed_models", List.of("gpt-*")));
    listed(key, "gpt-4o", "gpt-4o-mini", "o3");

    assertThat(keysFor("gpt-4o")).containsExactly("own");
    assertThat(keysFor("gpt-9")).containsExactly("own");
    assertThat(problem("o3")).isEqualTo(Problem.MODEL_NOT_FOUND);
    assertThat(catalog.models())
        .extracting(ModelCatalog.Model::id)
        .containsExactly("gpt-4o", "gpt-4o-mini");
  }

  @Test
  void whateverIsListedIsServed() {
    key(Provider.OLLAMA, "untested", "http://127.0.0.1:11434", Map.of());
    key(Provider.OLLAMA, "preset", "http://127.0.0.1:11435", Map.of("default_model", "llama3"));
    listed(key(Provider.OLLAMA, "empty", "http://127.0.0.1:11436", Map.of()));
    listed(key(Provider.OPENAI, "own", null, Map.of()), "gpt-4o", "gpt-4o", "o3");

    List<String> listed =
        catalog.models().stream().map(model -> model.provider().wire() + "/" + model.id()).toList();

    assertThat(listed).containsExactly("openai/gpt-4o", "openai/o3", "ollama/llama3");
    listed.forEach(model -> assertThat(keysFor(model)).as(model).isNotEmpty());
  }

  @Test
  void aModelThatIsUnknownAtAllKeysPausesThereAndNowhereElse() {
    for (String name : List.of("a", "b", "c")) {
      offering(Provider.CUSTOM, name, HOUSE, "m1", "m2");
    }
    ModelRef m2 = catalog.resolve(new ModelRef(null, "m2"));
    TriedKeys tried = new TriedKeys();
    for (int i = 0; i < 3; i++) {
      KeyLease lease = ring.lend(m2, tried, () -> 0, 0);
      lease.failed(new LlmException(CallOutcome.FORBIDDEN, FailureOwner.MODEL, 403, "no", null), 7);
      tried.add(lease);
      lease.close();
    }

    assertThat(keysFor("m1")).containsExactlyInAnyOrder("a", "b", "c");
    ProblemException refusal = catchThrowableOfType(ProblemException.class, () -> lend("m2"));
    assertThat(refusal.problem()).isEqualTo(Problem.NO_USABLE_KEY);
    assertThat(refusal.retryAfter()).isPresent();
  }

  @Test
  void aLimitOfOneModelLeavesTheOthersToTheKey() {
    offering(Provider.CUSTOM, "a", HOUSE, "m1", "m2");
    KeyLease lease = lend("m2");
    lease.failed(
        new LlmException(
            CallOutcome.RATE_LIMITED, FailureOwner.MODEL, 429, "busy", Duration.ofSeconds(40)),
        1);
    lease.close();

    assertThat(keysFor("m1")).containsExactly("a");
    ProblemException refusal = catchThrowableOfType(ProblemException.class, () -> lend("m2"));
    assertThat(refusal.problem()).isEqualTo(Problem.RATE_LIMITED);
    assertThat(refusal.retryAfter().orElseThrow())
        .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(40));
  }

  @Test
  void theOnlyKeyIsAskedHoweverOftenItsServerFails() {
    offering(Provider.CUSTOM, "only", HOUSE, "m1");
    for (int i = 0; i < 50; i++) {
      KeyLease lease = lend("m1");
      lease.failed(new LlmException(CallOutcome.UPSTREAM_ERROR, 500, "failed", null), i);
      lease.close();
    }

    assertThat(lend("m1").keyName()).isEqualTo("only");
  }

  @Test
  void anotherKeyIsAskedFirstWhereAServerFailsOften() {
    offering(Provider.CUSTOM, "broken", HOUSE, "m1");
    for (int i = 0; i < 3; i++) {
      KeyLease lease = lend("m1");
      lease.failed(new LlmException(CallOutcome.UNREACHABLE, "failed"), i);
      lease.close();
    }
    offering(Provider.CUSTOM, "sound", CLOUD, "m1");

    for (int i = 0; i < 20; i++) {
      try (KeyLease lease = lend("m1")) {
        assertThat(lease.keyName()).isEqualTo("sound");
      }
    }
    assertThat(keysFor("m1")).containsExactly("sound", "broken");
  }
}
