package io.mimir.gateway.service;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the gateway needs to know of a request's JSON. The body itself stays as it came, but for the
 * name of the model and the wish for token counts, which are put into its bytes where they belong.
 */
public final class RequestEnvelope {

  /** What would let a caller choose where a key is sent, or bring one of its own (T11). */
  private static final Set<String> REFUSED =
      Set.of(
          "api_base",
          "apibase",
          "base_url",
          "baseurl",
          "api_key",
          "apikey",
          "api_version",
          "endpoint",
          "endpoint_url",
          "organization",
          "custom_llm_provider",
          "custom_host",
          "extra_headers");

  /** An address within the API of the provider that has the batch. */
  private static final Pattern PATH = Pattern.compile("/v1(/[a-z_]+)+");

  private static final int DEEPEST = 200;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final byte[] body;
  private String model;
  private int modelStart = -1;
  private int modelEnd;
  private Boolean stream;
  private boolean streamGiven;
  private boolean optionsSeen;
  private int optionsStart = -1;
  private boolean optionsEmpty;
  private boolean includeUsageSeen;
  private boolean usageWanted;
  private int objectStart;
  private String session;
  private boolean kept;
  private boolean unkept;
  private final boolean ofBatch;
  private final ReferenceReader references = new ReferenceReader();
  private final OpeningReader opening;

  private RequestEnvelope(byte[] body, boolean ofBatch) {
    this.body = body;
    this.ofBatch = ofBatch;
    this.opening = new OpeningReader(body, references);
  }

  /**
   * Reads one JSON object.
   *
   * @throws ProblemException MALFORMED, INVALID or MISSING_FIELD, naming the field
   */
  public static RequestEnvelope read(byte[] body) {
    return read(body, false);
  }

  /**
   * Reads one JSON object.
   *
   * @param ofBatch whether it makes a batch, whose member {@code endpoint} is an address of the
   *     provider's API for its requests
   * @throws ProblemException MALFORMED, INVALID or MISSING_FIELD, naming the field
   */
  public static RequestEnvelope read(byte[] body, boolean ofBatch) {
    RequestEnvelope head = new RequestEnvelope(body, ofBatch);
    try (JsonParser parser = JSON.createParser(body)) {
      head.read(parser);
      return head;
    } catch (StreamConstraintsException e) {
      throw new ProblemException(
          Problem.MALFORMED,
          "The JSON is nested deeper than " + DEEPEST + ", or a number too long");
    } catch (JsonProcessingException e) {
      throw new ProblemException(
          Problem.MALFORMED,
          "The body is no JSON: look at line %d, column %d"
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new ProblemException(Problem.MALFORMED, "Send one JSON object");
    }
    objectStart = (int) parser.currentLocation().getByteOffset();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_OBJECT;
        token = parser.nextToken()) {
      member(parser, parser.currentName());
    }
    if (parser.nextToken() != null) {
      throw new ProblemException(Problem.MALFORMED, "Send one JSON object and nothing after it");
    }
  }

  private void member(JsonParser parser, String name) throws IOException {
    JsonToken value = parser.nextToken();
    switch (name) {
      case "model" -> {
        once(model == null, name);
        if (value != JsonToken.VALUE_STRING || parser.getTextLength() == 0) {
          throw invalid(name, "The model is a text");
        }
        model = parser.getText();
        modelStart = (int) parser.currentTokenLocation().getByteOffset();
        // The text is read to its end now, so the parser stands behind its closing quote.
        modelEnd = (int) parser.currentLocation().getByteOffset();
      }
      case "stream" -> {
        once(stream == null, name);
        if (value != JsonToken.VALUE_NULL && !value.isBoolean()) {
          throw invalid(name, "This is true or false");
        }
        stream = value == JsonToken.VALUE_TRUE;
        streamGiven = value != JsonToken.VALUE_NULL;
      }
      case "stream_options" -> {
        once(!optionsSeen, name);
        optionsSeen = true;
        options(parser, value);
      }
      case "prompt_cache_key" -> {
        if (value == JsonToken.VALUE_STRING) {
          session = parser.getText();
        } else {
          parser.skipChildren();
        }
      }
      case "metadata" -> metadata(parser, value);
      case "system", "instructions", "prompt" -> opening.read(parser);
      case "messages", "input" -> opening.readMessages(parser);
      case "previous_response_id", "conversation" -> {
        kept |= value != JsonToken.VALUE_NULL;
        references.readId(parser, name);
      }
      case "file_id",
          "file_ids",
          "input_file_id",
          "vector_store_ids",
          "files",
          "images",
          "mask",
          "tools",
          "requests" ->
          references.read(parser);
      case "store", "background" -> {
        kept |= value == JsonToken.VALUE_TRUE;
        unkept |= name.equals("store") && value == JsonToken.VALUE_FALSE;
        parser.skipChildren();
      }
      case "provider" -> {
        if (value == JsonToken.VALUE_STRING) {
          throw refused(name);
        }
        parser.skipChildren();
      }
      default -> {
        boolean endpointOfBatch = ofBatch && name.equals("endpoint");
        if (endpointOfBatch ? !isPath(parser, value) : isRefused(name)) {
          throw refused(name);
        }
        parser.skipChildren();
      }
    }
  }

  private static boolean isRefused(String name) {
    return REFUSED.contains(name.toLowerCase(java.util.Locale.ROOT));
  }

  private static boolean isPath(JsonParser parser, JsonToken value) throws IOException {
    return value == JsonToken.VALUE_STRING && PATH.matcher(parser.getText()).matches();
  }

  private void options(JsonParser parser, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_NULL) {
      return;
    }
    if (value != JsonToken.START_OBJECT) {
      throw invalid("stream_options", "This is an object");
    }
    optionsStart = (int) parser.currentLocation().getByteOffset();
    optionsEmpty = true;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      optionsEmpty = false;
      String name = parser.currentName();
      JsonToken option = parser.nextToken();
      if (name.equals("include_usage")) {
        includeUsageSeen = true;
        usageWanted = option == JsonToken.VALUE_TRUE;
      }
      parser.skipChildren();
    }
  }

  /** Claude Code names its session in the user's id. */
  private void metadata(JsonParser parser, JsonToken value) throws IOException {
    if (value != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      boolean user = parser.currentName().equals("user_id");
      if (parser.nextToken() == JsonToken.VALUE_STRING && user && session == null) {
        session = parser.getText();
      } else {
        parser.skipChildren();
      }
    }
  }

  private static void once(boolean first, String name) {
    if (!first) {
      throw invalid(name, "This field is there twice");
    }
  }

  private static ProblemException invalid(String field, String message) {
    return ProblemException.of(Problem.INVALID, field, "invalid", message);
  }

  private static ProblemException refused(String field) {
    return ProblemException.of(
        Problem.INVALID,
        field,
        "not_allowed",
        "Leave %s out: keys and where they are used are set by administrators".formatted(field));
  }

  /** What the client calls the conversation in the body, or null. */
  String session() {
    return session;
  }

  /** A hash of what the conversation begins with; 0 where there is nothing to tell it by. */
  long openingHash() {
    return opening.hash();
  }

  /** The ids that name what a provider keeps. */
  List<ReferenceReader.Reference> references() {
    if (references.isFull()) {
      throw new ProblemException(
          Problem.INVALID, "The request names more than 1,000 things that a provider keeps");
    }
    return references.found();
  }

  /** Whether the client says that the provider is to keep what it answers, or has kept before. */
  boolean isKept() {
    return kept;
  }

  /** Whether the client says that the provider is to keep nothing. */
  boolean isUnkept() {
    return unkept;
  }

  /** The model as the client wrote it, or null. */
  public String model() {
    return model;
  }

  /**
   * @param byDefault what the protocol does when nothing is said
   */
  public boolean isStreamed(boolean byDefault) {
    return streamGiven ? stream : byDefault;
  }

  /** Whether the client asked OpenAI's protocol for the token counts of a stream. */
  boolean wantsUsage() {
    return usageWanted;
  }

  /**
   * The body for the provider.
   *
   * @param providersModel put in place of the client's name of the model where that differs
   * @param withUsage whether to ask for the token counts of a stream as well
   */
  byte[] body(String providersModel, boolean withUsage) {
    boolean sameModel = modelStart < 0 || providersModel.equals(model);
    boolean askForUsage = withUsage && !usageWanted && !includeUsageSeen && canAskForUsage();
    if (sameModel && !askForUsage) {
      return body;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 64);
    int from = 0;
    if (askForUsage && optionsStart < 0) {
      out.write(body, 0, objectStart);
      out.writeBytes(
          "\"stream_options\":{\"include_usage\":true},".getBytes(StandardCharsets.UTF_8));
      from = objectStart;
    }
    boolean optionsFirst = optionsStart >= 0 && optionsStart < modelStart;
    if (askForUsage && optionsFirst) {
      from = putUsage(out, from);
    }
    if (!sameModel) {
      out.write(body, from, modelStart - from);
      out.writeBytes(quoted(providersModel).getBytes(StandardCharsets.UTF_8));
      from = modelEnd;
    }
    if (askForUsage && optionsStart >= 0 && !optionsFirst) {
      from = putUsage(out, from);
    }
    out.write(body, from, body.length - from);
    return out.toByteArray();
  }

  /** An explicit null cannot be added to. */
  private boolean canAskForUsage() {
    return !optionsSeen || optionsStart >= 0;
  }

  private int putUsage(ByteArrayOutputStream out, int from) {
    out.write(body, from, optionsStart - from);
    String wish = "\"include_usage\":true" + (optionsEmpty ? "" : ",");
    out.writeBytes(wish.getBytes(StandardCharsets.UTF_8));
    return optionsStart;
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < 0x20) {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
