package io.mimir.gateway.service;

import io.mimir.gateway.ObjectKind;
import io.mimir.gateway.ProviderObject;
import jakarta.ejb.EJBException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The table in memory, with a database that can be away. */
final class ObjectStoreDouble extends ProviderObjectStore {

  private final Set<ProviderObject> rows = ConcurrentHashMap.newKeySet();
  private final List<Integer> writes = new CopyOnWriteArrayList<>();
  private volatile boolean failing;

  void fail(boolean now) {
    failing = now;
  }

  Set<ProviderObject> rows() {
    return rows;
  }

  int writes() {
    return writes.size();
  }

  private void check() {
    if (failing) {
      throw new EJBException("The database is away");
    }
  }

  @Override
  public void add(Collection<ProviderObject> objects) {
    check();
    writes.add(objects.size());
    rows.addAll(objects);
  }

  @Override
  public List<ProviderObject> find(String idHash) {
    check();
    return rows.stream().filter(row -> row.idHash().equals(idHash)).toList();
  }

  @Override
  public Map<String, Set<String>> owned(String accountId, ObjectKind kind) {
    check();
    Map<String, Set<String>> owned = new HashMap<>();
    for (ProviderObject row : rows) {
      if (row.accountId().equals(accountId) && row.kind() == kind) {
        owned.computeIfAbsent(row.keyId(), key -> new HashSet<>()).add(row.idHash());
      }
    }
    return owned;
  }

  @Override
  public void remove(String idHash, String accountId) {
    check();
    rows.removeIf(row -> row.idHash().equals(idHash) && row.accountId().equals(accountId));
  }

  @Override
  public int purge(ObjectKind kind, Instant before) {
    check();
    int size = rows.size();
    rows.removeIf(row -> row.kind() == kind && row.createdAt().isBefore(before));
    return size - rows.size();
  }
}
