package io.mimir.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.credential.RequestOptions.Change;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.NamedSecrets;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import io.mimir.security.Vaults;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestOptionsTest {

  private static final Vault VAULT = Vaults.fresh();

  private final ApiKey key = aKey();

  private static ApiKey aKey() {
    ApiKey key =
        new ApiKey(
            KeyDraft.of(Provider.CUSTOM, "mine"),
            EndpointUrl.parse("https://one.example/v1"),
            "root",
            Instant.EPOCH);
    key.replaceSecret(Secret.of("sk-first"), VAULT);
    return key;
  }

  private static Change headers(String... namesAndValues) {
    Map<String, Secret> headers = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String value = namesAndValues[i + 1];
      headers.put(namesAndValues[i], value == null ? null : Secret.of(value));
    }
    return new Change(headers, null, null);
  }

  private String sent(String name) {
    return NamedSecrets.split(key.openHeaders(VAULT)).get(name).reveal();
  }

  @Test
  void withoutAnyTheKeyIsCalledInTheUsualWay() {
    assertThat(key.getRequest().headerNames()).isEmpty();
    assertThat(key.getRequest().query()).isEmpty();
    assertThat(key.getRequest().auth()).isEmpty();
    assertThat(key.openHeaders(VAULT).isEmpty()).isTrue();
  }

  @Test
  void headersAreSealedAndTheirNamesShown() {
    key.changeRequest(headers("X-Tenant", "CANARY one", "X-Other", "2"), VAULT);

    assertThat(key.getRequest().headerNames()).containsExactly("X-Tenant", "X-Other");
    assertThat(sent("X-Tenant")).isEqualTo("CANARY one");
    assertThat(key.headers().orElseThrow().sealed().stored()).doesNotContain("CANARY");
    assertThat(headers("X-Tenant", "CANARY one").toString()).doesNotContain("CANARY");
  }

  @Test
  void aValueThatIsNullStaysAndANameThatIsMissingGoes() {
    key.changeRequest(headers("X-Tenant", "one", "X-Other", "2"), VAULT);

    key.changeRequest(headers("x-tenant", null, "X-New", "3"), VAULT);

    assertThat(key.getRequest().headerNames()).containsExactly("x-tenant", "X-New");
    assertThat(sent("x-tenant")).isEqualTo("one");
    key.changeRequest(new Change(null, Map.of("a", "b"), null), VAULT);
    assertThat(sent("X-New")).isEqualTo("3");
    key.changeRequest(headers(), VAULT);
    assertThat(key.headers()).isEmpty();
  }

  @Test
  void theHeadersOfOneKeyDoNotOpenForAnother() {
    key.changeRequest(headers("X-Tenant", "one"), VAULT);
    RequestOptions.SealedHeaders sealed = key.headers().orElseThrow();
    ApiKey other = aKey();
    other.changeRequest(headers("X-Tenant", "two"), VAULT);

    assertThatThrownBy(() -> VAULT.open(sealed.sealed(), other.headers().orElseThrow().context()))
        .isInstanceOf(VaultException.class);
    assertThatThrownBy(() -> VAULT.open(sealed.sealed(), key.context()))
        .isInstanceOf(VaultException.class);
  }

  @Test
  void headersFollowAnAddressOfTheSameServer() {
    key.changeRequest(headers("X-Tenant", "one"), VAULT);

    key.moveTo(EndpointUrl.parse("https://one.example/other"), VAULT);

    assertThat(sent("X-Tenant")).isEqualTo("one");
  }

  @Test
  void itIsKnownWhichChangesKeepAValue() {
    assertThat(key.getRequest().keepsAHeader(Change.NONE)).isFalse();
    key.changeRequest(headers("X-Tenant", "one"), VAULT);

    assertThat(key.getRequest().keepsAHeader(Change.NONE)).isTrue();
    assertThat(key.getRequest().keepsAHeader(headers("X-Tenant", null))).isTrue();
    assertThat(key.getRequest().keepsAHeader(headers("X-Tenant", "anew"))).isFalse();
    assertThat(key.getRequest().keepsAHeader(headers())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host",
        "content-length",
        "Transfer-Encoding",
        "Connection",
        "Authorization",
        "a b",
        "a:b",
        "",
        "ä",
        "Expect",
        "Content-Type"
      })
  void someHeadersAreNotTheirsToSet(String name) {
    assertThatThrownBy(() -> key.changeRequest(headers(name, "CANARY"), VAULT))
        .isInstanceOf(ProblemException.class)
        .hasMessageNotContaining("CANARY");
    assertThat(key.getRequest().headerNames()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " a", "a ", "a\r\nb", "ü", "a\tb", "\u0000"})
  void someValuesCannotTravel(String value) {
    assertThatThrownBy(() -> key.changeRequest(headers("X-Tenant", value), VAULT))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void aNewHeaderNeedsAValueAndEachNameComesOnce() {
    assertThatThrownBy(() -> key.changeRequest(headers("X-Tenant", null), VAULT))
        .isInstanceOf(ProblemException.class);
    assertThatThrownBy(() -> key.changeRequest(headers("X-A", "1", "x-a", "2"), VAULT))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void authorizationIsFreeWhereTheKeyTravelsInAnotherHeader() {
    Change change =
        new Change(Map.of("Authorization", Secret.of("Basic x")), null, "header:x-litellm-key");

    key.changeRequest(change, VAULT);

    assertThat(key.getRequest().auth().orElseThrow()).hasToString("header:x-litellm-key");
    assertThat(sent("Authorization")).isEqualTo("Basic x");
    // With bearer, the header would be the key's again.
    assertThatThrownBy(() -> key.changeRequest(new Change(null, null, "bearer"), VAULT))
        .isInstanceOf(ProblemException.class);
    assertThatThrownBy(() -> key.changeRequest(headers("X-LiteLLM-Key", "twice"), VAULT))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void theQueryComesBackAsItWasGiven() {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("api-version", "2024-10-21");
    query.put("tag", "a&b=c +%");
    query.put("empty", "");

    key.changeRequest(new Change(null, query, null), VAULT);

    assertThat(key.getRequest().query()).isEqualTo(query);
    assertThat(key.getRequest().query().keySet()).containsExactly("api-version", "tag", "empty");
    key.changeRequest(new Change(null, Map.of(), null), VAULT);
    assertThat(key.getRequest().query()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "key, AIza",
    "api_key, x",
    "subscription-key, x",
    "access_token, x",
    "sig, x",
    "a b, x",
    "'', x",
    "a, 'x\ny'"
  })
  void aSecretHasNoPlaceInAnAddress(String name, String value) {
    assertThatThrownBy(() -> key.changeRequest(new Change(null, Map.of(name, value), null), VAULT))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    Map<String, Secret> tooMany = new LinkedHashMap<>();
    for (int i = 0; i < 21; i++) {
      tooMany.put("X-" + i, Secret.of("v"));
    }
    assertThatThrownBy(
            () -> key.changeRequest(new Change(tooMany, Map.of("key", "x"), "basic"), VAULT))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e ->
                assertThat(e.errors().stream().map(error -> error.field()).toList())
                    .isEqualTo(Arrays.asList("auth", "query", "headers")));
  }

  @Test
  void whatATestFoundHoldsForTheAddressThatWasTested() {
    LastTest.Findings found =
        new LastTest.Findings("https://one.example", List.of("messages"), "/api");
    LastTest test = new LastTest(true, "ok", "", 0, List.of(), Instant.EPOCH, found);
    RequestOptions options = new RequestOptions();

    assertThat(options.forCalls(EndpointUrl.parse("https://one.example"), test).foundPath())
        .isEqualTo("/api");
    assertThat(options.forCalls(EndpointUrl.parse("https://two.example"), test).foundPath())
        .isNull();
    assertThat(options.forCalls(EndpointUrl.parse("https://two.example"), test).protocols())
        .isNull();
    assertThat(options.forCalls(EndpointUrl.parse("https://one.example"), null).foundPath())
        .isNull();
  }
}
