package io.mimir.gateway.service;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the ids in a request that name what a provider keeps, while its JSON is read. What the
 * caller's own tools are called with, and what their schemas look like, is nobody's id.
 */
final class ReferenceReader {

  /** More than any request has a use for; each one costs a look into the database. */
  private static final int MAX_REFERENCES = 1_000;

  /**
   * An id and where it stands.
   *
   * @param field the member that names it
   */
  record Reference(String field, String id) {

    /** Whether it is part of what is said, and not of how the provider keeps it. */
    boolean isOfContent() {
      return !field.equals("previous_response_id") && !field.equals("conversation");
    }
  }

  private final List<Reference> found = new ArrayList<>(2);

  private int depth;

  /** From this depth on nothing counts, because it belongs to a tool of the caller. */
  private int ignoredFrom = Integer.MAX_VALUE;

  List<Reference> found() {
    return found;
  }

  /** Tells whether there are more than are looked up. */
  boolean isFull() {
    return found.size() > MAX_REFERENCES;
  }

  /** Begins a value that is read token by token, each of which {@link #take} gets. */
  void begin() {
    depth = 0;
    ignoredFrom = Integer.MAX_VALUE;
  }

  /** Takes the current token in. */
  void take(JsonParser parser, JsonToken token) throws IOException {
    if (token.isStructStart()) {
      depth++;
      if (depth < ignoredFrom && isOfTool(parser)) {
        ignoredFrom = depth;
      }
    } else if (token.isStructEnd()) {
      if (depth == ignoredFrom) {
        ignoredFrom = Integer.MAX_VALUE;
      }
      depth--;
    } else if (token == JsonToken.VALUE_STRING && depth < ignoredFrom) {
      string(parser);
    }
  }

  /** Reads a value from its first token, which is the current one, to its last. */
  void read(JsonParser parser) throws IOException {
    begin();
    take(parser, parser.currentToken());
    while (depth > 0) {
      take(parser, parser.nextToken());
    }
  }

  /** Takes a member that is an id itself, or an object with an {@code id}. */
  void readId(JsonParser parser, String field) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      add(field, parser.getText());
      return;
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      boolean id = parser.currentName().equals("id");
      if (parser.nextToken() == JsonToken.VALUE_STRING && id) {
        add(field, parser.getText());
      } else {
        parser.skipChildren();
      }
    }
  }

  private void string(JsonParser parser) throws IOException {
    String name =
        parser.getParsingContext().inArray()
            ? parser.getParsingContext().getParent().getCurrentName()
            : parser.currentName();
    if (name == null) {
      return;
    }
    switch (name) {
      case "file_id", "file_ids", "input_file_id", "vector_store_id", "vector_store_ids" ->
          add(name, parser.getText());
      default -> {
        // Nothing that a provider keeps.
      }
    }
  }

  private void add(String field, String id) {
    Reference reference = new Reference(field, id);
    if (!id.isEmpty() && !isFull() && !found.contains(reference)) {
      found.add(reference);
    }
  }

  /** Arguments of a call, and schemas. */
  private static boolean isOfTool(JsonParser parser) throws IOException {
    String name = parser.currentToken() == JsonToken.START_OBJECT ? parser.currentName() : null;
    if (name == null) {
      return false;
    }
    return switch (name) {
      case "input", "arguments", "parameters", "input_schema", "schema", "metadata" -> true;
      default -> false;
    };
  }
}
