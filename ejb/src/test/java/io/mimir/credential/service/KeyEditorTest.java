package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.KeyDraft.Extras;
import io.mimir.credential.RequestOptions;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.llm.service.Catalogs;
import io.mimir.net.service.EgressClients;
import io.mimir.security.DataKey;
import io.mimir.security.MasterKey;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyEditorTest {

  private final KeyEditor editor = new KeyEditor();

  @BeforeEach
  void start() {
    MasterKey master = MasterKey.parse(MasterKey.generate());
    editor.vault =
        new Vault(
            master,
            List.of(
                DataKey.create(DataKey.SEAL, master, Instant.EPOCH),
                DataKey.create(DataKey.MAC, master, Instant.EPOCH)));
    editor.catalog = Catalogs.usual();
    editor.egress = EgressClients.open("127.0.0.1");
  }

  @AfterEach
  void stop() {
    EgressClients.close(editor.egress);
  }

  private ApiKey key(Provider provider, String url, Extras extras) {
    ApiKey key =
        editor.build(
            KeyDraft.of(provider, "mine")
                .withSecret(Secret.of("sk-1"))
                .withEndpoint(url)
                .withExtras(extras),
            "root");
    key.replaceSecret(Secret.of("sk-1"), editor.vault);
    return key;
  }

  private static Extras headers(String name, String value) {
    Map<String, Secret> headers = new HashMap<>();
    headers.put(name, value == null ? null : Secret.of(value));
    return new Extras(new RequestOptions.Change(headers, null, null), false, null);
  }

  private static KeyDraft move(String url, String secret, Extras extras) {
    return KeyDraft.NONE
        .withSecret(secret == null ? null : Secret.of(secret))
        .withEndpoint(url)
        .withExtras(extras);
  }

  @Test
  void aQueryInTheAddressIsOneOfTheKey() {
    ApiKey key =
        key(
            Provider.of("azure"),
            "https://r.example.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
            Extras.NONE);

    assertThat(key.getEndpointUrl()).isEqualTo("https://r.example.com/openai/deployments/d");
    assertThat(key.getRequest().query()).isEqualTo(Map.of("api-version", "2024-10-21"));

    editor.edit(
        key,
        move(
            "https://r.example.com/openai/deployments/d?api-version=2025-01-01",
            null,
            Extras.NONE));
    assertThat(key.getRequest().query()).isEqualTo(Map.of("api-version", "2025-01-01"));
  }

  @Test
  void aQueryThatHoldsASecretIsRefusedInTheAddressToo() {
    assertThatThrownBy(
            () -> key(Provider.CUSTOM, "https://h.example.com/v1?key=CANARY", Extras.NONE))
        .isInstanceOf(ProblemException.class)
        .hasMessageNotContaining("CANARY");
  }

  @Test
  void noStoredHeaderFollowsAnAddressToAnotherServer() {
    ApiKey key = key(Provider.CUSTOM, "https://one.example.com/v1", headers("X-Tenant", "acme"));

    for (Extras kept : List.of(Extras.NONE, headers("X-Tenant", null))) {
      assertThatThrownBy(() -> editor.edit(key, move("https://two.example.com", "sk-2", kept)))
          .isInstanceOfSatisfying(
              ProblemException.class,
              e -> {
                assertThat(e.problem()).isEqualTo(Problem.KEY_REQUIRED_FOR_NEW_ORIGIN);
                assertThat(e.errors().get(0).field()).isEqualTo("headers");
              });
    }
    assertThatThrownBy(
            () -> editor.edit(key, move("https://two.example.com", null, headers("X-Tenant", "b"))))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.errors().get(0).field()).isEqualTo("endpoint_url"));
    assertThat(key.getEndpointUrl()).isEqualTo("https://one.example.com/v1");

    editor.edit(key, move("https://two.example.com", "sk-2", headers("X-Tenant", "anew")));

    assertThat(key.getEndpointUrl()).isEqualTo("https://two.example.com");
    assertThat(key.openHeaders(editor.vault).length()).isEqualTo("X-Tenant:anew\n".length());
  }

  @Test
  void anotherPathOfTheSameServerKeepsAll() {
    ApiKey key = key(Provider.CUSTOM, "https://one.example.com/v1", headers("X-Tenant", "acme"));

    editor.edit(key, move("https://one.example.com/other", null, Extras.NONE));

    assertThat(key.getEndpointUrl()).isEqualTo("https://one.example.com/other");
    assertThat(key.getRequest().headerNames()).containsExactly("X-Tenant");
    assertThat(key.openHeaders(editor.vault).length()).isEqualTo("X-Tenant:acme\n".length());
  }

  @Test
  void anExpiryStaysUnlessItIsNamed() {
    Instant when = Instant.parse("2030-01-31T00:00:00Z");
    ApiKey key =
        key(
            Provider.CUSTOM,
            "https://one.example.com/v1",
            new Extras(RequestOptions.Change.NONE, true, when));

    editor.edit(key, move(null, null, Extras.NONE));
    assertThat(key.getExpiresAt()).isEqualTo(when);
    assertThat(key.isExpired(when)).isTrue();
    assertThat(key.isExpired(when.minusMillis(1))).isFalse();

    editor.edit(key, move(null, null, new Extras(RequestOptions.Change.NONE, true, null)));
    assertThat(key.getExpiresAt()).isNull();
    assertThat(key.isExpired(when)).isFalse();
  }
}
