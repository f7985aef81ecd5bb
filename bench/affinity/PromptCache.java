package io.mimir.credential.service;

import java.util.HashMap;
import java.util.Map;

/** The prompt cache that a provider keeps for one account: what nobody asks for is forgotten. */
final class PromptCache {

  /** Seconds; the usual life of an entry, from its last use. */
  private static final double LIFE = 300;

  private record Entry(int turns, double used) {}

  private final Map<Integer, Entry> entries = new HashMap<>();

  /**
   * Takes a question, and keeps it for the next one.
   *
   * @param turn from 0; the question repeats all turns before it
   * @param now in seconds
   * @return whether all that came before this turn was there
   */
  boolean hits(int conversation, int turn, double now) {
    Entry entry = entries.put(conversation, new Entry(turn, now));
    return turn > 0 && entry != null && entry.turns == turn - 1 && now - entry.used <= LIFE;
  }
}
