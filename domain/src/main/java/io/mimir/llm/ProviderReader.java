package io.mimir.llm;

import io.mimir.llm.ProviderDescriptor.Access;
import io.mimir.llm.ProviderDescriptor.BaseRule;
import io.mimir.llm.ProviderDescriptor.ModelList;
import io.mimir.llm.ProviderDescriptor.Quirk;
import io.mimir.net.EndpointUrl;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** A reader of {@code providers.json}. A mistake in it stops the start, naming entry and member. */
final class ProviderReader {

  private static final String RESOURCE = "providers.json";

  private final Map<String, Object> members;

  private ProviderReader(Map<String, Object> members) {
    this.members = new LinkedHashMap<>(members);
  }

  static List<ProviderDescriptor> read() {
    try (InputStream in = ProviderReader.class.getResourceAsStream(RESOURCE)) {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<ProviderDescriptor> parse(String json) {
    List<ProviderDescriptor> all = new ArrayList<>();
    for (Object entry : list(JsonText.read(json))) {
      ProviderDescriptor next = new ProviderReader(object(entry)).descriptor();
      if (all.stream().anyMatch(one -> one.id().equals(next.id()))) {
        throw new IllegalArgumentException("Two providers are named " + next.id());
      }
      all.add(next);
    }
    return all;
  }

  private ProviderDescriptor descriptor() {
    String id = text("id", null);
    if (id == null || !id.matches("[a-z0-9-]{1,40}")) {
      throw new IllegalArgumentException("An entry of providers.json has no id");
    }
    try {
      String label = text("label", id);
      ProtocolFamily family = one(ProtocolFamily::valueOf, text("family", "openai"));
      String endpoint = text("endpoint", null);
      EndpointUrl address = endpoint == null ? null : EndpointUrl.parse(endpoint);
      ProviderDescriptor entry =
          new ProviderDescriptor(
              id,
              label,
              family,
              address,
              text("endpoint_example", endpoint),
              flag("needs_key", true),
              flag("self_hosted", false),
              AuthScheme.of(text("auth", "bearer")).orElseThrow(),
              texts(members.remove("headers")),
              rules(),
              several(ProviderOperation.class, ProviderOperation::valueOf, "protocols"),
              models(),
              text("key_check", null),
              several(Quirk.class, Quirk::valueOf, "quirks"));
      refuseTheRest();
      return entry;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("The entry " + id + " of providers.json is wrong", e);
    }
  }

  private List<BaseRule> rules() {
    Object rules = members.remove("base_rules");
    return rules == null
        ? List.of()
        : list(rules).stream().map(rule -> new ProviderReader(object(rule)).rule()).toList();
  }

  private BaseRule rule() {
    BaseRule rule =
        new BaseRule(
            Pattern.compile("\\A(?:" + text("path", "") + ")\\z"),
            text("query", null),
            text("base", "$0"),
            texts(members.remove("default_query")),
            text("models", null));
    refuseTheRest();
    return rule;
  }

  private ModelList models() {
    Object models = members.remove("models");
    return models == null
        ? new ModelList(null, null, Access.UNKNOWN, true)
        : new ProviderReader(object(models)).modelList();
  }

  private ModelList modelList() {
    ModelList models =
        new ModelList(
            text("path", null),
            text("id", null),
            one(Access::valueOf, text("access", "key")),
            flag("offered", true));
    refuseTheRest();
    return models;
  }

  private void refuseTheRest() {
    if (!members.isEmpty()) {
      throw new IllegalArgumentException("Unknown members: " + members.keySet());
    }
  }

  private <T extends Enum<T>> Set<T> several(
      Class<T> type, Function<String, T> valueOf, String name) {
    Set<T> found = EnumSet.noneOf(type);
    Object given = members.remove(name);
    if (given != null) {
      list(given).forEach(each -> found.add(one(valueOf, (String) each)));
    }
    return found;
  }

  private static <T> T one(Function<String, T> valueOf, String wire) {
    return valueOf.apply(wire.toUpperCase(Locale.ROOT));
  }

  private String text(String name, String absent) {
    Object value = members.remove(name);
    return value == null ? absent : (String) value;
  }

  private boolean flag(String name, boolean absent) {
    Object value = members.remove(name);
    return value == null ? absent : (Boolean) value;
  }

  private static Map<String, String> texts(Object value) {
    Map<String, String> texts = new LinkedHashMap<>();
    if (value != null) {
      object(value).forEach((name, text) -> texts.put(name, (String) text));
    }
    return texts;
  }

  private static List<?> list(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new IllegalArgumentException("Not a list");
  }

  private static Map<String, Object> object(Object value) {
    Map<String, Object> members = new LinkedHashMap<>();
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("Not an object");
    }
    map.forEach((name, member) -> members.put((String) name, member));
    return members;
  }
}
