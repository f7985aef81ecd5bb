package io.mimir.llm.service.protocol;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Names of tools and identifiers of calls in the shape that a provider takes. What is right stays;
 * what is too long or holds other characters gets a digest in its place, the same in each turn, and
 * an answer names the tool as the client does.
 */
final class ToolNames {

  private static final int DIGEST_CHARS = 8;

  private final Map<String, String> clientName = new HashMap<>();
  private final Pattern name;
  private final Pattern id;
  private final int maxNameChars;
  private final int idDigestChars;
  private final String idPrefix;

  private ToolNames(int maxNameChars, Pattern id, String idPrefix, int idDigestChars) {
    this.maxNameChars = maxNameChars;
    this.name = Pattern.compile("[a-zA-Z0-9_-]{1," + maxNameChars + "}");
    this.id = id;
    this.idPrefix = idPrefix;
    this.idDigestChars = idDigestChars;
  }

  /** Anthropic's identifiers are of letters, digits, underscores and hyphens. */
  static ToolNames anthropic() {
    return new ToolNames(128, Pattern.compile("[a-zA-Z0-9_-]{1,256}"), "toolu_", 24);
  }

  /** OpenAI's identifiers have at most 40 characters, Mistral's are of nine letters and digits. */
  static ToolNames openAi(boolean shortIds) {
    return shortIds
        ? new ToolNames(64, Pattern.compile("[a-zA-Z0-9]{9}"), "", 9)
        : new ToolNames(64, Pattern.compile("[^\\s]{1,40}"), "call_", 24);
  }

  /** The name by which the provider knows the client's tool. */
  String name(String client) {
    if (name.matcher(client).matches()) {
      return client;
    }
    String clean = client.replaceAll("[^a-zA-Z0-9_-]", "_");
    int length = Math.min(clean.length(), maxNameChars - DIGEST_CHARS - 1);
    String made = clean.substring(0, length) + "_" + digest(client, DIGEST_CHARS);
    clientName.put(made, client);
    return made;
  }

  /** The identifier by which the provider knows the client's call. */
  String id(String client) {
    return id.matcher(client).matches() ? client : idPrefix + digest(client, idDigestChars);
  }

  private static String digest(String text, int chars) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, chars);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** A sink that is told the client's names. */
  ResponseSink restoring(ResponseSink next) {
    return clientName.isEmpty() ? next : new Restoring(next);
  }

  private final class Restoring extends ForwardingSink {

    Restoring(ResponseSink next) {
      super(next);
    }

    @Override
    public void call(String id, String name) throws IOException {
      super.call(id, clientName.getOrDefault(name, name));
    }
  }
}
