package io.mimir.credential.web;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsLast;
import static java.util.Comparator.reverseOrder;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.KeyStatus;
import io.mimir.credential.LastTest;
import io.mimir.credential.service.ApiKeys;
import io.mimir.credential.service.KeyStatusReader;
import io.mimir.credential.service.KeyTests;
import io.mimir.credential.service.RotationTrials;
import io.mimir.llm.Provider;
import io.mimir.web.ETags;
import io.mimir.web.Problems;
import io.mimir.web.Sentences;
import io.mimir.web.Texts;
import jakarta.annotation.PostConstruct;
import jakarta.ejb.EJB;
import jakarta.faces.application.FacesMessage;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Backs {@code settings/api-keys.xhtml}: the list, its filters, and what a row can do. */
@Named
@ViewScoped
public class ApiKeysBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient ApiKeys keys;
  @EJB transient KeyTests tests;
  @Inject KeyStatusReader statuses;
  @Inject RotationTrials trials;
  @Inject Problems problems;

  private transient List<KeyRow> all;
  private transient List<Group> groups;
  private transient List<KeyRow> deleted;
  private transient KeyRow chosen;
  private transient LastTest verdict;
  private String search = "";
  private String status = "";
  private String sort = Order.NAME.name();

  /** The keys of one provider. */
  public record Group(Provider provider, List<KeyRow> keys) {}

  /** How the keys of a group are sorted. */
  public enum Order {
    NAME(comparing(key -> key.name().toLowerCase(Locale.ROOT))),
    NEWEST(comparing(KeyRow::createdAt, reverseOrder())),
    USED(comparing(KeyRow::lastUsedAt, nullsLast(reverseOrder()))),
    STATUS(comparing(KeyRow::status, naturalOrder()));

    private final transient Comparator<KeyRow> comparator;

    Order(Comparator<KeyRow> comparator) {
      this.comparator = comparator;
    }
  }

  @PostConstruct
  void load() {
    all = problems.attempt(() -> rows(keys.all()));
    deleted = problems.attempt(() -> rows(keys.deleted()));
    filter();
  }

  private List<KeyRow> rows(List<ApiKey> found) {
    return found.stream().map(key -> KeyRow.of(key, statuses, trials)).toList();
  }

  /** Reads the list again. */
  public void refresh() {
    load();
  }

  /** Applies search, status and sort. */
  public void filter() {
    if (all == null) {
      groups = List.of();
      return;
    }
    KeyStatus wanted = status == null || status.isEmpty() ? null : KeyStatus.valueOf(status);
    groups =
        Provider.all().stream()
            .map(provider -> new Group(provider, rows(provider, wanted)))
            .filter(group -> !group.keys().isEmpty())
            .toList();
  }

  private List<KeyRow> rows(Provider provider, KeyStatus wanted) {
    return all.stream()
        .filter(key -> key.provider() == provider)
        .filter(key -> key.matches(search == null ? "" : search, wanted))
        .sorted(Order.valueOf(sort).comparator)
        .toList();
  }

  public void clearFilter() {
    search = "";
    status = "";
    filter();
  }

  /** Tests a stored key; the verdict is told, and shown in the row. */
  public void test(KeyRow key) {
    show(key, problems.attemptAloud(() -> tests.test(key.id())));
  }

  /** Asks a model of a stored key one question, which costs tokens. */
  public void ask(KeyRow key) {
    show(key, problems.attemptAloud(() -> tests.ask(key.id())));
  }

  private void show(KeyRow key, LastTest test) {
    verdict = test;
    chosen = key;
    if (verdict != null) {
      tell(verdict, key.name());
    }
    load();
  }

  private void tell(LastTest test, String name) {
    problems.tell(
        test.success()
            ? FacesMessage.SEVERITY_INFO
            : test.isConclusive() ? FacesMessage.SEVERITY_ERROR : FacesMessage.SEVERITY_WARN,
        test.success()
            ? Texts.of("keys.test.works", name, test.latencyMs(), test.models().size())
            : Texts.of("keys.test.fails", name, Sentences.said(test.message())));
  }

  public boolean isJustTested(KeyRow key) {
    return verdict != null && chosen != null && chosen.id().equals(key.id());
  }

  public LastTest getVerdict() {
    return verdict;
  }

  /** Enables a disabled key and the other way round. */
  public void toggle(KeyRow key) {
    verdict = null;
    problems.attemptAloud(
        () -> {
          keys.change(key.id(), KeyDraft.NONE.withActive(!key.active()), ETags.only(key.version()));
          problems.done(key.active() ? "keys.disabled" : "keys.enabled", key.name());
          return true;
        });
    load();
  }

  public List<Group> getGroups() {
    return groups;
  }

  List<KeyRow> getAll() {
    return all == null ? List.of() : all;
  }

  public List<KeyRow> getDeleted() {
    return deleted == null ? List.of() : deleted;
  }

  /** Whether the list could not be read. */
  public boolean isBroken() {
    return all == null;
  }

  public boolean isNothingYet() {
    return all != null && all.isEmpty();
  }

  public boolean isNothingFound() {
    return all != null && !all.isEmpty() && groups.isEmpty();
  }

  public KeyStatus[] getStatuses() {
    return KeyStatus.values();
  }

  public Order[] getOrders() {
    return Order.values();
  }

  public String getSearch() {
    return search;
  }

  public void setSearch(String search) {
    this.search = search;
  }

  public String getStatus() {
    return status;
  }

  public void setStatus(String status) {
    this.status = status;
  }

  public String getSort() {
    return sort;
  }

  public void setSort(String sort) {
    this.sort = sort;
  }
}
