package io.mimir.gateway.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Looks at a stream that passes through in its own protocol, event by event (or line by line), and
 * lets the bytes through as they came. It learns the token counts, whether the stream has come to
 * its end, and whether the provider breaks off with an error; and it takes out the event with token
 * counts where we asked for it and the client did not. An event that is too large to be one of
 * these is passed on while it comes.
 */
final class StreamPass {

  private static final int LARGEST_HELD = 64 * 1024;

  /**
   * Beyond this an event is not kept for its token counts: OpenAI's last one repeats the answer.
   */
  private static final int LARGEST_READ = 4 * 1024 * 1024;

  /** How far from its beginning an error event may name the error. */
  private static final int LATEST_ERROR = 40;

  private static final byte[] USAGE = ascii("\"usage\"");
  private static final byte[] ERROR = ascii("\"error\"");
  private static final byte[] DONE = ascii("[DONE]");
  private static final byte[] FINISH_REASON = ascii("\"finish_reason\"");
  private static final byte[] NO_CHOICES = ascii("\"choices\":[]");
  private static final byte[] NO_CHOICES_SPACED = ascii("\"choices\": []");
  private static final byte[] MESSAGE_STOP = ascii("\"message_stop\"");
  private static final byte[] LINE_DONE = ascii("\"done\":true");
  private static final byte[] LINE_DONE_SPACED = ascii("\"done\": true");
  private static final byte[] RESPONSE_END = ascii("\"response.completed\"");
  private static final byte[] RESPONSE_INCOMPLETE = ascii("\"response.incomplete\"");
  private static final byte[] RESPONSE_FAILED = ascii("\"response.failed\"");
  private static final byte[] EVAL_COUNT = ascii("\"eval_count\"");

  private final Operation operation;
  private final boolean lines;
  private final boolean takeUsageOut;
  private final TokenCounts counts;
  private final Predicate<String> givesAway;

  private byte[] event = new byte[4 * 1024];
  private int length;
  private int passed;
  private boolean atLineStart = true;
  private boolean oversize;
  private boolean complete;
  private boolean begun;
  private boolean broken;

  /**
   * @param lines whether each line is one event (NDJSON), and not server-sent events
   * @param takeUsageOut whether the client did not ask for the event with token counts
   * @param givesAway whether a text holds part of the key
   */
  StreamPass(
      Operation operation,
      boolean lines,
      boolean takeUsageOut,
      TokenCounts counts,
      Predicate<String> givesAway) {
    this.operation = operation;
    this.lines = lines;
    this.takeUsageOut = takeUsageOut;
    this.counts = counts;
    this.givesAway = givesAway;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * @return what the client is to have now; may be empty
   * @throws LlmException when the stream begins with an error, or an error gives the key away: it
   *     is not passed on then
   */
  ByteArrayOutputStream feed(ByteBuffer piece) throws LlmException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(piece.remaining() + 256);
    while (piece.hasRemaining()) {
      byte b = piece.get();
      add(b);
      boolean end = b == '\n';
      if (end && (lines ? length > 1 : atLineStart && length > 1)) {
        complete(out);
      }
      if (b == '\n') {
        atLineStart = true;
      } else if (b != '\r') {
        atLineStart = false;
      }
    }
    if (length > LARGEST_HELD && passed < length) {
      out.write(event, passed, length - passed);
      passed = length;
      begun = true;
    }
    return out;
  }

  private void add(byte b) {
    if (length == LARGEST_READ) {
      // Its beginning has been passed on; what is kept of it is of no use any more.
      length = 0;
      passed = 0;
      oversize = true;
    }
    if (length == event.length) {
      event = Arrays.copyOf(event, length * 2);
    }
    event[length++] = b;
  }

  private void complete(ByteArrayOutputStream out) throws LlmException {
    boolean drop = passed == 0 && !oversize && judge();
    if (!drop) {
      if (passed > 0 && !oversize) {
        judge();
      }
      out.write(event, passed, length - passed);
      begun = true;
    }
    length = 0;
    passed = 0;
    oversize = false;
    if (event.length > LARGEST_HELD) {
      event = new byte[4 * 1024];
    }
  }

  /**
   * @return whether the event is not for the client
   */
  private boolean judge() throws LlmException {
    if (has(ERROR) && isError()) {
      broken = true;
      if (!begun || givesAway.test(new String(event, 0, length, StandardCharsets.UTF_8))) {
        throw new LlmException(CallOutcome.UPSTREAM_ERROR, "The provider broke off with an error");
      }
    }
    if (!complete && isEnd()) {
      complete = true;
    }
    if (has(USAGE) || has(EVAL_COUNT)) {
      readCounts();
      return takeUsageOut && (has(NO_CHOICES) || has(NO_CHOICES_SPACED)) && counts.output() >= 0;
    }
    return false;
  }

  /**
   * An error object, and not the word inside of an answer's text: {@code {"error":…} or
   * {"type":"error","error":…}, before anything of an answer.
   */
  private boolean isError() {
    if (operation.family() == Family.ANTHROPIC && startsWith("event: error")) {
      return true;
    }
    int data = dataStart();
    int at = data < 0 ? -1 : find(ERROR, data);
    if (at < 0 || at - data > LATEST_ERROR) {
      return false;
    }
    byte value = valueAfter(at + ERROR.length);
    return value == '{' || (lines && value == '"');
  }

  /** The first byte of a member's value; 0 where there is none. */
  private byte valueAfter(int name) {
    int at = name;
    while (at < length && (event[at] == ' ' || event[at] == ':')) {
      at++;
    }
    return at < length ? event[at] : 0;
  }

  private boolean startsWith(String text) {
    byte[] bytes = ascii(text);
    return length >= bytes.length && Arrays.equals(event, 0, bytes.length, bytes, 0, bytes.length);
  }

  private boolean isEnd() {
    return switch (operation) {
      case CHAT_COMPLETIONS, COMPLETIONS -> has(DONE) || hasFinishReason();
      case RESPONSES -> has(RESPONSE_END) || has(RESPONSE_INCOMPLETE) || has(RESPONSE_FAILED);
      case MESSAGES -> has(MESSAGE_STOP);
      case OLLAMA_CHAT, OLLAMA_GENERATE -> has(LINE_DONE) || has(LINE_DONE_SPACED);
      default -> true;
    };
  }

  private boolean hasFinishReason() {
    int at = find(FINISH_REASON, 0);
    return at >= 0 && valueAfter(at + FINISH_REASON.length) == '"';
  }

  private void readCounts() {
    int data = dataStart();
    if (data >= 0) {
      counts.read(event, data, length - data);
    }
  }

  /** Where the JSON begins; events of providers have it on one line. */
  private int dataStart() {
    return lines ? 0 : find(new byte[] {'{'}, 0);
  }

  private boolean has(byte[] word) {
    return find(word, 0) >= 0;
  }

  private int find(byte[] word, int from) {
    int last = length - word.length;
    byte first = word[0];
    for (int i = from; i <= last; i++) {
      if (event[i] == first && Arrays.equals(event, i, i + word.length, word, 0, word.length)) {
        return i;
      }
    }
    return -1;
  }

  /** What is left when the provider has ended; an event without its empty line is passed on too. */
  ByteArrayOutputStream rest() throws LlmException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (length > passed) {
      complete(out);
    }
    return out;
  }

  /** Whether the stream has come to the end that its protocol has. */
  boolean isComplete() {
    return complete || operation == Operation.OTHER;
  }

  /**
   * Whether the provider has ended it with an error event of its own, which the client has seen.
   */
  boolean isBroken() {
    return broken;
  }
}
