package io.mimir.upstream.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.Failures;
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
final class StreamTap {

  private static final int MAX_HELD_BYTES = 64 * 1024;

  /**
   * Beyond this an event is not kept for its token counts: OpenAI's last one repeats the answer.
   */
  private static final int MAX_READ_BYTES = 4 * 1024 * 1024;

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

  private final WireProtocol protocol;
  private final boolean lines;
  private final boolean takeUsageOut;
  private final UsageTap usage;
  private final Predicate<String> givesAway;

  private byte[] event = new byte[4 * 1024];
  private int length;
  private int passed;
  private boolean atLineStart = true;
  private boolean oversize;
  private boolean complete;
  private boolean begun;
  private boolean broken;
  private long events;

  /**
   * @param protocol what the provider speaks; null for what nobody here understands
   * @param lines whether each line is one event (NDJSON), and not server-sent events
   * @param takeUsageOut whether the client did not ask for the event with token counts
   * @param givesAway whether a text holds part of the key
   */
  StreamTap(
      WireProtocol protocol,
      boolean lines,
      boolean takeUsageOut,
      UsageTap usage,
      Predicate<String> givesAway) {
    this.protocol = protocol;
    this.lines = lines;
    this.takeUsageOut = takeUsageOut;
    this.usage = usage;
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
  ByteBuffer feed(ByteBuffer piece) throws LlmException {
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
    if (length > MAX_HELD_BYTES && passed < length) {
      out.write(event, passed, length - passed);
      passed = length;
      begun = true;
    }
    return ByteBuffer.wrap(out.toByteArray());
  }

  private void add(byte b) {
    if (length == MAX_READ_BYTES) {
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
    if (passed == 0 && !oversize && isComment()) {
      // It says that the provider lives and nothing else: an answer has not begun with it.
      if (begun) {
        out.write(event, 0, length);
      }
      restart();
      return;
    }
    boolean drop = passed == 0 && !oversize && judge();
    if (!drop) {
      if (passed > 0 && !oversize) {
        judge();
      }
      out.write(event, passed, length - passed);
      begun = true;
    }
    events++;
    restart();
  }

  private void restart() {
    length = 0;
    passed = 0;
    oversize = false;
    if (event.length > MAX_HELD_BYTES) {
      event = new byte[4 * 1024];
    }
  }

  /** Whether every line is empty or a comment (it begins with a colon). */
  private boolean isComment() {
    if (lines) {
      return false;
    }
    boolean start = true;
    for (int i = 0; i < length; i++) {
      byte b = event[i];
      if (start && b != ':' && b != '\n' && b != '\r') {
        return false;
      }
      start = b == '\n';
    }
    return true;
  }

  /**
   * @return whether the event is not for the client
   */
  private boolean judge() throws LlmException {
    judgeError();
    if (lines && !begun && !usage.readCounts(event, 0, length)) {
      throw new LlmException(
          CallOutcome.NOT_LLM_API, "The endpoint answers, but not as this provider does");
    }
    if (protocol != null && !complete && isEnd()) {
      if (!begun && has(DONE)) {
        throw new LlmException(
            CallOutcome.UPSTREAM_ERROR, "The provider ended its answer before it had begun");
      }
      complete = true;
    }
    int data = dataStart();
    if (data >= 0) {
      usage.readText(event, data, length - data);
    }
    if (has(USAGE) || has(EVAL_COUNT)) {
      readCounts();
      return takeUsageOut && (has(NO_CHOICES) || has(NO_CHOICES_SPACED)) && usage.knowsOutput();
    }
    return false;
  }

  /**
   * An error that comes before anything of an answer is not passed on, so that another key may be
   * asked; later it is the provider's own end of the stream, unless it gives the key away.
   */
  private void judgeError() throws LlmException {
    if (!has(ERROR)) {
      return;
    }
    int data = dataStart();
    int status = data < 0 ? -1 : ErrorInAnswer.statusIn(event, data, length - data);
    if (status < 0 && startsWith("event: error")) {
      status = 0;
    }
    if (status < 0) {
      return;
    }
    broken = true;
    if (!begun || givesAway.test(new String(event, 0, length, StandardCharsets.UTF_8))) {
      throw Failures.inAnswer(status);
    }
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
    return switch (protocol) {
      case OPENAI_CHAT, OPENAI_COMPLETIONS -> has(DONE) || hasFinishReason();
      case OPENAI_RESPONSES ->
          has(RESPONSE_END) || has(RESPONSE_INCOMPLETE) || has(RESPONSE_FAILED);
      case ANTHROPIC_MESSAGES -> has(MESSAGE_STOP);
      case OLLAMA_CHAT, OLLAMA_GENERATE -> has(LINE_DONE) || has(LINE_DONE_SPACED);
      case OPENAI_EMBEDDINGS, OLLAMA_EMBED -> true;
    };
  }

  private boolean hasFinishReason() {
    int at = find(FINISH_REASON, 0);
    return at >= 0 && valueAfter(at + FINISH_REASON.length) == '"';
  }

  private void readCounts() {
    int data = dataStart();
    if (data >= 0) {
      usage.readCounts(event, data, length - data);
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
  ByteBuffer rest() throws LlmException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (length > passed) {
      complete(out);
    }
    return ByteBuffer.wrap(out.toByteArray());
  }

  /** Whether the stream has come to the end that its protocol has. */
  boolean isComplete() {
    return complete || protocol == null;
  }

  /**
   * Whether the provider has ended it with an error event of its own, which the client has seen.
   */
  boolean isBroken() {
    return broken;
  }

  /** Whether nothing of an event has been passed on that has not ended. */
  boolean isBetweenEvents() {
    return begun && passed == 0;
  }

  /** How many events have come, comments aside. */
  long events() {
    return events;
  }
}
