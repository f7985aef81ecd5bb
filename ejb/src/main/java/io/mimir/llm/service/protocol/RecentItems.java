package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The items of translated answers that clients may refer to by their ids, for a while. Clients of
 * OpenAI's responses that do not say {@code store: false} send references instead of what was said.
 * Only the account that got an item finds it. What is lost, by a restart or because another node
 * has made the answer, is refused with what to do.
 */
final class RecentItems {

  /** The one of this server. */
  static final RecentItems SHARED = new RecentItems(System::nanoTime, 16 * 1024 * 1024);

  private static final long MAX_AGE_NANOS = Duration.ofHours(1).toNanos();
  private static final int MAX_ITEM_CHARS = 1024 * 1024;

  /** About what an entry costs beside its text. */
  private static final int ENTRY_CHARS = 200;

  private record Key(String account, String id) {}

  private record Item(String json, long at) {

    int chars() {
      return json.length() + ENTRY_CHARS;
    }
  }

  private final Map<Key, Item> items = new LinkedHashMap<>();
  private final LongSupplier nanos;
  private final int maxChars;
  private int chars;

  RecentItems(LongSupplier nanos, int maxChars) {
    this.nanos = nanos;
    this.maxChars = maxChars;
  }

  /** Keeps an item with its {@code id}; the oldest go when there is no room. */
  void keep(String account, ObjectNode item) {
    String json = item.toString();
    if (json.length() > MAX_ITEM_CHARS) {
      return;
    }
    synchronized (items) {
      long now = nanos.getAsLong();
      Item kept = new Item(json, now);
      Item before = items.put(new Key(account, item.path("id").asText()), kept);
      chars += kept.chars() - (before == null ? 0 : before.chars());
      Iterator<Item> oldest = items.values().iterator();
      while (oldest.hasNext()) {
        Item next = oldest.next();
        if (chars <= maxChars && now - next.at() <= MAX_AGE_NANOS) {
          break;
        }
        chars -= next.chars();
        oldest.remove();
      }
    }
  }

  /** The item of that id that the account has got, or null. */
  ObjectNode find(String account, String id) {
    Item found;
    synchronized (items) {
      found = items.get(new Key(account, id));
    }
    boolean fresh = found != null && nanos.getAsLong() - found.at() <= MAX_AGE_NANOS;
    return fresh ? Json.objectIn(found.json()) : null;
  }
}
