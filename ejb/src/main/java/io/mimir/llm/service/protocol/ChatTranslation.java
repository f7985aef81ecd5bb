package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.TokenUsage;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/** A translated request and answer: one reader and one writer for each direction. */
final class ChatTranslation implements Translation {

  private static final byte[] NOTHING = {};

  private final ProtocolPair pair;
  private final RequestReader requestReader;
  private final RequestWriter requestWriter;
  private final ResponseReader responseReader;
  private final Function<ChatRequest, ResponseWriter> responseWriter;

  private ResponseWriter writer;
  private UsageRecordingSink sink;

  /** Null where the provider itself holds the model to JSON, or none was asked for. */
  private JsonPromise promise;

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
  public byte[] request(byte[] body, UpstreamOptions options) {
    pair.omissions().strict(options.isStrict());
    ChatRequest request = requestReader.read(pair.client() == null ? null : fields(body));
    request.check(pair);
    streamed = request.streamed;
    ObjectNode asked = requestWriter.write(request, options);
    writer = responseWriter.apply(request);
    sink = new UsageRecordingSink(keeping(writer), options);
    return Json.bytes(asked);
  }

  /** The client's names of tools, and JSON where it was promised. */
  private ResponseSink keeping(ResponseSink target) {
    ResponseSink restoring = requestWriter.restoring(target);
    promise = requestWriter.promisesJson() ? new JsonPromise(restoring) : null;
    return promise == null ? restoring : promise;
  }

  private Fields fields(byte[] body) {
    ObjectNode node = Json.objectIn(body);
    if (node == null) {
      throw pair.invalid("body", "must be one JSON object");
    }
    return new Fields(pair, node);
  }

  @Override
  public List<String> leftOut() {
    return pair.omissions().names();
  }

  @Override
  public boolean isOptional() {
    return requestWriter.isOptional();
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
    ChatResponse response = new ChatResponse();
    sink.passOnTo(keeping(response));
    responseReader.whole(body, sink);
    if (promise != null) {
      promise.check();
    }
    ObjectNode written = writer.whole(response);
    return written == null ? NOTHING : Json.bytes(written);
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
      throw ResponseReader.foreign();
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
    if (promise != null) {
      promise.check();
    }
    writer.close();
  }

  @Override
  public byte[] failure(String code, String message) {
    if (closed || writer == null) {
      return NOTHING;
    }
    closed = true;
    writer.fail(code, message);
    return writer.take();
  }

  @Override
  public TokenUsage usage() {
    return sink == null ? TokenUsage.UNKNOWN : sink.usage();
  }

  @Override
  public String streamType() {
    return writer.streamType();
  }
}
