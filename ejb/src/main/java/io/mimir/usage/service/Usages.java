package io.mimir.usage.service;

import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.security.Role;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageQuery;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.inject.Inject;
import java.util.List;
import java.util.TreeMap;

/** What was used, for administrators and auditors. What memory has yet to write is included. */
@Stateless
@RolesAllowed({Role.ADMIN, Role.AUDITOR})
public class Usages {

  @EJB UsageStore store;
  @Inject UsageMeter meter;

  /**
   * In the order of {@link UsageCell#ORDER}, each cell once.
   *
   * @param after the cell that the page before ended with, or null for the first page
   * @param limit the most rows
   */
  @TransactionAttribute(SUPPORTS)
  public List<Usage> find(UsageQuery query, UsageCell after, int limit) {
    return meter.besideUnwritten(
        unwritten -> merge(store.find(query, after, limit), unwritten, query, after, limit));
  }

  /**
   * The database gives the first rows of what it has: no row that it kept back comes before them,
   * so the first rows of both together are complete.
   */
  static List<Usage> merge(
      List<Usage> stored, List<Usage> unwritten, UsageQuery query, UsageCell after, int limit) {
    TreeMap<UsageCell, Usage> sums = new TreeMap<>(UsageCell.ORDER);
    stored.forEach(usage -> sums.put(usage.cell(), usage));
    for (Usage usage : unwritten) {
      UsageCell cell = usage.cell().groupedBy(query.group());
      if (query.covers(usage.cell())
          && (after == null || UsageCell.ORDER.compare(cell, after) > 0)) {
        sums.merge(cell, usage.in(cell), Usage::plus);
      }
    }
    return sums.values().stream().limit(limit).toList();
  }
}
