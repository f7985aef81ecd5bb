package io.mimir.security.service;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.DeniedAction;
import io.mimir.audit.service.RequestOrigin;
import io.mimir.audit.service.TestEvents;
import io.mimir.audit.service.TestLog;
import io.mimir.security.AccessToken;
import io.mimir.security.Account;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.storage.service.TestStore;
import io.mimir.usage.service.HandClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** The beans of accounts and tokens on a database, wired as the server wires them. */
final class SecurityBeans implements AutoCloseable {

  static final String ADDRESS = "192.0.2.1";
  static final Secret PASSWORD = Secret.of("correct horse battery staple");

  /** One round in place of 600,000: these tests are about who may do what. */
  private static final String HASH = hash(PASSWORD);

  final TestStore store = TestStore.fresh();
  final Vault vault = TestVaults.fresh();
  final List<AuditedAction> deeds = new ArrayList<>();
  final List<DeniedAction> denials = new ArrayList<>();
  final List<AccountChanged> changedAccounts = new ArrayList<>();
  final List<AccessTokenRevoked> revokedTokens = new ArrayList<>();
  final TestLog log = new TestLog();
  final Authority authority = new Authority();
  final PasswordCheck check = new PasswordCheck();
  final Accounts accounts = new Accounts();
  final AccessTokens tokens = new AccessTokens();
  final SignIn signIn = new SignIn();
  final HandClock clock = new HandClock(Instant.now().toString());
  final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

  SecurityBeans() {
    authority.denials = TestEvents.into(denials);
    check.accounts = accounts;
    check.audit = log;
    accounts.em = store.em();
    accounts.actions = TestEvents.into(deeds);
    accounts.changed = TestEvents.into(changedAccounts);
    accounts.authority = authority;
    accounts.passwords = check;
    accounts.origin = new RequestOrigin();
    accounts.origin.set(ADDRESS, "req_1");
    accounts.tokens = tokens;
    accounts.self = accounts;
    tokens.em = store.em();
    tokens.vault = vault;
    tokens.authority = authority;
    tokens.actions = TestEvents.into(deeds);
    tokens.revoked = TestEvents.into(revokedTokens);
    signIn.accounts = accounts;
    signIn.tokens = tokens;
    signIn.audit = log;
    signIn.check = check;
    signIn.vault = vault;
    signIn.clock = clock;
  }

  private static String hash(Secret password) {
    byte[] salt = new byte[16];
    try {
      byte[] derived =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(new PBEKeySpec(password.reveal().toCharArray(), salt, 1, 256))
              .getEncoded();
      Base64.Encoder encoder = Base64.getEncoder().withoutPadding();
      return "pbkdf2-sha256$1$%s$%s"
          .formatted(encoder.encodeToString(salt), encoder.encodeToString(derived));
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An account whose password is {@link #PASSWORD}. */
  Account account(String name, String... roles) {
    return store.stored(new Account(name, HASH, List.of(roles), Instant.now()));
  }

  /** The caller has entered the password just now. */
  Account actsInPerson(Account account) {
    authority.set(Identity.person(account), true);
    return account;
  }

  void actsWith(AccessToken token) {
    authority.set(Identity.program(token), false);
  }

  AccessTokens.Issued issue(Account owner, String name, String... scopes) {
    return issue(owner, new AccessToken.Wish(name, List.of(scopes), null, null, null, null));
  }

  AccessTokens.Issued issue(Account owner, AccessToken.Wish wish) {
    return store.in(() -> tokens.issue(owner.getId(), wish));
  }

  /** The last thing that was done, as one line; what was begun and not done says so. */
  String lastDeed() {
    AuditedAction last = deeds.get(deeds.size() - 1);
    return "%s %s %s".formatted(last.isDone() ? "done" : "begun", last.action(), last.changes());
  }

  @Override
  public void close() {
    scheduler.shutdownNow();
    store.close();
  }
}
