package io.mimir.usage;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The short names that clients are counted under. The set is closed, so that no caller can make the
 * counts grow by inventing {@code User-Agent} headers.
 */
public final class ClientNames {

  /** A client that is not known, or that does not say what it is. */
  public static final String OTHER = "other";

  /** What is looked at of a header: agents name themselves first. */
  private static final int MAX_CHARS = 300;

  /** By the first product of the header, in lower case. */
  private static final Map<String, String> PRODUCTS = new LinkedHashMap<>();

  static {
    // Agents.
    add("claude-cli", "claude-cli", "claude-code");
    add("codex", "codex");
    add("opencode", "opencode", "opencode2");
    add("qwen-code", "qwencode", "qwen-code");
    add("crush", "charm-crush");
    add("droid", "factory-cli");
    add("kimi-code", "kimi-code-cli", "kimi-code", "kimicli");
    add("copilot", "githubcopilotchat");
    add("cline", "cline");
    add("roo-code", "roocode");
    add("kilo-code", "kilo-code");
    add("aider", "aider");
    add("continue", "continue");
    add("zed", "zed");
    add("pi", "pi");
    // Libraries.
    add("spring-ai", "spring-ai");
    add("litellm", "litellm");
    add("ai-sdk", "ai-sdk", "ai");
    add("openai-agents", "agents");
    // Tools and languages.
    add("curl", "curl");
    add("http-tool", "wget", "httpie", "postmanruntime", "insomnia", "bruno");
    add("python", "python-requests", "python-httpx", "python-urllib", "python", "python-urllib3");
    add("node", "node", "undici", "axios", "node-fetch", "bun", "deno");
    add("java", "java-http-client", "okhttp", "apache-httpclient", "java");
    add("go", "go-http-client");
    add("rust", "reqwest");
    add("browser", "mozilla");
  }

  /** The beginning of a product, and its name; the first that fits counts. */
  private static final Map<String, String> FAMILIES =
      orderedMap(
          "codex_", "codex",
          "geminicli", "gemini-cli",
          "langchain4j", "langchain4j",
          "langchain", "langchain",
          "ollama", "ollama");

  /**
   * Makers of client libraries, which call themselves such as {@code AsyncOpenAI/Python 2.20.0}.
   */
  private static final List<String> MAKERS = List.of("openai", "anthropic");

  /** What makers call a language, and what it is called here. */
  private static final Map<String, String> LANGUAGES =
      orderedMap(
          "python", "python",
          "javascript", "node",
          "js", "node",
          "java", "java",
          "kotlin", "java",
          "go", "go",
          "ruby", "ruby",
          "php", "php");

  private static final String DOTNET = "(.net";

  /** Every name that {@link #of} can return. */
  public static final Set<String> ALL = all();

  private ClientNames() {}

  private static void add(String name, String... products) {
    for (String product : products) {
      PRODUCTS.put(product, name);
    }
  }

  private static Map<String, String> orderedMap(String... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static Set<String> all() {
    Set<String> names = new TreeSet<>(PRODUCTS.values());
    names.addAll(FAMILIES.values());
    for (String maker : MAKERS) {
      LANGUAGES.values().forEach(language -> names.add(maker + '-' + language));
      names.add(maker + "-dotnet");
    }
    names.add(OTHER);
    return Set.copyOf(names);
  }

  /**
   * Returns the name of the client that sent this header.
   *
   * @param userAgent null when the client sent none
   */
  public static String of(String userAgent) {
    if (userAgent == null) {
      return OTHER;
    }
    String text =
        userAgent
            .substring(0, Math.min(userAgent.length(), MAX_CHARS))
            .strip()
            .toLowerCase(Locale.ROOT);
    int end = 0;
    while (end < text.length() && text.charAt(end) != '/' && text.charAt(end) != ' ') {
      end++;
    }
    String product = text.substring(0, end);
    String known = PRODUCTS.get(product);
    if (known != null) {
      return known;
    }
    for (Map.Entry<String, String> family : FAMILIES.entrySet()) {
      if (product.startsWith(family.getKey())) {
        return family.getValue();
      }
    }
    return ofMaker(product, text.substring(end));
  }

  /**
   * @param rest what stands after the product: a slash, and a language or a version
   */
  private static String ofMaker(String product, String rest) {
    for (String maker : MAKERS) {
      if (product.contains(maker) && product.chars().allMatch(c -> c >= 'a' && c <= 'z')) {
        for (Map.Entry<String, String> language : LANGUAGES.entrySet()) {
          if (rest.startsWith(language.getKey(), 1)) {
            return maker + '-' + language.getValue();
          }
        }
        return rest.contains(DOTNET) ? maker + "-dotnet" : OTHER;
      }
    }
    return OTHER;
  }
}
