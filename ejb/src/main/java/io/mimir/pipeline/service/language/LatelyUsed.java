package io.mimir.pipeline.service.language;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Things that take long to make and never change, the lately used ones in memory. Safe for use by
 * many threads.
 */
public final class LatelyUsed<K, V> {

  private final Map<K, V> kept;

  /**
   * @param most how many are kept
   */
  public LatelyUsed(int most) {
    this.kept =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > most;
          }
        };
  }

  /** Makes what is not there yet. */
  @FunctionalInterface
  public interface Maker<K, V, X extends Exception> {
    V make(K key) throws X;
  }

  /**
   * Returns what a key stands for. Nobody waits while it is made: two threads that want it first
   * may both make it.
   *
   * @return null when the maker gives null, which is not kept
   */
  public <X extends Exception> V get(K key, Maker<? super K, ? extends V, X> maker) throws X {
    synchronized (kept) {
      V known = kept.get(key);
      if (known != null) {
        return known;
      }
    }
    V made = maker.make(key);
    if (made != null) {
      synchronized (kept) {
        kept.put(key, made);
      }
    }
    return made;
  }
}
