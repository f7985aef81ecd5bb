package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.Writer;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * A Mustache template being filled with JSON. It sees the data and nothing else: names lead to
 * members, never to methods or fields of Java, and what the data says is not read as a template
 * again.
 */
public final class JsonTemplate implements Mustache.Collector, Mustache.Formatter {

  /** Characters of a text that comes out. */
  private static final int MAX_TEXT_CHARS = 8 * 1024 * 1024;

  /** More missing names than anybody would read at once. */
  private static final int MAX_NAMES = 20;

  /** Stands for null, which the library does not take for a value. */
  private static final Object NULL = new Object();

  /** Comes out where a name is missing; nobody can guess it and have it in the data. */
  private final String marker = UUID.randomUUID().toString();

  private final boolean strict;
  private final Mustache.Compiler compiler;
  private final BooleanSupplier late;
  private final Set<String> missing = new LinkedHashSet<>();

  /** Names that lead to values which are fetched when a template asks for them. */
  public interface Names {

    /** A {@link JsonNode} or further {@link Names}; null when there is nothing of this name. */
    Object get(String name);
  }

  /**
   * How a template is filled.
   *
   * @param strict whether a name that leads nowhere is an error; else it gives nothing
   * @param html whether values are escaped for HTML
   */
  public record Style(boolean strict, boolean html) {}

  /** A template that cannot be filled. */
  public static final class TemplateException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String code;

    TemplateException(String code, String message) {
      super(message, null, false, false);
      this.code = code;
    }

    /** {@code bad_template}, {@code missing_names} or {@code too_large}. */
    public String code() {
      return code;
    }
  }

  /** The way out of the library when the time is over. */
  public static final class TooLateException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TooLateException() {
      super("The time is over", null, false, false);
    }
  }

  private JsonTemplate(Style style, BooleanSupplier late) {
    this.strict = style.strict();
    this.late = late;
    this.compiler =
        Mustache.compiler()
            .escapeHTML(style.html())
            .strictSections(strict)
            .defaultValue(marker + "{{name}}")
            .withLoader(
                name -> {
                  throw new IllegalArgumentException("There are no other templates to include");
                })
            .withCollector(this)
            .withFormatter(this);
  }

  /**
   * Fills a template.
   *
   * @param data a {@link JsonNode} or {@link Names}
   * @param late whether the time is over; asked again and again
   * @throws TooLateException when the time is over before it is filled
   */
  public static String render(String template, Object data, Style style, BooleanSupplier late)
      throws TemplateException {
    return new JsonTemplate(style, late).fill(template, data);
  }

  private String fill(String template, Object data) throws TemplateException {
    Out out = new Out();
    try {
      Template compiled = compiler.compile(template);
      compiled.execute(value(data), out);
    } catch (MustacheException.Context e) {
      missing.add(e.key);
    } catch (MustacheException e) {
      throw e.getCause() instanceof TooLong
          ? new TemplateException("too_large", "The text would be longer than 8 Mi characters")
          : new TemplateException("bad_template", "The template cannot be read: " + e.getMessage());
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      throw new TemplateException("bad_template", "A template cannot include other templates");
    } catch (StackOverflowError e) {
      throw new TemplateException("bad_template", "The sections of the template are too deep");
    }
    if (!missing.isEmpty()) {
      throw new TemplateException(
          "missing_names", "The data has no value for: " + String.join(", ", missing));
    }
    return out.text.toString();
  }

  private static Object value(Object data) {
    if (data == null) {
      return Template.NO_FETCHER_FOUND;
    }
    if (!(data instanceof JsonNode node)) {
      return data;
    }
    return switch (node.getNodeType()) {
      case OBJECT, ARRAY -> node;
      case BOOLEAN -> node.booleanValue();
      case NULL, MISSING -> NULL;
      default -> node.asText();
    };
  }

  @Override
  public Mustache.VariableFetcher createFetcher(Object context, String name) {
    return (from, member) -> {
      if (from instanceof Names names) {
        return value(names.get(member));
      }
      return from instanceof ObjectNode object
          ? value(object.get(member))
          : Template.NO_FETCHER_FOUND;
    };
  }

  @Override
  public Iterator<?> toIterator(Object value) {
    // The library's own empty list stands for a missing name. An empty text is no reason for a
    // section, as in other Mustaches.
    if (value == NULL || value instanceof List || "".equals(value)) {
      return Collections.emptyIterator();
    }
    return value instanceof ArrayNode list ? new Elements(list.elements()) : null;
  }

  @Override
  public <K, V> Map<K, V> createFetcherCache() {
    return new HashMap<>();
  }

  @Override
  public String format(Object value) {
    if (value instanceof String text && text.startsWith(marker)) {
      if (strict && missing.size() < MAX_NAMES) {
        missing.add(text.substring(marker.length()));
      }
      return "";
    }
    return value == NULL ? "" : value.toString();
  }

  /** Elements of a list, as long as there is time. */
  private final class Elements implements Iterator<Object> {

    private final Iterator<JsonNode> nodes;

    Elements(Iterator<JsonNode> nodes) {
      this.nodes = nodes;
    }

    @Override
    public boolean hasNext() {
      return nodes.hasNext();
    }

    @Override
    public Object next() {
      if (late.getAsBoolean()) {
        throw new TooLateException();
      }
      return value(nodes.next());
    }
  }

  private static final class TooLong extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** A text that does not grow beyond its bound. */
  private static final class Out extends Writer {

    private final StringBuilder text = new StringBuilder();

    @Override
    public void write(char[] piece, int from, int count) throws IOException {
      if (text.length() + count > MAX_TEXT_CHARS) {
        throw new TooLong();
      }
      text.append(piece, from, count);
    }

    @Override
    public void flush() {
      // It is all here already.
    }

    @Override
    public void close() {
      // There is nothing to close.
    }
  }
}
