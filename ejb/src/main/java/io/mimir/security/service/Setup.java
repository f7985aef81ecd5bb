package io.mimir.security.service;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.error.ProblemException;
import io.mimir.id.Ids;
import io.mimir.security.Account;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.storage.service.DataFolder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;

/**
 * The way to the first administrator: a link that is shown on the terminal and lies in a file that
 * only the owner of the data folder can read. It works once and for a day; as long as there is no
 * account, each start makes a new one.
 */
@ApplicationScoped
public class Setup {

  private static final System.Logger LOG = System.getLogger(Setup.class.getName());
  private static final String FILE = "setup-link";
  private static final Duration LIFE = Duration.ofHours(24);

  /** 43 characters of base62 carry 256 bits. */
  private static final int TOKEN_LENGTH = 43;

  @Inject Accounts accounts;
  @Inject Vault vault;
  @Inject DataFolder folder;

  private byte[] tokenHash;
  private Instant expiresAt;

  /**
   * Called by the start: makes the administrator that the settings name, or the link; does nothing
   * once there is an account.
   */
  public synchronized void prepare(SetupWish wish) throws IOException {
    if (!accounts.isEmpty()) {
      Files.deleteIfExists(folder.file(FILE));
      return;
    }
    if (wish.username().isPresent() && wish.password().isPresent()) {
      accounts.addFirst(wish.username().get(), wish.password().get());
      Files.deleteIfExists(folder.file(FILE));
      LOG.log(INFO, "The administrator of MIMIR_ADMIN_USER was created");
      return;
    }
    String token = Ids.base62(TOKEN_LENGTH);
    tokenHash = vault.mac("setup", Secret.of(token));
    expiresAt = Instant.now().plus(LIFE);
    folder.writePrivately(FILE, wish.publicUrl() + "/setup#token=" + token + "\n");
  }

  /** Whether somebody may still set Mimir up. */
  public synchronized boolean isOpen() {
    return tokenHash != null && Instant.now().isBefore(expiresAt);
  }

  /**
   * Makes the first administrator.
   *
   * @throws ProblemException NOT_FOUND when the link was used, is too old, or is another one
   */
  public synchronized Account complete(Secret token, String username, Secret password) {
    if (!isOpen() || !MessageDigest.isEqual(tokenHash, vault.mac("setup", token))) {
      throw new ProblemException(
          io.mimir.error.Problem.NOT_FOUND,
          "This setup link is not valid any more: restart Mimir for a new one, or sign in");
    }
    Account account = accounts.addFirst(username, password);
    tokenHash = null;
    try {
      Files.deleteIfExists(folder.file(FILE));
    } catch (IOException e) {
      LOG.log(WARNING, "The used setup link could not be removed from the data folder");
    }
    return account;
  }
}
