package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.NonPrintableStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;

/**
 * One document of YAML 1.2 as JSON, and where each part of it stands in the text. Only what JSON
 * has too can be written: no tags and no aliases, so that nothing in it is larger than it looks.
 */
public final class YamlText {

  private static final int MAX_BYTES = 256 * 1024;
  private static final int MAX_DEPTH = 64;

  /** A number with more digits than that is nobody's, and slow to work with. */
  private static final int MAX_DIGITS = 400;

  /** What YAML takes for the end of a line, or cannot show. */
  private static final Pattern ODD =
      Pattern.compile("[\\p{Cntrl}&&[^\\n]]|[\\u0085\\u2028\\u2029\\uFEFF]");

  /** Lines that can be written as they are: the first begins with what is no blank. */
  private static final Pattern LINES = Pattern.compile("[^ \\n].*", Pattern.DOTALL);

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final LoadSettings LOAD =
      LoadSettings.builder().setCodePointLimit(MAX_BYTES).setAllowNonScalarKeys(true).build();
  private static final DumpSettings DUMP =
      DumpSettings.builder()
          .setDefaultFlowStyle(FlowStyle.BLOCK)
          .setDefaultScalarStyle(ScalarStyle.PLAIN)
          .setNonPrintableStyle(NonPrintableStyle.ESCAPE)
          .setDereferenceAliases(true)
          .setSplitLines(false)
          .build();

  private final Map<String, Position> positions = new HashMap<>();
  private final JsonNode json;

  private YamlText(Node root) throws YamlException {
    this.json = json(root, "", root);
  }

  /**
   * A place in a text.
   *
   * @param line from 1 on
   * @param column from 1 on, in characters of Unicode
   */
  public record Position(int line, int column) {}

  /**
   * Reads a text.
   *
   * @throws YamlException with line and column, for what is no YAML, is more than one document, has
   *     tags, aliases or a name twice, is larger than 256 KiB, or deeper than 64 levels
   */
  public static YamlText read(String text) throws YamlException {
    if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      throw new YamlException("A pipeline's YAML has at most 256 KiB.", 0, 0);
    }
    try {
      look(text);
      Optional<Node> root = new Compose(LOAD).composeString(text);
      if (root.isEmpty()) {
        throw new YamlException("The text is empty. Begin with name: and steps:.", 0, 0);
      }
      return new YamlText(root.get());
    } catch (MarkedYamlEngineException e) {
      throw at(sentence(e), e.getProblemMark().or(e::getContextMark));
    } catch (YamlEngineException e) {
      throw new YamlException("This is no YAML: " + Fields.shown(e.getMessage()) + ".", 0, 0);
    }
  }

  private static String sentence(MarkedYamlEngineException e) {
    String problem = String.valueOf(e.getProblem());
    if (problem.contains("\\t") || problem.contains("'\t'") || problem.contains("TAB")) {
      return "A line begins with a tab. Use spaces.";
    }
    return "This is no YAML: " + Fields.shown(problem) + ".";
  }

  private static YamlException at(String sentence, Optional<Mark> mark) {
    return mark.map(at -> new YamlException(sentence, at.getLine() + 1, at.getColumn() + 1))
        .orElseGet(() -> new YamlException(sentence, 0, 0));
  }

  /** Goes over the text before anything is made of it, so that nothing too deep is made. */
  private static void look(String text) throws YamlException {
    int depth = 0;
    int documents = 0;
    for (Event event : new Parse(LOAD).parseString(text)) {
      Optional<Mark> mark = event.getStartMark();
      boolean tagged = false;
      if (event instanceof CollectionStartEvent start) {
        tagged = start.getTag().isPresent();
        depth++;
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      } else if (event instanceof ScalarEvent scalar) {
        tagged = scalar.getTag().isPresent();
      } else if (event.getEventId() == Event.ID.DocumentStart) {
        documents++;
      }
      refuse(depth > MAX_DEPTH, "YAML may be 64 levels deep at most.", mark);
      refuse(documents > 1, "There is one pipeline in a text. Take the other documents out.", mark);
      refuse(tagged, "Tags, which begin with !, cannot be used.", mark);
      refuse(
          event.getEventId() == Event.ID.Alias,
          "Aliases, which begin with *, cannot be used. Write the part out, or quote the text.",
          mark);
    }
  }

  private static void refuse(boolean wrong, String sentence, Optional<Mark> mark)
      throws YamlException {
    if (wrong) {
      throw at(sentence, mark);
    }
  }

  private JsonNode json(Node node, String path, Node marked) throws YamlException {
    marked
        .getStartMark()
        .ifPresent(
            mark -> positions.put(path, new Position(mark.getLine() + 1, mark.getColumn() + 1)));
    if (node instanceof MappingNode mapping) {
      return object(mapping, path);
    }
    if (node instanceof SequenceNode sequence) {
      ArrayNode array = JSON.arrayNode();
      for (Node element : sequence.getValue()) {
        array.add(json(element, path + "/" + array.size(), element));
      }
      return array;
    }
    return scalar((ScalarNode) node);
  }

  private JsonNode object(MappingNode mapping, String path) throws YamlException {
    ObjectNode object = JSON.objectNode();
    for (NodeTuple member : mapping.getValue()) {
      Node key = member.getKeyNode();
      refuse(!(key instanceof ScalarNode), "A name is a text.", key.getStartMark());
      String name = ((ScalarNode) key).getValue();
      refuse(
          object.has(name),
          "There is " + Fields.shown(name) + " twice. Take one of them out.",
          key.getStartMark());
      object.set(name, json(member.getValueNode(), Fields.pointer(path, name), key));
    }
    return object;
  }

  private static JsonNode scalar(ScalarNode node) throws YamlException {
    String text = node.getValue();
    Tag tag = node.getTag();
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    }
    if (tag.equals(Tag.BOOL)) {
      return JSON.booleanNode(Boolean.parseBoolean(text));
    }
    if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
      return number(text, tag.equals(Tag.INT), node.getStartMark());
    }
    return JSON.textNode(text);
  }

  private static JsonNode number(String text, boolean whole, Optional<Mark> mark)
      throws YamlException {
    try {
      if (text.length() <= MAX_DIGITS && whole) {
        BigInteger number = new BigInteger(text);
        return number.bitLength() < 64
            ? JSON.numberNode(number.longValue())
            : JSON.numberNode(number);
      }
      BigDecimal number = text.length() <= MAX_DIGITS ? new BigDecimal(text) : null;
      if (number != null && Math.abs((long) number.precision() - number.scale()) <= MAX_DIGITS) {
        return JSON.numberNode(number);
      }
    } catch (NumberFormatException e) {
      // Infinity and the like, which JSON does not have. Said below.
    }
    throw at("This is no number that can be used. Put it in quotes for a text.", mark);
  }

  /** The document. It is not to be changed. */
  public JsonNode json() {
    return json;
  }

  /**
   * Where a part of the document stands: a member where its name is, an element where it begins.
   *
   * @param pointer a JSON Pointer; one that leads nowhere gives the nearest part around it
   */
  public Position lineOf(String pointer) {
    String path = pointer;
    while (!positions.containsKey(path) && !path.isEmpty()) {
      path = path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }
    return positions.getOrDefault(path, new Position(1, 1));
  }

  /** Writes a document as people write YAML: a line for each member, long texts as they are. */
  public static String write(JsonNode json) {
    return new Dump(DUMP, new Plain(DUMP)).dumpToString(plain(json));
  }

  /** Texts in the way that is easiest to read and is read again as they were. */
  private static final class Plain extends StandardRepresenter {

    Plain(DumpSettings settings) {
      super(settings);
      representers.put(
          String.class, text -> representScalar(Tag.STR, (String) text, style((String) text)));
    }

    private static ScalarStyle style(String text) {
      if (ODD.matcher(text).find()) {
        return ScalarStyle.DOUBLE_QUOTED;
      }
      return text.indexOf('\n') < 0
          ? ScalarStyle.PLAIN
          : LINES.matcher(text).matches() ? ScalarStyle.LITERAL : ScalarStyle.DOUBLE_QUOTED;
    }
  }

  private static Object plain(JsonNode json) {
    return switch (json.getNodeType()) {
      case OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        json.properties().forEach(member -> map.put(member.getKey(), plain(member.getValue())));
        yield map;
      }
      case ARRAY -> {
        List<Object> list = new ArrayList<>();
        json.forEach(element -> list.add(plain(element)));
        yield list;
      }
      case BOOLEAN -> json.booleanValue();
      case NUMBER -> json.numberValue();
      case NULL, MISSING -> null;
      default -> json.asText();
    };
  }
}
