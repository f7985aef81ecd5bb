package io.mimir.gateway.service;

import io.mimir.gateway.ObjectKind;
import java.util.List;
import java.util.Set;

/**
 * An address of things that a provider keeps: of all of a kind, of one of them, or of a part of
 * one.
 *
 * @param id of the one; null for all of the kind
 * @param part what follows the id, such as {@code /content}; empty for the one itself
 */
public record ObjectAddress(ObjectKind kind, String id, String part) {

  private static final List<ObjectKind> OF_OPENAI =
      List.of(
          ObjectKind.FILE,
          ObjectKind.BATCH,
          ObjectKind.VECTOR_STORE,
          ObjectKind.UPLOAD,
          ObjectKind.RESPONSE,
          ObjectKind.CONVERSATION);

  private static final List<ObjectKind> OF_ANTHROPIC =
      List.of(ObjectKind.FILE, ObjectKind.MESSAGE_BATCH);

  /** They look like ids, and are calls of a model that keep nothing. */
  private static final Set<String> CALLS = Set.of("/responses/input_tokens", "/responses/compact");

  /**
   * Reads an address.
   *
   * @param below the address below {@code /v1}, with or without its query
   * @return null for any other address
   */
  public static ObjectAddress at(String below, ClientProtocol client) {
    int query = below.indexOf('?');
    String path = query < 0 ? below : below.substring(0, query);
    if (CALLS.contains(path)) {
      return null;
    }
    for (ObjectKind kind : client == ClientProtocol.ANTHROPIC ? OF_ANTHROPIC : OF_OPENAI) {
      if (path.equals(kind.path())) {
        return new ObjectAddress(kind, null, "");
      }
      if (path.startsWith(kind.path() + "/")) {
        String rest = path.substring(kind.path().length() + 1);
        int end = rest.indexOf('/');
        return end < 0
            ? new ObjectAddress(kind, rest, "")
            : new ObjectAddress(kind, rest.substring(0, end), rest.substring(end));
      }
    }
    return null;
  }

  /** Tells whether a body may be a form, which cannot name anything that is kept. */
  public boolean takesForms() {
    return kind == ObjectKind.FILE || kind == ObjectKind.UPLOAD;
  }

  /** Tells whether a call is for the list of all of the kind. */
  boolean isList(String method) {
    return id == null && method.equals("GET");
  }

  /** Tells whether a call makes one of the kind. */
  boolean isMaking(String method) {
    return id == null && method.equals("POST");
  }

  /** Tells whether a call deletes the one. */
  boolean isDeleting(String method) {
    return id != null && part.isEmpty() && method.equals("DELETE");
  }

  /** Tells whether an answer here may name files that the account does not know of yet. */
  boolean namesNewFiles() {
    return switch (kind) {
      case BATCH, MESSAGE_BATCH -> part.isEmpty() || part.equals("/cancel");
      case UPLOAD -> part.equals("/complete");
      case FILE, VECTOR_STORE, RESPONSE, CONVERSATION -> false;
    };
  }
}
