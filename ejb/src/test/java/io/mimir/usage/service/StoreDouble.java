package io.mimir.usage.service;

import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import jakarta.ejb.EJBException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A table in memory, that fails as databases do: before a batch is in, or after. */
class StoreDouble extends UsageStore {

  /** What becomes of a batch. */
  enum Fate {
    WRITTEN,
    REFUSED,
    WRITTEN_BUT_NOT_ANSWERED
  }

  final Map<UsageCell, Usage> table = new HashMap<>();
  final List<Integer> sizes = new ArrayList<>();
  Map<String, Long> tokens = Map.of();
  Instant tokensFrom;
  Fate fate = Fate.WRITTEN;
  private final Map<String, Long> writers = new HashMap<>();

  @Override
  public void add(String writer, long number, List<Usage> batch) {
    sizes.add(batch.size());
    if (fate == Fate.REFUSED) {
      throw new EJBException("down");
    }
    if (writers.getOrDefault(writer, 0L) < number) {
      writers.put(writer, number);
      batch.forEach(usage -> table.merge(usage.cell(), usage, Usage::plus));
    }
    if (fate == Fate.WRITTEN_BUT_NOT_ANSWERED) {
      throw new EJBException("no answer to the commit");
    }
  }

  @Override
  public Map<String, Long> tokensSince(Instant from) {
    tokensFrom = from;
    return tokens;
  }

  /** All rows together. */
  Usage total() {
    return table.values().stream().reduce(Usage.none(UsageCell.TOTAL), Usage::plus);
  }
}
