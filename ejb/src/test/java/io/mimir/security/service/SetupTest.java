package io.mimir.security.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Account;
import io.mimir.security.Secret;
import io.mimir.storage.service.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SetupTest {

  private static final String URL = "https://mimir.example";
  private static final SetupWish NOTHING = new SetupWish(URL, Optional.empty(), Optional.empty());

  /** Hashing a password takes long, so nobody does it here. */
  private final Accounts quick =
      new Accounts() {
        @Override
        public Account addFirst(String username, Secret password) {
          entered.add(password.reveal());
          return beans.store.in(() -> storeFirst(username, "hash"));
        }
      };

  private final SecurityBeans beans = new SecurityBeans();
  private final List<String> entered = new ArrayList<>();
  private final Setup setup = new Setup();
  private DataFolder folder;

  @TempDir Path root;

  @BeforeEach
  void start() throws IOException {
    folder = DataFolder.lock(root).orElseThrow();
    quick.em = beans.accounts.em;
    quick.actions = beans.accounts.actions;
    quick.changed = beans.accounts.changed;
    setup.accounts = quick;
    setup.vault = beans.vault;
    setup.folder = folder;
  }

  @AfterEach
  void stop() throws IOException {
    folder.close();
    beans.close();
  }

  private Path link() {
    return folder.file("setup-link");
  }

  private Secret tokenOfTheLink() throws IOException {
    String text = Files.readString(link());
    assertThat(text).startsWith(URL + "/setup#token=").endsWith("\n");
    return Secret.of(text.strip().substring((URL + "/setup#token=").length()));
  }

  private void isRefused(Secret token) {
    assertThatThrownBy(() -> setup.complete(token, "ann", SecurityBeans.PASSWORD))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND));
  }

  @Test
  void theLinkIsGoodOnceAndOnlyItsOwnerCanReadIt() throws IOException {
    isRefused(Secret.of("anything"));
    assertThat(setup.isOpen()).isFalse();

    setup.prepare(NOTHING);

    Secret token = tokenOfTheLink();
    assertThat(setup.isOpen()).isTrue();
    assertThat(token.length()).isEqualTo(43);
    assertThat(DataFolder.isReadableByOthers(link())).isFalse();
    isRefused(Secret.of("A".repeat(43)));
    assertThat(setup.complete(token, "ann", SecurityBeans.PASSWORD).isAdmin()).isTrue();
    assertThat(entered).containsExactly(SecurityBeans.PASSWORD.reveal());
    assertThat(setup.isOpen()).isFalse();
    assertThat(link()).doesNotExist();
    isRefused(token);
  }

  @Test
  void eachStartMakesAnotherLink() throws IOException {
    setup.prepare(NOTHING);
    Secret first = tokenOfTheLink();
    setup.prepare(NOTHING);

    assertThat(tokenOfTheLink().reveal()).isNotEqualTo(first.reveal());
    isRefused(first);
  }

  @Test
  void theSettingsNameTheFirstAdministrator() throws IOException {
    Files.writeString(link(), "of a start before");
    setup.prepare(new SetupWish(URL, Optional.of("ann"), Optional.of(SecurityBeans.PASSWORD)));

    assertThat(quick.named("ann").orElseThrow().isAdmin()).isTrue();
    assertThat(setup.isOpen()).isFalse();
    assertThat(link()).doesNotExist();
  }

  @Test
  void aNameWithoutAPasswordMakesALink() throws IOException {
    setup.prepare(new SetupWish(URL, Optional.of("ann"), Optional.empty()));
    assertThat(setup.isOpen()).isTrue();
    setup.prepare(new SetupWish(URL, Optional.empty(), Optional.of(SecurityBeans.PASSWORD)));
    assertThat(setup.isOpen()).isTrue();
    assertThat(quick.isEmpty()).isTrue();
  }

  @Test
  void thereIsNoLinkOnceThereIsAnAccount() throws IOException {
    beans.account("ann", "user");
    Files.writeString(link(), "of a start before");

    setup.prepare(NOTHING);

    assertThat(setup.isOpen()).isFalse();
    assertThat(link()).doesNotExist();
  }
}
