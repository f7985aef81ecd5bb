package io.mimir.credential.service;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The models that a key offers: by name, or by the beginning of a name where an administrator wrote
 * {@code gpt-*}. Two spellings of one model count as one: Ollama's {@code llama3} and {@code
 * llama3:latest}, Gemini's {@code gemini-2.5-flash} and {@code models/gemini-2.5-flash}. Immutable.
 */
final class ModelOffer {

  private static final String LATEST = ":latest";
  private static final String GEMINI = "models/";

  private final Map<String, String> spellings = new LinkedHashMap<>();
  private final Set<String> ids = new LinkedHashSet<>();
  private final List<String> beginnings;
  private final boolean known;
  private final boolean declared;
  private final boolean dependsOnList;

  private ModelOffer(
      Collection<String> names, Collection<String> listed, boolean known, boolean declared) {
    this.dependsOnList = !known || !declared || names.stream().anyMatch(ModelOffer::isWildcard);
    this.beginnings =
        names.stream()
            .filter(ModelOffer::isWildcard)
            .map(name -> name.substring(0, name.length() - 1))
            .toList();
    names.stream().filter(name -> !isWildcard(name)).forEach(ids::add);
    ids.forEach(id -> spellings.put(id, id));
    ids.forEach(id -> spellings.putIfAbsent(canonical(id), id));
    listed.stream().filter(this::matchesBeginning).forEach(ids::add);
    this.known = known;
    this.declared = declared;
  }

  /**
   * @param names what an administrator wrote; may have wildcards
   * @param listed what was read from the endpoint, to show what a wildcard stands for
   */
  static ModelOffer declared(Collection<String> names, Collection<String> listed) {
    return new ModelOffer(names, listed, true, true);
  }

  /** What was read from the endpoint, and the default model that an administrator chose. */
  static ModelOffer listed(Collection<String> listed, Collection<String> chosen) {
    Set<String> names = new LinkedHashSet<>(chosen);
    names.addAll(listed);
    return new ModelOffer(names, List.of(), true, false);
  }

  /** Nothing but the default model, if an administrator chose one: no list was read yet. */
  static ModelOffer unknown(Collection<String> chosen) {
    return new ModelOffer(chosen, List.of(), false, true);
  }

  /** One name for all spellings of a model. */
  static String canonical(String name) {
    String bare = name.startsWith(GEMINI) ? name.substring(GEMINI.length()) : name;
    return bare.endsWith(LATEST) ? bare.substring(0, bare.length() - LATEST.length()) : bare;
  }

  /** Whether a name stands for all that begin like it. */
  static boolean isWildcard(String name) {
    return name.endsWith("*");
  }

  private boolean matchesBeginning(String name) {
    return beginnings.stream().anyMatch(name::startsWith);
  }

  /** The model as the endpoint spells it; null when the key does not offer it. */
  String spelling(String name) {
    String exact = spellings.get(name);
    if (exact != null) {
      return exact;
    }
    String alike = spellings.get(canonical(name));
    if (alike != null) {
      return alike;
    }
    return matchesBeginning(name) ? name : null;
  }

  /** The names to find it by, in one spelling each; wildcards have none. */
  Set<String> canonicalNames() {
    Set<String> names = new LinkedHashSet<>();
    spellings.values().forEach(id -> names.add(canonical(id)));
    return names;
  }

  /** The ids to show; each of them is served. */
  Set<String> ids() {
    return ids;
  }

  boolean hasWildcards() {
    return !beginnings.isEmpty();
  }

  /** Whether it would change with what the endpoint lists. */
  boolean dependsOnList() {
    return dependsOnList;
  }

  /** Whether it is known what the key offers. */
  boolean isKnown() {
    return known;
  }

  /** Whether an administrator said so, and not only the endpoint itself. */
  boolean isDeclared() {
    return declared;
  }
}
