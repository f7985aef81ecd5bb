package io.mimir.usage.service;

import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.security.Role;
import io.mimir.security.service.Identity;
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

/**
 * The usage that a caller may see: administrators and auditors all of it, others their own. What
 * memory has yet to write is included.
 */
@Stateless
@RolesAllowed({Role.ADMIN, Role.AUDITOR, Role.PERSON})
public class Usages {

  @EJB UsageStore store;
  @Inject UsageMeter meter;

  /** Returns whether a caller sees the usage of everybody. */
  public static boolean seesAll(Identity caller) {
    return caller.groups().contains(Role.ADMIN) || caller.groups().contains(Role.AUDITOR);
  }

  /**
   * Returns sums in the order of {@link UsageCell#ORDER}, each cell once.
   *
   * @param after the cell that the page before ended with, or null for the first page
   * @param limit the most rows
   */
  @TransactionAttribute(SUPPORTS)
  public List<Usage> find(Identity caller, UsageQuery asked, UsageCell after, int limit) {
    UsageQuery query = seesAll(caller) ? asked : asked.ofAccount(caller.accountId());
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
      UsageCell cell = usage.cell().groupedBy(query.groups());
      if (query.covers(usage.cell())
          && (after == null || UsageCell.ORDER.compare(cell, after) > 0)) {
        sums.merge(cell, usage.in(cell), Usage::plus);
      }
    }
    return sums.values().stream().limit(limit).toList();
  }
}
