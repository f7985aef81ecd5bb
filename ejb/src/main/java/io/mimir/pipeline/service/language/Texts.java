package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import io.mimir.plugin.service.builtin.MustacheText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Texts with Mustache in them, over {@code input}, {@code steps}, {@code item}, {@code index} and
 * {@code run}. What comes out is always a text. A name that is not there is an error, null gives
 * nothing, and an object or a list is written as JSON. Nothing is escaped.
 */
public final class Texts {

  private static final Duration MAX_TIME = Duration.ofSeconds(5);

  private Texts() {}

  /** Tells whether a text is a template. */
  public static boolean isTemplate(String text) {
    return text.contains("{{");
  }

  /**
   * Fills a template.
   *
   * @return at most 8 Mi characters
   * @throws ValueException missing with all names that are not there, too_large, bad_template,
   *     too_much_work after 5 seconds
   */
  public static String fill(String template, Scope scope) throws ValueException {
    if (!isTemplate(template)) {
      return template;
    }
    lookAtBraces(template);
    long end = System.nanoTime() + MAX_TIME.toNanos();
    MustacheText text = new MustacheText(true, false, () -> System.nanoTime() - end >= 0);
    try {
      return text.render(template, names(scope));
    } catch (MustacheText.Refused e) {
      throw switch (e.code()) {
        case "missing_names" ->
            new ValueException("missing", e.getMessage().replace("The data has", "There is") + ".");
        case "deadline" ->
            new ValueException("too_much_work", "The text took longer than 5 seconds to fill.");
        default -> new ValueException(e.code(), e.getMessage() + ".");
      };
    }
  }

  /** The library takes a tag without an end for plain text, and nobody means that. */
  private static void lookAtBraces(String template) throws ValueException {
    if (template.lastIndexOf("{{") > template.lastIndexOf("}}")) {
      throw new ValueException("bad_template", "A {{ of the text has no }} behind it.");
    }
  }

  private static Function<String, ?> names(Scope scope) {
    Function<String, JsonNode> steps =
        name -> scope.steps().contains(name) ? scope.step(name) : null;
    return name ->
        switch (name) {
          case "input" -> scope.input();
          case "run" -> scope.run();
          case "steps" -> steps;
          case "item" -> scope.item();
          case "index" ->
              scope.index() < 0 ? null : Values.JSON.getNodeFactory().numberNode(scope.index());
          default -> null;
        };
  }

  /**
   * What a template names.
   *
   * @param sure names that are looked for in the run's context and nowhere else
   * @param within names inside of sections, which may also be those of a member of the section
   */
  record Named(List<Reference> sure, List<Reference> within) {}

  /**
   * The names in a template.
   *
   * @throws ValueException bad_template when it cannot be read
   */
  static Named named(String template) throws ValueException {
    lookAtBraces(template);
    List<String> outer = new ArrayList<>();
    List<String> all = new ArrayList<>();
    try {
      var compiled = Mustache.compiler().compile(template);
      compiled.visit(new Names(outer, false));
      compiled.visit(new Names(all, true));
    } catch (MustacheException e) {
      throw new ValueException("bad_template", "The text cannot be read: " + e.getMessage() + ".");
    } catch (UnsupportedOperationException e) {
      throw new ValueException("bad_template", "A text cannot include other texts.");
    }
    outer.forEach(all::remove);
    return new Named(references(outer), references(all));
  }

  private static List<Reference> references(List<String> names) {
    // A dot alone is the element of a section, and -index and the like are facts of it.
    return names.stream()
        .filter(name -> !name.equals(".") && !name.equals("this") && !name.startsWith("-"))
        .map(name -> new Reference(Arrays.asList(name.split("\\.", -1))))
        .distinct()
        .toList();
  }

  private static final class Names implements Mustache.Visitor {

    private final List<String> names;
    private final boolean deep;

    Names(List<String> names, boolean deep) {
      this.names = names;
      this.deep = deep;
    }

    @Override
    public void visitText(String text) {
      // No name.
    }

    @Override
    public void visitVariable(String name) {
      names.add(name);
    }

    @Override
    public boolean visitInclude(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean visitSection(String name) {
      names.add(name);
      return deep;
    }

    @Override
    public boolean visitInvertedSection(String name) {
      names.add(name);
      // What is shown when there is nothing is shown in the context around it.
      return true;
    }
  }
}
