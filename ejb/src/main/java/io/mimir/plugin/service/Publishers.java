package io.mimir.plugin.service;

import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Facts;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.plugin.PluginPublisher;
import io.mimir.plugin.kit.trust.KeyException;
import io.mimir.plugin.kit.trust.KeyKind;
import io.mimir.plugin.kit.trust.Publisher;
import io.mimir.plugin.kit.trust.PublisherKey;
import io.mimir.security.Role;
import io.mimir.security.service.Authority;
import jakarta.annotation.Resource;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Whose signatures count. What they sign runs as native code, so that a change here takes a
 * password that was entered just now (T70).
 */
@Stateless
@RolesAllowed(Role.ADMIN)
public class Publishers {

  private static final int MAX_NAME_CHARS = 100;

  @PersistenceContext EntityManager em;
  @Inject Event<AuditedAction> actions;
  @Inject Authority authority;
  @Resource SessionContext session;

  /**
   * Somebody to be trusted.
   *
   * @param kind gpg, minisign, ssh or ed25519; null to find out from the key
   * @param publicKey as its tool prints it
   * @param namePattern which plugins it may sign, such as {@code acme-*}
   * @param validFrom null for always
   * @param validUntil null for ever
   */
  public record NewPublisher(
      String name,
      String kind,
      String publicKey,
      String namePattern,
      Instant validFrom,
      Instant validUntil) {}

  /** Newest first. */
  @TransactionAttribute(SUPPORTS)
  public List<PluginPublisher> all() {
    return em.createNamedQuery(PluginPublisher.ALL, PluginPublisher.class).getResultList();
  }

  /**
   * @throws ProblemException with every field that is wrong; NAME_TAKEN for a name or a key that is
   *     there already
   */
  public PluginPublisher add(NewPublisher wish) {
    authority.requirePassword("publisher.create", null, wish.name());
    AuditedAction deed = AuditedAction.of("publisher.create").on(null, wish.name());
    actions.fire(deed);
    PublisherKey key = checked(wish);
    for (PluginPublisher other : all()) {
      if (other.getName().equals(wish.name().strip())
          || other.getFingerprint().equals(key.fingerprint())) {
        throw ProblemException.of(
            Problem.NAME_TAKEN,
            other.getName().equals(wish.name().strip()) ? "name" : "public_key",
            "name_taken",
            "There is already a publisher of this name or with this key");
      }
    }
    PluginPublisher publisher =
        new PluginPublisher(
            wish.name().strip(),
            key.kind().wire(),
            key.text(),
            key.fingerprint(),
            session.getCallerPrincipal().getName(),
            Instant.now());
    publisher.bound(wish.namePattern(), wish.validFrom(), wish.validUntil());
    em.persist(publisher);
    em.flush();
    actions.fire(
        deed.on(publisher.getId(), publisher.getName())
            .done(Facts.between(new Facts(), PluginFacts.of(publisher))));
    return publisher;
  }

  private static PublisherKey checked(NewPublisher wish) {
    List<FieldError> wrong = new ArrayList<>();
    String name = wish.name() == null ? "" : wish.name().strip();
    if (name.isEmpty()
        || name.length() > MAX_NAME_CHARS
        || name.codePoints().anyMatch(Character::isISOControl)) {
      wrong.add(new FieldError("name", "invalid", "Use 1 to 100 characters in one line"));
    }
    if (!Publisher.isNamePattern(wish.namePattern())) {
      wrong.add(
          new FieldError(
              "name_pattern", "invalid", "Say which plugins it may sign, such as acme-*"));
    }
    if (wish.validFrom() != null
        && wish.validUntil() != null
        && !wish.validFrom().isBefore(wish.validUntil())) {
      wrong.add(new FieldError("valid_until", "invalid", "This has to be after valid_from"));
    }
    PublisherKey key = null;
    try {
      key = parse(wish);
    } catch (KeyException e) {
      wrong.add(new FieldError("public_key", "invalid", e.getMessage()));
    }
    if (!wrong.isEmpty()) {
      throw ProblemException.of(Problem.REFUSED, wrong);
    }
    return key;
  }

  private static PublisherKey parse(NewPublisher wish) throws KeyException {
    String text = wish.publicKey() == null ? "" : wish.publicKey();
    if (wish.kind() == null || wish.kind().isBlank()) {
      return PublisherKey.parse(text);
    }
    KeyKind kind =
        KeyKind.of(wish.kind())
            .orElseThrow(
                () ->
                    ProblemException.of(
                        Problem.REFUSED,
                        "kind",
                        "invalid",
                        "The kind is gpg, minisign, ssh or ed25519"));
    return PublisherKey.parse(kind, text);
  }

  /** From now on nothing that this publisher signed is started; what runs goes on until then. */
  public PluginPublisher revoke(String id) {
    PluginPublisher publisher = em.find(PluginPublisher.class, id);
    String name = publisher == null ? null : publisher.getName();
    authority.requirePassword("publisher.revoke", id, name);
    AuditedAction deed = AuditedAction.of("publisher.revoke").on(id, name);
    actions.fire(deed);
    if (publisher == null) {
      throw ProblemException.notFound("publisher");
    }
    Facts before = PluginFacts.of(publisher);
    publisher.revoke(Instant.now());
    em.flush();
    actions.fire(deed.done(Facts.between(before, PluginFacts.of(publisher))));
    return publisher;
  }
}
