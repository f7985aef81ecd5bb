package io.mimir.gateway.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.credential.ModelRef;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.gateway.ObjectKind;
import io.mimir.gateway.ProviderObject;
import io.mimir.gateway.service.ReferenceReader.Reference;
import io.mimir.llm.ProtocolFamily;
import io.mimir.upstream.service.CallSpec;
import io.mimir.upstream.service.ResponseTarget;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One list of what an account has of a kind. A provider lists what everybody has who shares the
 * key, so its pages are read, key by key, until there are as many of the account's own as were
 * asked for. Made for one call; its steps follow each other.
 */
final class OwnedList {

  /** Pages of providers that are read for one of ours. */
  private static final int MAX_PAGES = 100;

  private static final int MAX_LIMIT = 10_000;
  private static final int USUAL_LIMIT = 20;
  private static final int PAGE_OF_FILES = 1_000;
  private static final int PAGE = 100;

  private final StatefulCalls calls;
  private final GatewayRequest request;
  private final CallSpec spec;
  private final ResponseTarget target;
  private final ObjectKind kind;
  private final String account;
  private final boolean anthropic;

  /** What is asked of the provider as well, such as a purpose or an order. */
  private final List<String> further = new ArrayList<>();

  private final ArrayNode found = JsonNodeFactory.instance.arrayNode();
  private int limit;
  private String after;
  private Map<String, Set<String>> owned;
  private List<String> keys;
  private int pages;
  private CollectedAnswer.Whole first;

  OwnedList(StatefulCalls calls, GatewayRequest request, CallSpec spec, ResponseTarget target) {
    this.calls = calls;
    this.request = request;
    this.spec = spec;
    this.target = target;
    this.kind = request.address().kind();
    this.account = request.caller().accountId();
    this.anthropic = request.operation() == Operation.ANTHROPIC_OTHER;
    this.limit = kind == ObjectKind.FILE && !anthropic ? MAX_LIMIT : USUAL_LIMIT;
  }

  /**
   * Begins it. Waits for the database.
   *
   * @throws ProblemException INVALID or NOT_FOUND, naming a part of the query
   */
  void begin() {
    readQuery();
    owned = calls.objects.owned(account, kind);
    keys = new ArrayList<>(owned.keySet().stream().sorted().filter(this::isListed).toList());
    if (after != null) {
      keys = new ArrayList<>(keys.subList(indexOf(after), keys.size()));
    }
    go(after);
  }

  /** Whether a key is active, and speaks the client's protocol. */
  private boolean isListed(String keyId) {
    Optional<ModelRef> key = calls.catalog.ofKey(keyId);
    return key.isPresent()
        && anthropic == (key.get().provider().family() == ProtocolFamily.ANTHROPIC)
        && spec.providers().test(key.get().provider());
  }

  private int indexOf(String id) {
    String hash = ProviderObject.hashOf(id);
    for (int i = 0; i < keys.size(); i++) {
      if (owned.get(keys.get(i)).contains(hash)) {
        return i;
      }
    }
    throw StatefulCalls.unknown(new Reference(cursor(), id));
  }

  private String cursor() {
    return anthropic ? "after_id" : "after";
  }

  private void readQuery() {
    int query = request.below().indexOf('?');
    for (String part :
        query < 0 ? new String[0] : request.below().substring(query + 1).split("&")) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      String value = equals < 0 ? "" : decoded(part.substring(equals + 1));
      if (name.equals("limit")) {
        limit = number(value);
      } else if (name.equals(cursor())) {
        after = value;
      } else if (name.equals("before") || name.equals("before_id")) {
        throw ProblemException.of(
            Problem.INVALID,
            name,
            "not_allowed",
            "A list is read forwards here: use %s".formatted(cursor()));
      } else if (!part.isEmpty()) {
        further.add(part);
      }
    }
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ProblemException(Problem.MALFORMED, "The query has a percent sign without a code");
    }
  }

  private static int number(String text) {
    if (!text.matches("\\d{1,5}")
        || Integer.parseInt(text) < 1
        || Integer.parseInt(text) > MAX_LIMIT) {
      throw ProblemException.of(
          Problem.INVALID, "limit", "out_of_range", "limit is a whole number from 1 to 10000");
    }
    return Integer.parseInt(text);
  }

  /** Asks the first of the keys that are left for its next page. */
  private void go(String cursor) {
    if (keys.isEmpty()) {
      answer(false);
      return;
    }
    if (++pages > MAX_PAGES) {
      throw new ProblemException(
          Problem.PROVIDER_ERROR,
          "The provider's list is too long to find yours in it: ask for each by its id");
    }
    String keyId = keys.get(0);
    ModelRef model = calls.catalog.ofKey(keyId).orElseThrow();
    calls.calls.begin(
        spec.pinned(model, keyId),
        new RequestPlanner(request.at(address(cursor))),
        new CollectedAnswer(
            target, false, whole -> calls.hand(target, () -> take(keyId, cursor, whole))));
  }

  private String address(String cursor) {
    List<String> query = new ArrayList<>(further);
    query.add("limit=" + (kind == ObjectKind.FILE && !anthropic ? PAGE_OF_FILES : PAGE));
    if (cursor != null) {
      query.add(cursor() + "=" + cursor);
    }
    return kind.path() + "?" + String.join("&", query);
  }

  private void take(String keyId, String cursor, CollectedAnswer.Whole whole) {
    first = first == null ? whole : first;
    JsonNode page = KeptAnswers.read(whole.body());
    Set<String> own = owned.get(keyId);
    List<ProviderObject> files = new ArrayList<>();
    String last = null;
    boolean more = page.path("has_more").asBoolean();
    for (JsonNode one : page.path("data")) {
      last = one.path("id").asText();
      if (!own.contains(ProviderObject.hashOf(last))) {
        continue;
      }
      if (found.size() == limit) {
        finish(files, true);
        return;
      }
      KeptAnswers.localize(one);
      found.add(one);
      files.addAll(calls.newFiles(one, keyId, account));
    }
    write(files);
    // A server that knows no cursor gives the same page again.
    boolean goesOn = more && last != null && !last.equals(cursor) && found.size() < limit;
    if (goesOn && !isComplete(own)) {
      go(last);
    } else if (found.size() == limit) {
      answer(more && !isComplete(own) || keys.size() > 1);
    } else {
      keys.remove(0);
      go(null);
    }
  }

  /** Whether everything that the account has with this key is in the list already. */
  private boolean isComplete(Set<String> own) {
    long listed = 0;
    for (JsonNode one : found) {
      listed += own.contains(ProviderObject.hashOf(one.path("id").asText())) ? 1 : 0;
    }
    return listed == own.size();
  }

  private void finish(List<ProviderObject> files, boolean more) {
    write(files);
    answer(more);
  }

  /** The results of the account's batches are its own. */
  private void write(List<ProviderObject> files) {
    if (kind == ObjectKind.BATCH && !files.isEmpty()) {
      calls.objects.add(files);
    }
  }

  private void answer(boolean more) {
    ObjectNode list = JsonNodeFactory.instance.objectNode();
    if (!anthropic) {
      list.put("object", "list");
    }
    list.set("data", found);
    list.put("first_id", found.isEmpty() ? null : found.get(0).path("id").asText());
    list.put("last_id", found.isEmpty() ? null : found.get(found.size() - 1).path("id").asText());
    list.put("has_more", more);
    target.answer(
        200,
        "application/json",
        first == null ? Map.of() : first.headers(),
        KeptAnswers.bytes(list));
  }
}
