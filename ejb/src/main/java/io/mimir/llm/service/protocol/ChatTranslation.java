package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.function.Function;

/** A translated question and answer: one reader and one writer for each direction. */
final class ChatTranslation implements Translation {

  private static final byte[] NOTHING = {};

  private final ProtocolPair pair;
  private final RequestReader requestReader;
  private final RequestWriter requestWriter;
  private final ResponseReader responseReader;
  private final Function<ChatRequest, ResponseWriter> responseWriter;

  private ResponseWriter writer;
  private UsageRecordingSink sink;
  private boolean streamed;
  private boolean closed;

  ChatTranslation(
      ProtocolPair pair,
      RequestReader requestReader,
      RequestWriter requestWriter,
      ResponseReader responseReader,
      Function<ChatRequest, ResponseWriter> responseWriter) {
    this.pair = pair;
    this.requestReader = requestReader;
    this.requestWriter = requestWriter;
    this.responseReader = responseReader;
    this.responseWriter = responseWriter;
  }

  @Override
  public byte[] request(byte[] body, UpstreamOptions wanted) {
    ObjectNode node = Json.objectIn(body);
    if (node == null) {
      throw pair.invalid("body", "must be one JSON object");
    }
    ChatRequest request = requestReader.read(new Fields(pair, node));
    request.check(pair);
    streamed = request.streamed;
    writer = responseWriter.apply(request);
    sink = new UsageRecordingSink(writer, wanted.model());
    return Json.bytes(requestWriter.write(request, wanted));
  }

  @Override
  public boolean isStreamed() {
    return streamed;
  }

  @Override
  public byte[] answer(byte[] upstreamBody) throws IOException {
    ObjectNode body = Json.objectIn(upstreamBody);
    if (body == null) {
      throw ResponseReader.foreign();
    }
    ChatResponse answer = new ChatResponse();
    sink.passOnTo(answer);
    responseReader.whole(body, sink);
    return Json.bytes(writer.whole(answer));
  }

  @Override
  public byte[] event(String event, String data) throws IOException {
    if (closed) {
      return NOTHING;
    }
    responseReader.event(event, data, sink);
    if (responseReader.isOver()) {
      close();
    }
    return writer.take();
  }

  @Override
  public boolean isComplete() {
    return responseReader.isComplete();
  }

  @Override
  public byte[] end() throws IOException {
    if (!responseReader.isComplete()) {
      throw ResponseReader.broken();
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
