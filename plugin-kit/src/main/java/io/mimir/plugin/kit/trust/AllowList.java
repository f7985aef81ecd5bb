package io.mimir.plugin.kit.trust;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hashes that an administrator allows: {@code trusted.sha256} in the form of {@code sha256sum}
 * (coreutils manual, "md5sum invocation"), and pins. A line that is none allows nothing.
 */
public final class AllowList {

  /** Allows nothing. */
  public static final AllowList EMPTY = new AllowList(Set.of(), Map.of(), List.of());

  private static final Pattern LINE =
      Pattern.compile("(?<escaped>\\\\?)(?<hash>[0-9A-Fa-f]{64})(?: [ *](?<name>.+))?");
  private static final Pattern TAGGED =
      Pattern.compile("SHA256 \\((?<name>.+)\\) = (?<hash>[0-9A-Fa-f]{64})");

  private static final Pattern ESCAPE = Pattern.compile("\\\\[nr\\\\]");

  private final Set<String> hashes;
  private final Map<String, Set<String>> byName;
  private final List<Integer> unreadable;

  private AllowList(Set<String> hashes, Map<String, Set<String>> byName, List<Integer> unreadable) {
    this.hashes = hashes;
    this.byName = byName;
    this.unreadable = unreadable;
  }

  /** Reads the text of a file; empty lines and those that begin with # say nothing. */
  public static AllowList parse(String text) {
    Set<String> hashes = new HashSet<>();
    Map<String, Set<String>> byName = new HashMap<>();
    List<Integer> unreadable = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      Matcher matcher = LINE.matcher(line);
      boolean plain = matcher.matches();
      if (!plain) {
        matcher = TAGGED.matcher(line);
      }
      if (!plain && !matcher.matches()) {
        unreadable.add(number);
        continue;
      }
      String hash = matcher.group("hash").toLowerCase(Locale.ROOT);
      String name = matcher.group("name");
      hashes.add(hash);
      if (name != null) {
        boolean escaped = plain && !matcher.group("escaped").isEmpty();
        byName
            .computeIfAbsent(baseName(escaped ? unescape(name) : name), n -> new HashSet<>())
            .add(hash);
      }
    }
    return new AllowList(hashes, byName, List.copyOf(unreadable));
  }

  /** The same and these hashes, such as an administrator's pins. */
  public AllowList with(Collection<String> pins) {
    Set<String> all = new HashSet<>(hashes);
    pins.forEach(pin -> all.add(pin.toLowerCase(Locale.ROOT)));
    return new AllowList(all, byName, unreadable);
  }

  public boolean allows(String sha256) {
    return hashes.contains(sha256);
  }

  /** Whether it has a file of this name, and its hash is another. */
  boolean contradicts(String fileName, String sha256) {
    return fileName != null
        && !byName.getOrDefault(baseName(fileName), Set.of(sha256)).contains(sha256);
  }

  /** The numbers of the lines that say nothing, from 1: worth a warning. */
  public List<Integer> unreadableLines() {
    return unreadable;
  }

  private static String baseName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String unescape(String name) {
    return ESCAPE
        .matcher(name)
        .replaceAll(
            escape ->
                Matcher.quoteReplacement(
                    switch (escape.group().charAt(1)) {
                      case 'n' -> "\n";
                      case 'r' -> "\r";
                      default -> "\\";
                    }));
  }
}
