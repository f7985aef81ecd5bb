package io.mimir.security.service;

import io.mimir.audit.ChainKeys;
import io.mimir.security.DataKey;
import io.mimir.security.MasterKey;
import io.mimir.security.Vault;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The master keys that the operator has given.
 *
 * @param current wraps what is wrapped from now on
 * @param previous open what was wrapped before
 */
public record MasterKeys(MasterKey current, List<MasterKey> previous) {

  public MasterKeys {
    previous = List.copyOf(previous);
  }

  private Stream<MasterKey> all() {
    return Stream.concat(Stream.of(current), previous.stream());
  }

  /** Returns the id of the master key of the first data key that none of these opens. */
  public Optional<String> foreign(Collection<DataKey> stored) {
    return stored.stream()
        .filter(key -> all().noneMatch(key::opensWith))
        .map(DataKey::masterKeyId)
        .findFirst();
  }

  /**
   * Wraps with the current key what a previous one wrapped; nothing that these seal changes.
   *
   * @return what is wrapped anew
   */
  public List<DataKey> rewrap(Collection<DataKey> stored) {
    List<DataKey> changed = new ArrayList<>();
    for (DataKey key : stored) {
      if (!key.opensWith(current)) {
        key.rewrap(previous.stream().filter(key::opensWith).findFirst().orElseThrow(), current);
        changed.add(key);
      }
    }
    return changed;
  }

  /**
   * The vault of data keys that these master keys open.
   *
   * @throws IllegalArgumentException when there is not one of each purpose
   */
  public Vault vault(List<DataKey> stored) {
    rewrap(stored);
    return new Vault(current, stored);
  }

  /**
   * The keys of the audit chain among data keys that these master keys open.
   *
   * @throws IllegalArgumentException when there is none
   */
  public ChainKeys chainKeys(List<DataKey> stored) {
    rewrap(stored);
    return DataKey.chainKeys(stored, current);
  }
}
