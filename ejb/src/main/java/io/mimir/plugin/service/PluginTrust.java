package io.mimir.plugin.service;

import static jakarta.ejb.TransactionAttributeType.SUPPORTS;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginFile;
import io.mimir.plugin.PluginPin;
import io.mimir.plugin.PluginPublisher;
import io.mimir.plugin.kit.trust.AllowList;
import io.mimir.plugin.kit.trust.Candidate;
import io.mimir.plugin.kit.trust.KeyException;
import io.mimir.plugin.kit.trust.KeyKind;
import io.mimir.plugin.kit.trust.Publisher;
import io.mimir.plugin.kit.trust.PublisherKey;
import io.mimir.plugin.kit.trust.TrustStore;
import io.mimir.plugin.kit.trust.Verdict;
import jakarta.annotation.security.PermitAll;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Whom and what this server trusts: pins, {@code trusted.sha256} and publishers, read anew each
 * time.
 */
@Stateless
@PermitAll
public class PluginTrust {

  private static final System.Logger LOG = System.getLogger(PluginTrust.class.getName());
  private static final int MAX_LIST_BYTES = 1024 * 1024;

  @PersistenceContext EntityManager em;
  @Inject PluginRegistry registry;

  @TransactionAttribute(SUPPORTS)
  public TrustStore store() {
    List<String> pins =
        em.createNamedQuery(PluginPin.ALL, PluginPin.class)
            .getResultStream()
            .map(PluginPin::getSha256)
            .toList();
    List<Publisher> publishers = new ArrayList<>();
    for (PluginPublisher each :
        em.createNamedQuery(PluginPublisher.ALL, PluginPublisher.class).getResultList()) {
      try {
        publishers.add(
            new Publisher(
                each.getId(),
                each.getName(),
                PublisherKey.parse(KeyKind.of(each.getKind()).orElseThrow(), each.getPublicKey()),
                each.getNamePattern(),
                each.getValidFrom(),
                each.getValidUntil(),
                each.getRevokedAt()));
      } catch (KeyException e) {
        LOG.log(WARNING, "The key of publisher {0} cannot be read any more", each.getId());
      }
    }
    return new TrustStore(allowed().with(pins), publishers);
  }

  /**
   * What is to be said of a stored file now: whoever vouched for it may have been revoked since.
   *
   * @throws IOException when it cannot be read
   */
  @TransactionAttribute(SUPPORTS)
  public Verdict judge(Plugin plugin) throws IOException {
    PluginFile file = plugin.file().orElseThrow();
    byte[] signature =
        file.signature() == null ? null : Base64.getDecoder().decode(file.signature());
    return store()
        .judge(
            registry.store().inside(file.path()),
            new Candidate(plugin.getName(), plugin.getName() + ".so", signature),
            Instant.now());
  }

  private AllowList allowed() {
    Path file = registry.store().folder().resolve("trusted.sha256");
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_LIST_BYTES) {
        return AllowList.EMPTY;
      }
      AllowList list = AllowList.parse(Files.readString(file));
      if (!list.unreadableLines().isEmpty()) {
        LOG.log(WARNING, "trusted.sha256 has lines that mean nothing: {0}", list.unreadableLines());
      }
      return list;
    } catch (IOException e) {
      LOG.log(WARNING, "trusted.sha256 cannot be read: nothing in it counts");
      return AllowList.EMPTY;
    }
  }
}
