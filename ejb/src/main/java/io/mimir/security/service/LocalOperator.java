package io.mimir.security.service;

import static java.lang.System.Logger.Level.WARNING;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.id.Ids;
import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.StartException.Exit;
import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.security.Role;
import io.mimir.security.Scope;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.storage.service.DataFolder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whoever can read the data folder of a running server may ask it for what is in that folder
 * anyway: a backup, the audit log, how it is. The {@code mimir} command does, with a token that
 * each start makes anew and writes to a file there, for its owner only: {@code operator.json} with
 * {@code url} and {@code token}.
 */
@ApplicationScoped
public class LocalOperator {

  private static final System.Logger LOG = System.getLogger(LocalOperator.class.getName());

  /** Of the data folder. */
  public static final String FILE = "operator.json";

  /** No account can have this name: it has a space. */
  private static final String NAME = "local operator";

  private static final String PREFIX = "mimir-operator-";

  /** 43 characters of base62 carry 256 bits. */
  private static final int RANDOM_LENGTH = 43;

  @Inject DataFolder folder;
  @Inject Vault vault;

  @Inject OperatorConfig config;

  private volatile byte[] hash;
  private volatile Identity identity;

  void start(@Observes Started started) {
    try (Secret token = Secret.of(PREFIX + Ids.base62(RANDOM_LENGTH))) {
      Set<String> groups = new HashSet<>(Set.of(Role.OPERATOR, Role.AUDITOR));
      groups.addAll(Scope.METRICS.groups());
      identity =
          new Identity(
              NAME, NAME, Set.copyOf(groups), List.of(), Instant.now(), NAME, List.of(), null);
      hash = vault.mac("operator", token);
      folder.writePrivately(
          FILE,
          JsonMapper.builder()
              .build()
              .createObjectNode()
              .put("url", config.url())
              .put("token", token.reveal())
              .toString());
    } catch (IOException e) {
      throw new StartException(
          Exit.FAILED, "The file " + folder.file(FILE) + " cannot be written", e);
    }
  }

  void stop(@Observes Stopping stopping) {
    hash = null;
    try {
      Files.deleteIfExists(folder.file(FILE));
    } catch (IOException e) {
      LOG.log(WARNING, "The file {0} cannot be removed; its token is void", FILE);
    }
  }

  /** Tells who holds the token, if it is this server's. */
  public Optional<Identity> withToken(Secret token) {
    byte[] ours = hash;
    return ours != null
            && token.reveal().startsWith(PREFIX)
            && MessageDigest.isEqual(ours, vault.mac("operator", token))
        ? Optional.of(identity)
        : Optional.empty();
  }
}
