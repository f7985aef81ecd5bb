package io.mimir.security.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.AccessToken;
import io.mimir.security.AccessTokenText;
import io.mimir.security.Account;
import io.mimir.security.Secret;
import io.mimir.storage.service.TestSchedulers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SignInTest {

  private static final Secret WRONG = Secret.of("not the password at all");

  private final SecurityBeans beans = new SecurityBeans();
  private final TestSchedulers.Kept scheduler = new TestSchedulers.Kept();
  private final SignIn signIn = beans.signIn;
  private final Account ann = beans.account("Ann", "user");

  @BeforeEach
  void schedule() {
    signIn.scheduler = scheduler.managed();
  }

  @AfterEach
  void close() {
    beans.close();
  }

  private static void refuses(Problem problem, Runnable deed) {
    assertThatThrownBy(deed::run)
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  private Identity basic(Secret password) {
    return signIn.withBasic("ann", password, SecurityBeans.ADDRESS);
  }

  /** Whoever looks at it from now on fails. */
  private void makeThePasswordUnreadable() {
    beans.store.during(
        () -> {
          Account stored = beans.store.em().find(Account.class, ann.getId());
          stored.changePassword("unreadable", stored.getPasswordChangedAt());
        });
  }

  private void disable() {
    beans.store.during(
        () -> beans.store.em().find(Account.class, ann.getId()).setActive(false, Instant.now()));
  }

  private void delete(AccessToken token) {
    beans.store.during(
        () -> beans.store.em().remove(beans.store.em().find(AccessToken.class, token.getId())));
  }

  @Test
  void theRightPasswordLetsInAndAWrongOneIsWrittenDown() {
    Identity in = signIn.withPassword("ANN", SecurityBeans.PASSWORD, SecurityBeans.ADDRESS);

    assertThat(in.accountId()).isEqualTo(ann.getId());
    assertThat(in.isPerson()).isTrue();
    refuses(
        Problem.UNAUTHENTICATED, () -> signIn.withPassword("ann", WRONG, SecurityBeans.ADDRESS));
    refuses(
        Problem.UNAUTHENTICATED,
        () -> signIn.withPassword("sk-typed-here", WRONG, SecurityBeans.ADDRESS));
    disable();
    refuses(
        Problem.UNAUTHENTICATED,
        () -> signIn.withPassword("ann", SecurityBeans.PASSWORD, SecurityBeans.ADDRESS));
    assertThat(beans.log.lines())
        .containsExactly("Ann login failure", "unknown login failure", "Ann login failure");
  }

  @Test
  void afterFiveWrongOnesTheRightOneWaitsToo() {
    for (int i = 0; i < 5; i++) {
      refuses(Problem.UNAUTHENTICATED, () -> basic(WRONG));
    }

    assertThatThrownBy(() -> basic(SecurityBeans.PASSWORD))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(Problem.LOCKED_OUT);
              assertThat(e.retryAfter().orElseThrow())
                  .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30));
              assertThat(e.getMessage()).containsPattern("wait (2[0-9]|30) seconds");
            });
    refuses(Problem.LOCKED_OUT, () -> basic(WRONG));
    assertThat(beans.log.lines().stream().filter("Ann login denied"::equals)).hasSize(1);
    assertThat(signIn.withBasic("ann", SecurityBeans.PASSWORD, "198.51.100.7")).isNotNull();
  }

  @Test
  void aRightOneForgetsTheWrongOnesBeforeIt() {
    for (int i = 0; i < 8; i++) {
      refuses(Problem.UNAUTHENTICATED, () -> basic(WRONG));
      assertThat(signIn.withPassword("ann", SecurityBeans.PASSWORD, SecurityBeans.ADDRESS))
          .isNotNull();
    }
  }

  @Test
  void whoEntersThePasswordAgainIsThePersonWhoIsSignedIn() {
    Identity in = signIn.withPassword("ann", SecurityBeans.PASSWORD, SecurityBeans.ADDRESS);

    signIn.confirm(in, SecurityBeans.PASSWORD, SecurityBeans.ADDRESS);

    assertThat(beans.log.lines()).containsExactly("Ann session.password success");
    refuses(Problem.WRONG_PASSWORD, () -> signIn.confirm(in, WRONG, SecurityBeans.ADDRESS));
    // Another account of that name: the one of the session is gone.
    Identity former =
        new Identity(
            "usr_former",
            "ann",
            in.groups(),
            in.roles(),
            in.credentialsSince(),
            null,
            List.of(),
            null);
    refuses(
        Problem.WRONG_PASSWORD,
        () -> signIn.confirm(former, SecurityBeans.PASSWORD, SecurityBeans.ADDRESS));
    assertThat(beans.log.lines()).endsWith("Ann session.password failure");
  }

  @Test
  void aProgramWithAPasswordIsRememberedForAMinuteAndNoOtherPasswordIs() {
    Identity in = basic(SecurityBeans.PASSWORD);
    makeThePasswordUnreadable();

    beans.clock.forward(Duration.ofSeconds(59));
    assertThat(basic(SecurityBeans.PASSWORD).accountId()).isEqualTo(in.accountId());
    beans.clock.forward(Duration.ofSeconds(1));
    assertThatThrownBy(() -> basic(SecurityBeans.PASSWORD))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> basic(WRONG)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aChangedPasswordIsNotRemembered() {
    basic(SecurityBeans.PASSWORD);
    beans.store.during(
        () ->
            beans
                .store
                .em()
                .find(Account.class, ann.getId())
                .changePassword("unreadable", Instant.now().plusSeconds(1)));

    beans.clock.forward(Duration.ofSeconds(6));

    assertThatThrownBy(() -> basic(SecurityBeans.PASSWORD))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** T70: what another node changed counts within five seconds, what this one changed at once. */
  @Test
  void aDisabledAccountIsOutWithinFiveSecondsAndAtOnceWhenItWasDoneHere() {
    assertThat(signIn.account(ann.getId())).isPresent();
    disable();

    beans.clock.forward(Duration.ofMillis(4999));
    assertThat(signIn.account(ann.getId())).isPresent();
    signIn.forget(new AccountChanged("usr_another"));
    assertThat(signIn.account(ann.getId())).isPresent();
    signIn.forget(new AccountChanged(ann.getId()));
    assertThat(signIn.account(ann.getId())).isEmpty();
    assertThat(signIn.account("usr_nobody")).isEmpty();
  }

  @Test
  void aDisabledAccountIsOutAfterFiveSeconds() {
    basic(SecurityBeans.PASSWORD);
    assertThat(signIn.account(ann.getId())).isPresent();
    disable();

    beans.clock.forward(Duration.ofSeconds(5));

    assertThat(signIn.account(ann.getId())).isEmpty();
    refuses(Problem.UNAUTHENTICATED, () -> basic(SecurityBeans.PASSWORD));
  }

  @Test
  void anAccountThatChangedHerePaysForItsPasswordAgain() {
    basic(SecurityBeans.PASSWORD);
    makeThePasswordUnreadable();
    signIn.forget(new AccountChanged("usr_another"));
    assertThat(basic(SecurityBeans.PASSWORD)).isNotNull();

    signIn.forget(new AccountChanged(ann.getId()));

    assertThatThrownBy(() -> basic(SecurityBeans.PASSWORD))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTokenLetsInWhoeverShowsItAndItsUseIsKnown() {
    AccessTokens.Issued issued = beans.issue(ann, "one", "gateway");

    Identity in = signIn.withToken(issued.text()).orElseThrow();

    assertThat(in.tokenId()).isEqualTo(issued.token().getId());
    assertThat(in.isPerson()).isFalse();
    assertThat(in.groups()).containsExactly("scope:gateway");
    assertThat(signIn.lastUse(in.tokenId())).contains(beans.clock.instant());
    assertThat(signIn.lastUse("tok_none")).isEmpty();
    assertThat(signIn.withToken(Secret.of("mimir_short"))).isEmpty();
    assertThat(signIn.withToken(AccessTokenText.generate())).isEmpty();
  }

  @Test
  void aTokenEndsAtItsTimeAlsoWhileItIsRemembered() {
    Instant end = beans.clock.instant().plusSeconds(3);
    AccessTokens.Issued issued =
        beans.issue(ann, new AccessToken.Wish("one", List.of("gateway"), end, null, null, null));
    assertThat(signIn.withToken(issued.text())).isPresent();

    beans.clock.forward(Duration.ofSeconds(3));

    assertThat(signIn.withToken(issued.text())).isEmpty();
  }

  @Test
  void aRememberedTokenIsReadAgainBeforeFiveSecondsAreOverAndOnce() {
    AccessTokens.Issued issued = beans.issue(ann, "one", "gateway");
    assertThat(signIn.withToken(issued.text())).isPresent();
    beans.clock.forward(Duration.ofSeconds(4));
    assertThat(signIn.withToken(issued.text())).isPresent();
    assertThat(scheduler.tasks()).isEmpty();
    delete(issued.token());

    beans.clock.forward(Duration.ofMillis(1));
    assertThat(signIn.withToken(issued.text())).isPresent();
    assertThat(signIn.withToken(issued.text())).isPresent();
    assertThat(scheduler.tasks()).hasSize(1);

    scheduler.runAll();
    assertThat(signIn.withToken(issued.text())).isEmpty();
  }

  @Test
  void aTokenThatCannotBeReadAgainIsAskedForByTheNextCall() {
    AccessTokens.Issued issued = beans.issue(ann, "one", "gateway");
    signIn.withToken(issued.text());
    beans.clock.forward(Duration.ofSeconds(4).plusMillis(1));
    signIn.withToken(issued.text());
    AccessTokens whole = signIn.tokens;
    signIn.tokens =
        new AccessTokens() {
          @Override
          public Optional<AccessToken> find(String hash) {
            throw new jakarta.persistence.PersistenceException("the disk is gone");
          }
        };

    scheduler.runAll();

    assertThat(signIn.withToken(issued.text())).isPresent();
    signIn.tokens = whole;
    delete(issued.token());
    beans.clock.forward(Duration.ofSeconds(1));
    assertThat(signIn.withToken(issued.text())).isEmpty();
  }

  @Test
  void whatWasRevokedHereIsOutAtOnceAndSoIsWhatItMade() {
    AccessTokens.Issued parent = beans.issue(ann, "parent", "gateway");
    beans.actsWith(parent.token());
    AccessTokens.Issued child = beans.issue(ann, "child", "gateway");
    beans.actsInPerson(ann);
    AccessTokens.Issued other = beans.issue(ann, "other", "gateway");
    for (AccessTokens.Issued each : List.of(parent, child, other)) {
      assertThat(signIn.withToken(each.text())).isPresent();
    }
    beans.store.during(() -> beans.tokens.revoke(parent.token().getId()));

    signIn.forget(new AccessTokenRevoked(parent.token().getId()));

    assertThat(signIn.withToken(parent.text())).isEmpty();
    assertThat(signIn.withToken(child.text())).isEmpty();
    assertThat(signIn.withToken(other.text())).isPresent();
    delete(other.token());
    signIn.forget(new AccountChanged("usr_another"));
    assertThat(signIn.withToken(other.text())).isPresent();
    signIn.forget(new AccountChanged(ann.getId()));
    assertThat(signIn.withToken(other.text())).isEmpty();
  }
}
