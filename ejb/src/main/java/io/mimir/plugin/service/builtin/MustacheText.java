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
import java.util.function.Function;

/**
 * One Mustache template being filled with JSON. It sees JSON and nothing else: names lead to
 * members, never to methods or fields of Java, and what the data says is not read as a template
 * again.
 */
public final class MustacheText implements Mustache.Collector, Mustache.Formatter {

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
  private final BooleanSupplier timeIsOver;
  private final Set<String> missing = new LinkedHashSet<>();

  /**
   * @param strict whether a name that the data does not have is an error; it gives nothing else
   * @param html whether what comes out is escaped for HTML
   * @param timeIsOver asked before each element of a list
   */
  public MustacheText(boolean strict, boolean html, BooleanSupplier timeIsOver) {
    this.strict = strict;
    this.timeIsOver = timeIsOver;
    this.compiler =
        Mustache.compiler()
            .escapeHTML(html)
            .strictSections(strict)
            .defaultValue(marker + "{{name}}")
            .withLoader(
                name -> {
                  throw new IllegalArgumentException("There are no other templates to include");
                })
            .withCollector(this)
            .withFormatter(this);
  }

  /** A template that gives no text. */
  public static final class Refused extends Exception {

    private static final long serialVersionUID = 1L;

    private final String code;

    Refused(String code, String message) {
      super(message);
      this.code = code;
    }

    /** One of too_large, bad_template, missing_names and deadline. */
    public String code() {
      return code;
    }
  }

  /**
   * Fills a template with a document.
   *
   * @return at most 8 Mi characters
   */
  public String render(String template, JsonNode data) throws Refused {
    return filled(template, value(data));
  }

  /**
   * Fills a template with what a function gives for names. A function may give functions, for names
   * behind names; null stands for a name that is not there.
   *
   * @param names gives {@link JsonNode}s and functions like itself
   * @return at most 8 Mi characters
   */
  public String render(String template, Function<String, ?> names) throws Refused {
    return filled(template, names);
  }

  private String filled(String template, Object data) throws Refused {
    Out out = new Out();
    try {
      compiler.compile(template).execute(data, out);
    } catch (Stop e) {
      throw new Refused("deadline", "The template was not filled in time");
    } catch (MustacheException.Context e) {
      missing.add(e.key);
    } catch (MustacheException e) {
      throw e.getCause() instanceof TooLong
          ? new Refused("too_large", "The text would be longer than 8 Mi characters")
          : new Refused("bad_template", "The template cannot be read: " + e.getMessage());
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      throw new Refused("bad_template", "A template cannot include other templates");
    } catch (StackOverflowError e) {
      throw new Refused("bad_template", "The sections of the template are too deep");
    }
    if (!missing.isEmpty()) {
      throw new Refused(
          "missing_names", "The data has no value for: " + String.join(", ", missing));
    }
    return out.text.toString();
  }

  private static Object value(JsonNode node) {
    if (node == null) {
      return Template.NO_FETCHER_FOUND;
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
      if (from instanceof Function<?, ?>) {
        @SuppressWarnings("unchecked") // Only those that render takes get here.
        Object found = ((Function<String, ?>) from).apply(member);
        return found instanceof Function<?, ?> ? found : value((JsonNode) found);
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
    if (value instanceof Function<?, ?>) {
      throw new MustacheException("only what is behind a name with a dot can be shown");
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
      if (timeIsOver.getAsBoolean()) {
        throw new Stop();
      }
      return value(nodes.next());
    }
  }

  /** The way out of the library when the time is over. */
  private static final class Stop extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Stop() {
      super("The time is over", null, false, false);
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
