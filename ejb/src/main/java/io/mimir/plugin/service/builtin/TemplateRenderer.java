package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import io.mimir.plugin.service.PluginCallException;
import jakarta.enterprise.context.ApplicationScoped;
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

/**
 * Fills a Mustache template with data. It sees JSON and nothing else: names lead to members, never
 * to methods or fields of Java, and what the data says is not read as a template again.
 */
@ApplicationScoped
public class TemplateRenderer implements BuiltinPlugin {

  /** Characters of a text that comes out. */
  private static final int MAX_TEXT_CHARS = 8 * 1024 * 1024;

  /** More missing names than anybody would read at once. */
  private static final int MAX_NAMES = 20;

  @Override
  public String name() {
    return "template";
  }

  @Override
  public ObjectNode call(String action, Settings settings, ObjectNode input, Deadline deadline)
      throws PluginCallException {
    String template = input.path("template").asText(settings.text("template").orElse(""));
    if (template.isEmpty()) {
      throw Refusals.refused("missing_template", "Give a template with the call, or configure one");
    }
    Rendering rendering =
        new Rendering(
            settings.text("missing").orElse("error").equals("error"),
            settings.text("escape").orElse("none").equals("html"),
            deadline);
    return Builtins.JSON
        .createObjectNode()
        .put("text", rendering.render(template, input.path("data")));
  }

  /** One template being filled. */
  private static final class Rendering implements Mustache.Collector, Mustache.Formatter {

    /** Stands for null, which the library does not take for a value. */
    private static final Object NULL = new Object();

    /** Comes out where a name is missing; nobody can guess it and have it in the data. */
    private final String marker = UUID.randomUUID().toString();

    private final boolean strict;
    private final Mustache.Compiler compiler;
    private final Deadline deadline;
    private final Set<String> missing = new LinkedHashSet<>();

    Rendering(boolean strict, boolean html, Deadline deadline) {
      this.strict = strict;
      this.deadline = deadline;
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

    String render(String template, JsonNode data) throws PluginCallException {
      Out out = new Out();
      try {
        Template compiled = compiler.compile(template);
        compiled.execute(
            value(data.isMissingNode() ? Builtins.JSON.createObjectNode() : data), out);
      } catch (Stop e) {
        throw e.reason();
      } catch (MustacheException.Context e) {
        missing.add(e.key);
      } catch (MustacheException e) {
        throw e.getCause() instanceof TooLong
            ? Refusals.refused("too_large", "The text would be longer than 8 Mi characters")
            : Refusals.refused("bad_template", "The template cannot be read: " + e.getMessage());
      } catch (IllegalArgumentException | UnsupportedOperationException e) {
        throw Refusals.refused("bad_template", "A template cannot include other templates");
      } catch (StackOverflowError e) {
        throw Refusals.refused("bad_template", "The sections of the template are too deep");
      }
      if (!missing.isEmpty()) {
        throw Refusals.refused(
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
      return (from, member) ->
          from instanceof ObjectNode object ? value(object.get(member)) : Template.NO_FETCHER_FOUND;
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
        if (deadline.hasPassed()) {
          throw new Stop();
        }
        return value(nodes.next());
      }
    }
  }

  /** The way out of the library when the time is over. */
  private static final class Stop extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Stop() {
      super("The time is over", null, false, false);
    }

    PluginCallException reason() {
      return Deadline.passed();
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
