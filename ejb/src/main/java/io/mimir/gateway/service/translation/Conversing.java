package io.mimir.gateway.service.translation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.function.Function;

/** A translated question and answer: one reader and one writer for each direction. */
final class Conversing implements Translation {

  private static final byte[] NOTHING = {};

  private final Pair pair;
  private final QuestionReader questions;
  private final QuestionWriter asking;
  private final AnswerReader answers;
  private final Function<Question, AnswerWriter> answering;

  private AnswerWriter writer;
  private Watched sink;
  private boolean streamed;
  private boolean closed;

  Conversing(
      Pair pair,
      QuestionReader questions,
      QuestionWriter asking,
      AnswerReader answers,
      Function<Question, AnswerWriter> answering) {
    this.pair = pair;
    this.questions = questions;
    this.asking = asking;
    this.answers = answers;
    this.answering = answering;
  }

  @Override
  public byte[] request(byte[] body, Wanted wanted) {
    ObjectNode node = Json.objectIn(body);
    if (node == null) {
      throw pair.invalid("body", "must be one JSON object");
    }
    Question question = questions.read(new Fields(pair, node));
    question.check(pair);
    streamed = question.streamed;
    writer = answering.apply(question);
    sink = new Watched(writer, wanted.model());
    return Json.bytes(asking.write(question, wanted));
  }

  @Override
  public boolean isStreamed() {
    return streamed;
  }

  @Override
  public byte[] answer(byte[] upstreamBody) throws IOException {
    ObjectNode body = Json.objectIn(upstreamBody);
    if (body == null) {
      throw AnswerReader.foreign();
    }
    Answer answer = new Answer();
    sink.passOnTo(answer);
    answers.whole(body, sink);
    return Json.bytes(writer.whole(answer));
  }

  @Override
  public byte[] event(String event, String data) throws IOException {
    if (closed) {
      return NOTHING;
    }
    answers.event(event, data, sink);
    if (answers.isOver()) {
      close();
    }
    return writer.take();
  }

  @Override
  public boolean isComplete() {
    return answers.isComplete();
  }

  @Override
  public byte[] end() throws IOException {
    if (!answers.isComplete()) {
      throw AnswerReader.broken();
    }
    if (closed) {
      return NOTHING;
    }
    close();
    return writer.take();
  }

  private void close() throws IOException {
    closed = true;
    sink.startOnce();
    writer.close();
  }

  @Override
  public long inputTokens() {
    return sink == null ? -1 : sink.usage().input();
  }

  @Override
  public long outputTokens() {
    return sink == null ? -1 : sink.usage().output();
  }

  @Override
  public String streamType() {
    return writer.streamType();
  }
}
