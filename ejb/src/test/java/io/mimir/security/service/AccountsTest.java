package io.mimir.security.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.audit.DeniedAction;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.AccessToken;
import io.mimir.security.Account;
import io.mimir.security.Secret;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AccountsTest {

  private static final Secret ANOTHER = Secret.of("seven green bottles on a wall");

  private final SecurityBeans beans = new SecurityBeans();
  private final Accounts accounts = beans.accounts;
  private Account root;

  @BeforeEach
  void signIn() {
    root = beans.actsInPerson(beans.account("root", "admin"));
  }

  @AfterEach
  void close() {
    beans.close();
  }

  private static Accounts.Change change(List<String> roles, Boolean active, Secret password) {
    return new Accounts.Change(roles, active, password, false);
  }

  private Accounts.Changed apply(Account account, Accounts.Change change) {
    return beans.store.in(() -> accounts.change(account.getId(), change));
  }

  private void refuses(Problem problem, Runnable deed) {
    assertThatThrownBy(() -> beans.store.during(deed))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  @Test
  void anAccountIsFoundByItsIdAndByItsNameInAnyCase() {
    Account ann = beans.account("Ann", "user");

    assertThat(accounts.get(ann.getId())).isEqualTo(ann);
    assertThat(accounts.find(ann.getId())).contains(ann);
    assertThat(accounts.named("ANN")).contains(ann);
    assertThat(accounts.all()).containsExactly(ann, root);
    assertThat(accounts.find("usr_nobody")).isEmpty();
    assertThat(accounts.named("bob")).isEmpty();
    refuses(Problem.NOT_FOUND, () -> accounts.get("usr_nobody"));
  }

  @Test
  void aNewAccountIsStoredAndWrittenDown() {
    Account ann = beans.store.in(() -> accounts.add("ann", ANOTHER, List.of("user")));

    assertThat(accounts.get(ann.getId()).accepts(ANOTHER)).isTrue();
    assertThat(beans.deeds).hasSize(2).allSatisfy(d -> assertThat(d.targetName()).isEqualTo("ann"));
    assertThat(beans.deeds.get(0).targetId()).isEqualTo(ann.getId());
    assertThat(beans.lastDeed())
        .startsWith("done user.create")
        .contains("username", "ann", "roles", "password")
        .doesNotContain(ANOTHER.reveal());
  }

  @Test
  void aNameIsGivenOnce() {
    refuses(Problem.NAME_TAKEN, () -> accounts.store("ROOT", "hash", List.of("user")));
    assertThat(accounts.all()).containsExactly(root);
  }

  @Test
  void aNewPasswordIsThereAndStrong() {
    for (Secret none : new Secret[] {null, Secret.of("")}) {
      refuses(Problem.MISSING_FIELD, () -> accounts.add("ann", none, List.of("user")));
    }
    refuses(
        Problem.WEAK_PASSWORD, () -> accounts.add("ann", Secret.of("password"), List.of("user")));
    refuses(
        Problem.WEAK_PASSWORD,
        () -> accounts.change(root.getId(), change(null, null, Secret.of("letmein"))));
    refuses(
        Problem.WEAK_PASSWORD,
        () -> accounts.add("annabelle-the-first", Secret.of("annabelle-the-first"), List.of()));
  }

  @Test
  void whatIsNotNamedStays() {
    Account ann = beans.account("ann", "user", "auditor");

    Account unchanged = apply(ann, change(null, null, null)).account();

    assertThat(unchanged.getRoles()).containsExactlyInAnyOrder("user", "auditor");
    assertThat(unchanged.isActive()).isTrue();
    assertThat(unchanged.accepts(SecurityBeans.PASSWORD)).isTrue();
    assertThat(beans.lastDeed()).isEqualTo("done user.update []");
  }

  @Test
  void whatIsNamedChangesAndIsToldToThoseWhoRemember() {
    Account ann = beans.account("ann", "user");

    apply(ann, change(List.of("auditor"), false, ANOTHER));

    Account now = accounts.get(ann.getId());
    assertThat(now.getRoles()).containsExactly("auditor");
    assertThat(now.isActive()).isFalse();
    assertThat(now.accepts(ANOTHER)).isTrue();
    assertThat(now.getVersion()).isGreaterThan(ann.getVersion());
    assertThat(beans.changedAccounts).containsExactly(new AccountChanged(ann.getId()));
    assertThat(beans.lastDeed()).contains("done user.update", "roles", "is_active", "password");
    assertThat(beans.deeds).allSatisfy(d -> assertThat(d.targetName()).isEqualTo("ann"));
  }

  @Test
  void aChangeTellsHowManyTokensAreLeftAndTakesThemOnlyWhenAsked() {
    Account ann = beans.account("ann", "user");
    AccessToken token = beans.issue(ann, "one", "chat").token();

    assertThat(apply(ann, change(null, true, null))).isEqualTo(new Accounts.Changed(ann, 1, 0));
    assertThat(apply(root, change(null, true, null)).liveTokens()).isZero();
    assertThat(apply(ann, new Accounts.Change(null, null, null, true)))
        .isEqualTo(new Accounts.Changed(ann, 0, 1));
    assertThat(beans.tokens.find(beans.store.em().find(AccessToken.class, token.getId()).getId()))
        .isEmpty();
    assertThat(beans.store.em().find(AccessToken.class, token.getId()).isLive(Instant.now()))
        .isFalse();
  }

  @Test
  void oneActiveAdministratorStays() {
    Account second = beans.account("second", "admin");
    apply(second, change(null, false, null));

    refuses(
        Problem.LAST_ADMIN,
        () -> accounts.change(root.getId(), change(List.of("user"), null, null)));
    refuses(Problem.LAST_ADMIN, () -> accounts.change(root.getId(), change(null, false, null)));
    refuses(Problem.LAST_ADMIN, () -> accounts.delete(root.getId()));
    assertThat(accounts.get(root.getId()).isAdmin()).isTrue();

    apply(second, change(null, true, null));
    beans.store.during(() -> accounts.delete(root.getId()));

    assertThat(accounts.find(root.getId())).isEmpty();
  }

  @Test
  void anyOtherAccountGoes() {
    Account ann = beans.account("ann", "user");

    beans.store.during(() -> accounts.delete(ann.getId()));

    assertThat(accounts.all()).containsExactly(root);
    assertThat(beans.changedAccounts).containsExactly(new AccountChanged(ann.getId()));
    assertThat(beans.lastDeed()).startsWith("done user.delete").contains("ann");
  }

  @Test
  void whatIsDoneToNobodyIsWrittenDownAsBegun() {
    Accounts.Change any = change(null, true, null);
    refuses(Problem.NOT_FOUND, () -> accounts.delete("usr_nobody"));
    assertThat(beans.lastDeed()).startsWith("begun user.delete");
    refuses(Problem.NOT_FOUND, () -> accounts.apply("usr_nobody", any, null));
    assertThat(beans.lastDeed()).startsWith("begun user.update");
    assertThat(beans.deeds).allSatisfy(deed -> assertThat(deed.targetName()).isNull());
    refuses(Problem.NOT_FOUND, () -> accounts.change("usr_nobody", any));
  }

  /** T70: a token of accounts has power over users and auditors, and none over administrators. */
  @Test
  void noTokenTouchesAnAdministratorOrMakesOne() {
    Account ann = beans.account("ann", "user");
    beans.actsWith(beans.issue(root, "provisioning", "accounts").token());

    assertThat(beans.store.in(() -> accounts.store("bob", "hash", List.of("user")))).isNotNull();
    assertThat(apply(ann, change(List.of("auditor"), null, null)).account()).isEqualTo(ann);
    List<Runnable> refused =
        List.of(
            () -> accounts.add("eve", ANOTHER, List.of("admin")),
            () -> accounts.store("eve", "hash", List.of("user", "admin")),
            () -> accounts.change(ann.getId(), change(List.of("admin"), null, null)),
            () -> accounts.change(root.getId(), change(null, null, ANOTHER)),
            () -> accounts.apply(root.getId(), change(null, false, null), null),
            () -> accounts.apply(ann.getId(), change(List.of("admin"), null, null), null),
            () -> accounts.delete(root.getId()));
    for (Runnable deed : refused) {
      refuses(Problem.FORBIDDEN, deed);
    }
    assertThat(beans.denials).hasSize(refused.size());
    assertThat(beans.denials)
        .contains(
            new DeniedAction("user.create", null, "eve"),
            new DeniedAction("user.update", root.getId(), "root"),
            new DeniedAction("user.delete", root.getId(), "root"));
    beans.store.during(() -> accounts.delete(ann.getId()));
  }

  @Test
  void whoHasNoPowerOverAccountsChangesNone() {
    Account ann = beans.account("ann", "user");
    beans.actsInPerson(ann);

    refuses(Problem.FORBIDDEN, () -> accounts.add("eve", ANOTHER, List.of("user")));
    refuses(Problem.FORBIDDEN, () -> accounts.store("eve", "hash", List.of("user")));
    refuses(Problem.FORBIDDEN, () -> accounts.change(ann.getId(), change(null, true, null)));
    refuses(Problem.FORBIDDEN, () -> accounts.apply(ann.getId(), change(null, true, null), null));
    refuses(Problem.FORBIDDEN, () -> accounts.delete(ann.getId()));
  }

  @Test
  void peopleChangeTheirOwnPasswordWithTheOldOne() {
    Account ann = beans.actsInPerson(beans.account("ann", "user"));

    refuses(
        Problem.WRONG_PASSWORD,
        () -> accounts.changeOwnPassword(ann.getId(), Secret.of("wrong wrong wrong"), ANOTHER));
    assertThat(beans.log.lines()).containsExactly("ann user.password failure");
    refuses(
        Problem.WEAK_PASSWORD,
        () ->
            accounts.changeOwnPassword(
                ann.getId(), SecurityBeans.PASSWORD, Secret.of("12345678901234")));
    assertThat(accounts.get(ann.getId()).accepts(SecurityBeans.PASSWORD)).isTrue();

    beans.store.during(
        () -> accounts.changeOwnPassword(ann.getId(), SecurityBeans.PASSWORD, ANOTHER));

    assertThat(accounts.get(ann.getId()).accepts(ANOTHER)).isTrue();
    assertThat(beans.changedAccounts).containsExactly(new AccountChanged(ann.getId()));
    assertThat(beans.lastDeed()).startsWith("done user.password").contains("password");
  }

  @Test
  void theFirstAccountIsAnAdministratorAndThereIsOneFirst() {
    assertThat(accounts.isEmpty()).isFalse();
    refuses(Problem.NOT_FOUND, () -> accounts.addFirst("again", ANOTHER));
    assertThat(accounts.all()).containsExactly(root);

    try (SecurityBeans fresh = new SecurityBeans()) {
      assertThat(fresh.accounts.isEmpty()).isTrue();
      Account first = fresh.store.in(() -> fresh.accounts.addFirst("first", ANOTHER));
      assertThat(first.isAdmin()).isTrue();
      assertThat(fresh.accounts.isEmpty()).isFalse();
      assertThat(fresh.lastDeed()).startsWith("done setup.complete").contains("first");
    }
  }
}
