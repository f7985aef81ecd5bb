package io.mimir.plugin.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.plugin.PluginPublisher;
import io.mimir.plugin.service.Publishers;
import io.mimir.web.Problems;
import io.mimir.web.Texts;
import jakarta.annotation.PostConstruct;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.primefaces.PrimeFaces;

/** Backs the publishers of {@code settings/plugins.xhtml}: whose signatures count. */
@Named
@ViewScoped
public class PublishersBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient Publishers publishers;
  @Inject Problems problems;

  private transient List<Row> all;
  private transient Row chosen;
  private String name;
  private String namePattern;
  private String publicKey;
  private String validUntil;

  /** A publisher as the list shows it. */
  public record Row(
      String id,
      String name,
      String kind,
      String fingerprint,
      String namePattern,
      Instant validFrom,
      Instant validUntil,
      Instant revokedAt) {

    static Row of(PluginPublisher publisher) {
      return new Row(
          publisher.getId(),
          publisher.getName(),
          publisher.getKind(),
          publisher.getFingerprint(),
          publisher.getNamePattern(),
          publisher.getValidFrom(),
          publisher.getValidUntil(),
          publisher.getRevokedAt());
    }

    /** {@code active}, {@code expired}, {@code early} or {@code revoked}. */
    public String getState() {
      Instant now = Instant.now();
      if (revokedAt != null) {
        return "revoked";
      }
      if (validUntil != null && !now.isBefore(validUntil)) {
        return "expired";
      }
      return validFrom != null && now.isBefore(validFrom) ? "early" : "active";
    }
  }

  @PostConstruct
  void load() {
    all = problems.attempt(() -> publishers.all().stream().map(Row::of).toList());
  }

  /** Reads the list again. */
  public void refresh() {
    load();
  }

  /** Empties the form for a new publisher. */
  public void add() {
    name = null;
    namePattern = null;
    publicKey = null;
    validUntil = null;
  }

  /** Keeps what the form holds. */
  public void save() {
    PluginPublisher saved =
        problems.attempt(
            () ->
                publishers.add(
                    new Publishers.NewPublisher(
                        name, null, publicKey, namePattern, null, endOf(validUntil))));
    PrimeFaces.current().ajax().addCallbackParam("done", saved != null && problems.isNone());
    if (saved != null) {
      problems.done("publishers.added", saved.getName());
      load();
    }
  }

  /** The day itself is in. */
  private static Instant endOf(String day) {
    if (day == null || day.isBlank()) {
      return null;
    }
    try {
      return LocalDate.parse(day.strip()).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeParseException e) {
      throw ProblemException.of(Problem.REFUSED, "valid_until", "invalid", Texts.of("audit.day"));
    }
  }

  public void choose(Row publisher) {
    chosen = publisher;
  }

  public void revoke() {
    PluginPublisher revoked = problems.attempt(() -> publishers.revoke(chosen.id()));
    PrimeFaces.current().ajax().addCallbackParam("done", revoked != null);
    if (revoked != null) {
      problems.done("publishers.revoked", chosen.name());
    }
    load();
  }

  public boolean isBroken() {
    return all == null;
  }

  public List<Row> getPublishers() {
    return all == null ? List.of() : all;
  }

  public Row getChosen() {
    return chosen;
  }

  public String getName() {
    return name;
  }

  public void setName(String name) {
    this.name = name;
  }

  public String getNamePattern() {
    return namePattern;
  }

  public void setNamePattern(String namePattern) {
    this.namePattern = namePattern;
  }

  public String getPublicKey() {
    return publicKey;
  }

  public void setPublicKey(String publicKey) {
    this.publicKey = publicKey;
  }

  public String getValidUntil() {
    return validUntil;
  }

  public void setValidUntil(String validUntil) {
    this.validUntil = validUntil;
  }
}
