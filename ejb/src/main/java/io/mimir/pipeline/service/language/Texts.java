package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.node.IntNode;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import io.mimir.plugin.service.builtin.JsonTemplate;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Texts with names in them: Mustache over {@code input}, {@code steps}, {@code item}, {@code index}
 * and {@code run}. What comes out is a text, always. Nothing is escaped; a name that leads nowhere
 * is an error.
 */
public final class Texts {

  private static final JsonTemplate.Style STYLE = new JsonTemplate.Style(true, false);
  private static final long NANOS = Duration.ofSeconds(5).toNanos();

  /** Tells whether a text has names in it. */
  public static boolean isTemplate(String text) {
    return text.contains("{{");
  }

  /**
   * Fills a text.
   *
   * @throws ValueException bad_template, missing_names, too_large or too_much_work
   */
  public String render(String text, Scope scope) throws ValueException {
    if (!isTemplate(text)) {
      return text;
    }
    long end = System.nanoTime() + NANOS;
    JsonTemplate.Names names = name -> named(name, scope);
    try {
      return JsonTemplate.render(text, names, STYLE, () -> System.nanoTime() - end > 0);
    } catch (JsonTemplate.TooLateException e) {
      throw new ValueException("too_much_work", "The text takes too long to fill: split it");
    } catch (JsonTemplate.TemplateException e) {
      throw new ValueException(e.code(), e.getMessage());
    }
  }

  private static Object named(String name, Scope scope) {
    return switch (name) {
      case "input" -> scope.input();
      case "steps" -> (JsonTemplate.Names) scope::step;
      case "item" -> scope.index() < 0 ? null : scope.item();
      case "index" -> scope.index() < 0 ? null : IntNode.valueOf(scope.index());
      case "run" -> scope.run();
      default -> null;
    };
  }

  /**
   * Returns the names in a text that are not within a section, as they are written, such as {@code
   * steps.fetch.body}: what a section is about gives its names another meaning.
   *
   * @throws ValueException bad_template when it cannot be read
   */
  public static Set<String> names(String text) throws ValueException {
    Names names = new Names();
    try {
      Mustache.compiler()
          .withLoader(
              name -> {
                throw new IllegalArgumentException("There are no other templates to include");
              })
          .compile(text)
          .visit(names);
    } catch (MustacheException e) {
      throw new ValueException("bad_template", "The text cannot be read: " + e.getMessage());
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      throw new ValueException("bad_template", "A text cannot include other templates");
    }
    return names.found;
  }

  private static final class Names implements Mustache.Visitor {

    private final Set<String> found = new LinkedHashSet<>();

    @Override
    public void visitText(String text) {
      // It names nothing.
    }

    @Override
    public void visitVariable(String name) {
      found.add(name);
    }

    @Override
    public boolean visitInclude(String name) {
      return false;
    }

    @Override
    public boolean visitSection(String name) {
      found.add(name);
      return false;
    }

    @Override
    public boolean visitInvertedSection(String name) {
      found.add(name);
      return false;
    }
  }
}
