package io.mimir.web;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SliceRule;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rule R5 of the architecture: which feature may see which, over all modules at once. Imports count
 * as well as what is compiled, because the compiler copies constants and forgets where they are
 * from.
 */
@AnalyzeClasses(
    packages = "io.mimir",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoFixtures.class})
class FeaturesTest {

  /** What every feature may see; they see no feature. */
  private static final Set<String> LEAVES =
      Set.of("error", "time", "id", "lifecycle", "storage", "metrics", "web", "web.payara");

  /** What composes the others sees all, and is seen by none. */
  private static final Set<String> ROOTS = Set.of("start", "web.app", "command");

  /** The arrows of docs/architecture.md; one that is not here sees leaves only. */
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          entry("lifecycle", Set.of("error")),
          entry("storage", Set.of("time", "lifecycle")),
          entry("web", Set.of("error", "id", "storage")),
          entry("web.payara", Set.of("web", "lifecycle")),
          entry("security", Set.of("audit", "net")),
          entry("backup", Set.of("security", "audit")),
          entry("llm", Set.of("net", "security")),
          entry("credential", Set.of("llm", "net", "usage", "security", "audit")),
          entry("usage", Set.of("security")),
          entry("upstream", Set.of("credential", "llm", "net", "usage", "security")),
          entry("chat", Set.of("upstream", "credential", "llm", "usage", "security", "audit")),
          entry(
              "gateway",
              Set.of("upstream", "credential", "llm", "net", "usage", "security", "audit")),
          entry(
              "plugin",
              Set.of("upstream", "credential", "llm", "net", "usage", "security", "audit")),
          entry(
              "pipeline",
              Set.of(
                  "plugin", "upstream", "credential", "llm", "net", "usage", "security", "audit")));

  /**
   * Arrows that are there and should not be. The list only shrinks: a new one is refused, and so is
   * one that is here and in the code no more.
   */
  private static final Set<String> NOT_YET_MENDED = Set.of();

  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?(io\\.mimir\\.[a-z.]+)\\.[A-Z].*;", Pattern.MULTILINE);

  private static final Set<String> PARTS_OF_WEB = Set.of("app", "payara");

  @ArchTest
  static void everyArrowIsOneOfTheArchitecture(JavaClasses classes) throws IOException {
    Map<String, String> strangers = strangers(classes);
    addImports(strangers);
    assertThat(strangers.keySet())
        .as(
            "Arrows that the architecture does not have, each with one place: %s. Mend what is new;"
                + " what the list has and the code no longer has, take off the list",
            strangers)
        .containsExactlyInAnyOrderElementsOf(NOT_YET_MENDED);
  }

  @ArchTest static final ArchRule butForWhatIsNotMendedFeaturesAreFreeOfCircles = freeOfCircles();

  @ArchTest
  static void whatIsAllowedHasNoCircleEither(JavaClasses ignored) {
    Map<String, Set<String>> left = new HashMap<>();
    ARROWS.forEach((from, to) -> left.put(from, new TreeSet<>(to)));
    while (left.values().removeIf(Set::isEmpty) || forgetLeaves(left)) {
      // Feature by feature, from the leaves on.
    }
    assertThat(left).isEmpty();
  }

  private static boolean forgetLeaves(Map<String, Set<String>> left) {
    boolean any = false;
    for (Set<String> seen : left.values()) {
      any |= seen.retainAll(left.keySet());
    }
    return any;
  }

  private static ArchRule freeOfCircles() {
    SliceRule rule = slices().assignedFrom(new ByFeature()).should().beFreeOfCycles();
    for (String arrow : NOT_YET_MENDED) {
      String[] ends = arrow.split(" -> ");
      rule = rule.ignoreDependency(in(ends[0]), in(ends[1]));
    }
    return rule;
  }

  private static DescribedPredicate<JavaClass> in(String feature) {
    return describe("in " + feature, type -> feature.equals(featureOf(type)));
  }

  private static boolean isAllowed(String from, String to) {
    return ROOTS.contains(from)
        || ARROWS.getOrDefault(from, Set.of()).contains(to)
        || (LEAVES.contains(to) && !LEAVES.contains(from));
  }

  /** Each arrow with one dependency that makes it. */
  private static Map<String, String> strangers(JavaClasses classes) {
    Map<String, String> strangers = new TreeMap<>();
    for (JavaClass type : classes) {
      String from = featureOf(type);
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String to = featureOf(dependency.getTargetClass().getBaseComponentType());
        if (from != null && to != null && !from.equals(to) && !isAllowed(from, to)) {
          strangers.putIfAbsent(from + " -> " + to, dependency.getDescription());
        }
      }
    }
    return strangers;
  }

  private static void addImports(Map<String, String> strangers) throws IOException {
    for (Path source : SourcesTest.sources("main")) {
      Path folder = source.getParent();
      String place = folder.toString().replace(File.separatorChar, '.');
      String from = featureOf(place.substring(place.indexOf(".java.") + ".java.".length()));
      Matcher imports = IMPORT.matcher(Files.readString(source));
      while (imports.find()) {
        String to = featureOf(imports.group(1));
        if (from != null && to != null && !from.equals(to) && !isAllowed(from, to)) {
          strangers.putIfAbsent(from + " -> " + to, source.getFileName() + ": " + imports.group());
        }
      }
    }
  }

  private static String featureOf(JavaClass type) {
    return featureOf(type.getPackageName());
  }

  /** The feature of a package, whatever its module; null for packages of others. */
  private static String featureOf(String packageName) {
    String[] names = packageName.split("\\.");
    if (names.length < 3 || !packageName.startsWith("io.mimir.")) {
      return null;
    }
    boolean partOfWeb =
        names.length > 3 && names[2].equals("web") && PARTS_OF_WEB.contains(names[3]);
    return partOfWeb ? "web." + names[3] : names[2];
  }

  private static final class ByFeature implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      String feature = featureOf(type);
      return feature == null ? SliceIdentifier.ignore() : SliceIdentifier.of(feature);
    }

    @Override
    public String getDescription() {
      return "features over all modules";
    }
  }
}
