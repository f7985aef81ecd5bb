package io.mimir.gateway.web;

import io.mimir.gateway.ObjectKind;
import io.mimir.gateway.service.ClientProtocol;
import io.mimir.gateway.service.ObjectAddress;
import io.mimir.gateway.service.Operation;
import io.mimir.web.Requests;
import jakarta.servlet.http.HttpServletRequest;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An address of the gateway, and whose protocol is spoken there. Ollama has OpenAI's protocol below
 * {@code /v1}, so {@code /ollama/v1/…} is {@code /v1/…} for clients whose base is {@code /ollama}.
 *
 * @param path below the context root, without that detour
 */
record GatewayAddress(String path, ClientProtocol family) {

  static final String ANTHROPIC_VERSION = "anthropic-version";

  static final String OLLAMA = "/ollama";
  static final String OLD_EMBEDDING = "/ollama/api/embeddings";
  static final String BLOBS = "/ollama/api/blobs/";

  /** What Ollama's clients do with the models of a server of their own. */
  static final Set<String> OWNERS_ONLY =
      Set.of(
          "/ollama/api/pull",
          "/ollama/api/push",
          "/ollama/api/create",
          "/ollama/api/copy",
          "/ollama/api/delete");

  /** Addresses of OpenAI's that name a model, and touch nothing that is stored there. */
  static final Set<String> STATELESS =
      Set.of(
          "/moderations",
          "/audio/speech",
          "/audio/transcriptions",
          "/audio/translations",
          "/images/generations",
          "/images/edits",
          "/images/variations",
          "/responses/input_tokens",
          "/responses/compact",
          "/rerank");

  /** The templates of things that a provider keeps: of all, of one, and of a part of one. */
  private static final Map<ObjectKind, String[]> OBJECTS = new EnumMap<>(ObjectKind.class);

  static {
    for (ObjectKind kind : ObjectKind.values()) {
      String all = "/v1" + kind.path();
      OBJECTS.put(kind, new String[] {all, all + "/{id}", all + "/{id}/{part}"});
    }
  }

  private static final Pattern PLAIN = Pattern.compile("(/[A-Za-z0-9_.:-]+)+");

  static GatewayAddress of(HttpServletRequest request) {
    String path = Requests.path(request);
    if (path.startsWith(OLLAMA + "/v1/")) {
      path = path.substring(OLLAMA.length());
    } else if (path.startsWith(OLLAMA)) {
      return new GatewayAddress(path, ClientProtocol.OLLAMA);
    }
    boolean anthropic =
        path.startsWith("/v1/messages") || request.getHeader(ANTHROPIC_VERSION) != null;
    return new GatewayAddress(path, anthropic ? ClientProtocol.ANTHROPIC : ClientProtocol.OPENAI);
  }

  /** The base itself, which Ollama's clients ask whether anybody is there. */
  boolean isOllamaRoot() {
    return path.equals(OLLAMA) || path.equals(OLLAMA + "/");
  }

  boolean isForOwnersOfModels() {
    return OWNERS_ONLY.contains(path) || path.startsWith(BLOBS);
  }

  /** Ollama's embeddings of before {@code /api/embed}: one prompt, one embedding. */
  boolean isOldEmbedding() {
    return path.equals(OLD_EMBEDDING);
  }

  /** The template of the address, one of a fixed set. */
  String template() {
    Operation known = operation();
    if (known != null) {
      return isOldEmbedding() ? OLD_EMBEDDING : known.path();
    }
    if (ModelLists.ADDRESSES.contains(path) || OWNERS_ONLY.contains(path)) {
      return path;
    }
    if (path.startsWith("/v1/models/")) {
      return "/v1/models/{id}";
    }
    if (STATELESS.contains(below())) {
      return path;
    }
    ObjectAddress objects = ObjectAddress.at(below(), family);
    if (objects != null) {
      return OBJECTS
          .get(objects.kind())[objects.id() == null ? 0 : objects.part().isEmpty() ? 1 : 2];
    }
    return path.startsWith(OLLAMA) ? "/ollama/*" : "/v1/*";
  }

  /** The operation of the gateway at this address, or null. */
  Operation operation() {
    return isOldEmbedding() ? Operation.OLLAMA_EMBED : Operation.at(path);
  }

  /** The address as a provider with OpenAI's protocol has it, below its base. */
  String below() {
    return path.startsWith("/v1/") ? path.substring("/v1".length()) : "";
  }

  /** Whether a call here names a model and keeps nothing at the provider. */
  boolean isStateless(String method) {
    return STATELESS.contains(below()) && method.equals("POST");
  }

  /** Whether something is kept here that has an owner, so that every token may have its own. */
  boolean isOfOwnedObjects() {
    return ObjectAddress.at(below(), family) != null;
  }

  /**
   * Whether a body of this type can be read here: what it names has to be the caller's own.
   *
   * @param type a media type, in lower case
   */
  boolean takes(String type) {
    ObjectAddress objects = ObjectAddress.at(below(), family);
    return objects == null
        || type.startsWith("application/json")
        || (objects.takesForms() && type.startsWith("multipart/form-data"));
  }

  /** Whether what is sent here makes a batch, which says where its requests are to go. */
  boolean isForBatches() {
    return path.equals("/v1/batches");
  }

  /** Whether a provider may be asked at this address although the gateway knows nothing of it. */
  boolean canBePassedOn() {
    String below = below();
    return PLAIN.matcher(below).matches()
        && !below.contains("..")
        && !below.contains("/.")
        && (family == ClientProtocol.OPENAI || isOfOwnedObjects());
  }
}
