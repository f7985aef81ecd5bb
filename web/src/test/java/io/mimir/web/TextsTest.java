package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Attr;
import org.w3c.dom.Document;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** Every word of the pages is in the bundle, and every word of the bundle is on a page. */
class TextsTest {

  private static final Path PAGES = Path.of("src/main/webapp");
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Path BUNDLES = Path.of("src/main/resources/io/mimir/web");

  private static final Pattern EXPRESSION = Pattern.compile("#\\{[^}]*}");
  private static final Pattern LETTER = Pattern.compile("\\p{L}");
  private static final Set<String> SHOWN =
      Set.of("title", "aria-label", "alt", "placeholder", "itemLabel", "label", "headerText");

  private static final Pattern IN_PAGES =
      Pattern.compile(
          "msg\\[([^\\]]*)]|m:text\\(('[^']*')|name=\"(?:lead|title)\" value=\"#\\{msg\\[([^\\]]*)]");
  private static final Pattern IN_JAVA =
      Pattern.compile(
          "(?:Texts\\.(?:of|text|below)|\\.done)\\(\\s*((?:[^,()\"]|\"[^\"]*\"|\\([^()]*\\))*)");
  private static final Pattern IN_SCRIPTS =
      Pattern.compile("\\bt\\(((?:[^,()]|\\([^()]*\\))*)|texts\\[(`[^`]*`)]");
  private static final Pattern QUOTED = Pattern.compile("['\"`]([a-z][\\w.-]*(?:\\$\\{)?)");

  @Test
  void nothingIsWrittenInThePagesThemselves() throws Exception {
    List<String> found = new ArrayList<>();
    for (Path page : files(PAGES, ".xhtml")) {
      collect(parse(page).getDocumentElement(), page, found);
    }
    assertThat(found).isEmpty();
  }

  @Test
  void thePagesHoldNeitherScriptNorStyle() throws Exception {
    List<String> found = new ArrayList<>();
    for (Path page : files(PAGES, ".xhtml")) {
      collectInline(parse(page).getDocumentElement(), page, found);
    }
    assertThat(found).isEmpty();
  }

  @Test
  void everyTextThatIsAskedForExists() throws IOException {
    Set<String> known = keys();
    assertThat(used())
        .isNotEmpty()
        .allMatch(
            key ->
                key.endsWith(".")
                    ? known.stream().anyMatch(each -> each.startsWith(key))
                    : known.contains(key));
  }

  @Test
  void noTextIsLeftOver() throws IOException {
    Set<String> used = used();
    assertThat(keys())
        .allMatch(
            key ->
                used.contains(key)
                    || used.stream().anyMatch(each -> each.endsWith(".") && key.startsWith(each)));
  }

  @Test
  void aTextWithAnArgumentHasNoApostropheThatWouldSwallowIt() throws IOException {
    for (Path bundle : files(BUNDLES, ".properties")) {
      Properties texts = texts(bundle);
      assertThat(texts.stringPropertyNames())
          .noneMatch(
              key ->
                  texts.getProperty(key).matches(".*\\{\\d.*")
                      && texts.getProperty(key).contains("'"));
    }
  }

  private static void collect(Node node, Path page, List<String> found) {
    if (node.getNodeType() == Node.TEXT_NODE) {
      judge(node.getNodeValue(), page, found);
    }
    NamedNodeMap attributes = node.getAttributes();
    for (int i = 0; attributes != null && i < attributes.getLength(); i++) {
      Attr attribute = (Attr) attributes.item(i);
      String name = attribute.getName().replaceFirst("^pt:", "");
      boolean button = node.getNodeName().endsWith("commandButton") && name.equals("value");
      if (SHOWN.contains(name) || button) {
        judge(attribute.getValue(), page, found);
      }
    }
    for (Node child = node.getFirstChild(); child != null; child = child.getNextSibling()) {
      collect(child, page, found);
    }
  }

  private static void judge(String text, Path page, List<String> found) {
    String literal = EXPRESSION.matcher(text).replaceAll("");
    if (LETTER.matcher(literal).find()) {
      found.add(page + ": " + literal.strip());
    }
  }

  private static void collectInline(Node node, Path page, List<String> found) {
    NamedNodeMap attributes = node.getAttributes();
    String name = node.getNodeName();
    if (name.equals("style") || (name.equals("script") && attributes.getNamedItem("src") == null)) {
      found.add(page + ": <" + name + ">");
    }
    for (int i = 0; attributes != null && i < attributes.getLength(); i++) {
      String attribute = attributes.item(i).getNodeName();
      boolean ours = !name.startsWith("p:");
      if (attribute.equals("style")
          || attribute.equals("escape")
          || (ours && attribute.matches("on[a-z]+"))) {
        found.add(page + ": " + name + " " + attribute);
      }
    }
    for (Node child = node.getFirstChild(); child != null; child = child.getNextSibling()) {
      collectInline(child, page, found);
    }
  }

  /** Keys that are asked for; one with a dot at its end stands for all that begin so. */
  private static Set<String> used() throws IOException {
    Set<String> used = new TreeSet<>();
    for (Path page : files(PAGES, ".xhtml")) {
      add(IN_PAGES, read(page), "", used);
    }
    for (Path source : files(SOURCES, ".java")) {
      add(IN_JAVA, read(source), "", used);
    }
    for (String script : new String[] {"chat", "plugin"}) {
      String prefix = script + ".";
      Path own = PAGES.resolve("assets/" + (script.equals("chat") ? "chat.js" : "plugins.js"));
      add(IN_SCRIPTS, read(own), prefix, used);
      add(IN_SCRIPTS, read(PAGES.resolve("assets/client.js")), prefix, used);
      used.remove(prefix);
    }
    return used;
  }

  private static void add(Pattern pattern, String text, String prefix, Set<String> used) {
    Matcher call = pattern.matcher(text);
    while (call.find()) {
      for (int group = 1; group <= call.groupCount(); group++) {
        if (call.group(group) != null) {
          Matcher quoted = QUOTED.matcher(call.group(group));
          while (quoted.find()) {
            used.add(prefix + quoted.group(1).replace("${", ""));
          }
        }
      }
    }
  }

  private static Set<String> keys() throws IOException {
    return texts(BUNDLES.resolve("messages.properties")).stringPropertyNames();
  }

  private static Properties texts(Path bundle) throws IOException {
    Properties texts = new Properties();
    try (Reader reader = Files.newBufferedReader(bundle, StandardCharsets.UTF_8)) {
      texts.load(reader);
    }
    return texts;
  }

  private static Document parse(Path page)
      throws IOException, SAXException, ParserConfigurationException {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", false);
    return factory.newDocumentBuilder().parse(page.toFile());
  }

  private static List<Path> files(Path folder, String extension) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(extension)).sorted().toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
