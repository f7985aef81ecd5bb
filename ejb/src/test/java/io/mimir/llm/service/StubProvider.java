package io.mimir.llm.service;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A provider for tests and for trying Mimir out: it speaks the wire formats of OpenAI, Anthropic
 * and Ollama on one port, and misbehaves when told to. One file and nothing but the JDK, so that
 * {@code java StubProvider.java 11434} starts it.
 *
 * <p>Models named {@code fail-<misbehaviour>}, such as {@code fail-status_401}, misbehave by
 * themselves.
 */
public final class StubProvider implements AutoCloseable {

  /** The key that OpenAI's and Anthropic's side accept. */
  public static final String KEY = "sk-stub-0123456789abcdef";

  private static final List<String> OPENAI_MODELS = List.of("gpt-4", "gpt-4o-mini");
  private static final List<String> ANTHROPIC_MODELS = List.of("claude-haiku-4-5");
  private static final List<String> OLLAMA_MODELS = List.of("llama3", "mistral");

  /** What a provider can do wrong. */
  public enum Misbehaviour {
    NONE,
    /** 401, with the key in the body, as OpenAI does in part. */
    STATUS_401,
    STATUS_403,
    STATUS_404,
    /** 429 with Retry-After: 7. */
    STATUS_429,
    /** 429 because the account has no credit. */
    QUOTA,
    /** 400, as for a conversation that is too long. */
    STATUS_400,
    /** 400 because the account has no credit, as Anthropic says it. */
    NO_CREDIT,
    /** 422 for {@code stream_options}, as some of OpenAI's imitators do. */
    STRICT,
    STATUS_500,
    STATUS_503,
    REDIRECT_301,
    REDIRECT_302,
    REDIRECT_303,
    REDIRECT_307,
    REDIRECT_308,
    /** 200 with a page. */
    HTML,
    /** 200 with JSON that is something else. */
    OTHER_JSON,
    /** Takes the request and says nothing until released. */
    SILENT,
    /** Sends the first part of an answer and nothing more until released. */
    STALL,
    /** Waits a little between the parts. */
    SLOW,
    /** Never stops sending a whole answer. */
    ENDLESS,
    /** An event or line of over 64 KiB. */
    LONG_EVENT,
    /** An error in the middle of the stream, in the protocol's own form. */
    ERROR_IN_STREAM,
    /** Closes the connection in the middle of the stream. */
    CUT,
    /** A header of 100 KB. */
    LONG_HEADER,
    /** What should be events is noise. */
    NOISE
  }

  /**
   * A request that came in.
   *
   * @param headers names in lower case
   */
  public record Seen(
      String method, String path, Map<String, String> headers, String body, Instant at) {}

  private final ServerSocket server;
  private final List<Seen> requests = new CopyOnWriteArrayList<>();
  private final List<Instant> departures = new CopyOnWriteArrayList<>();
  private final Map<Socket, Boolean> open = new ConcurrentHashMap<>();
  private volatile Misbehaviour misbehaviour = Misbehaviour.NONE;
  private volatile String redirectTo = "http://169.254.169.254/latest/meta-data/";
  private volatile String answer;
  private volatile List<String> offered;
  private volatile String expectedKey = KEY;
  private volatile boolean ollamaWantsKey;
  private volatile CountDownLatch release = new CountDownLatch(1);

  private StubProvider(int port) throws IOException {
    server = new ServerSocket(port, 200, InetAddress.getLoopbackAddress());
    Thread acceptor = new Thread(this::accept, "stub-provider");
    acceptor.setDaemon(true);
    acceptor.start();
  }

  /** Starts on a free port. */
  public static StubProvider start() throws IOException {
    return new StubProvider(0);
  }

  /** Starts on a port of one's own, prints the address and runs until it is ended. */
  public static void main(String[] args) throws IOException, InterruptedException {
    StubProvider stub = new StubProvider(args.length == 0 ? 11434 : Integer.parseInt(args[0]));
    System.out.println(
        "A stub of OpenAI, Anthropic and Ollama listens on " + stub.url() + " (key " + KEY + ")");
    new CountDownLatch(1).await();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  public int port() {
    return server.getLocalPort();
  }

  public StubProvider misbehave(Misbehaviour how) {
    release.countDown();
    release = new CountDownLatch(1);
    misbehaviour = how;
    return this;
  }

  public StubProvider redirectTo(String address) {
    redirectTo = address;
    return this;
  }

  /** What to say instead of repeating the question; null for that. */
  public StubProvider say(String text) {
    answer = text;
    return this;
  }

  /** What models to offer instead of the usual ones; null for those. */
  public StubProvider offer(List<String> models) {
    offered = models;
    return this;
  }

  public StubProvider expectKey(String key) {
    expectedKey = key;
    return this;
  }

  public StubProvider ollamaWantsKey(boolean wants) {
    ollamaWantsKey = wants;
    return this;
  }

  /** Lets go what is held back. */
  public void release() {
    release.countDown();
  }

  public List<Seen> requests() {
    return List.copyOf(requests);
  }

  public Seen last() {
    return requests.get(requests.size() - 1);
  }

  /**
   * What came in to be answered by a model. Mimir reads lists of models, and finds out by empty
   * questions what a server knows, at times of its own.
   */
  public List<Seen> questions() {
    return requests.stream()
        .filter(seen -> seen.method().equals("POST") && !seen.body().equals("{}"))
        .toList();
  }

  public Seen lastQuestion() {
    List<Seen> questions = questions();
    return questions.get(questions.size() - 1);
  }

  /** Forgets what came in and behaves well again. */
  public void reset() {
    misbehave(Misbehaviour.NONE);
    answer = null;
    offered = null;
    expectedKey = KEY;
    ollamaWantsKey = false;
    requests.clear();
    departures.clear();
  }

  /** Waits until as many questions have come in. */
  public boolean awaitQuestions(int count, Duration patience) throws InterruptedException {
    return await(patience, stub -> stub.questions().size() >= count);
  }

  /** Waits until a client has gone away from an answer that was not complete. */
  public boolean awaitDeparture(Duration patience) throws InterruptedException {
    return await(patience, stub -> !stub.departures.isEmpty());
  }

  private boolean await(Duration patience, Predicate<StubProvider> condition)
      throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (!condition.test(this)) {
      if (System.nanoTime() > end) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return true;
  }

  @Override
  public void close() {
    release.countDown();
    try {
      server.close();
      for (Socket socket : open.keySet()) {
        socket.close();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.put(socket, true);
        Thread thread = new Thread(() -> serve(socket), "stub-provider-call");
        thread.setDaemon(true);
        thread.start();
      } catch (SocketException e) {
        return;
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        Seen request = read(in);
        if (request == null) {
          return;
        }
        requests.add(request);
        if (!answered(socket, in, request)) {
          return;
        }
      }
    } catch (IOException | InterruptedException e) {
      // The client went away between two requests, or the stub is being closed.
    } finally {
      open.remove(socket);
    }
  }

  private boolean answered(Socket socket, InputStream in, Seen request)
      throws IOException, InterruptedException {
    try {
      return new Call(this, socket, in, request).answer();
    } catch (IOException e) {
      departures.add(Instant.now());
      throw e;
    }
  }

  private static Seen read(InputStream in) throws IOException {
    String first = line(in);
    if (first == null || first.isEmpty()) {
      return null;
    }
    String[] parts = first.split(" ");
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    byte[] body;
    if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int size = Integer.parseInt(line(in).strip(), 16);
          size > 0;
          size = Integer.parseInt(line(in).strip(), 16)) {
        all.writeBytes(in.readNBytes(size));
        line(in);
      }
      line(in);
      body = all.toByteArray();
    } else {
      body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    }
    return new Seen(
        parts[0], parts[1], headers, new String(body, StandardCharsets.UTF_8), Instant.now());
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return line.size() == 0 ? null : line.toString(StandardCharsets.ISO_8859_1);
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  /** One request and its answer. */
  private static final class Call {

    private final StubProvider stub;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Seen request;
    private final Map<String, Object> body;
    private Misbehaviour how;

    Call(StubProvider stub, Socket socket, InputStream in, Seen request) throws IOException {
      this.stub = stub;
      this.socket = socket;
      this.in = in;
      this.out = socket.getOutputStream();
      this.request = request;
      this.body = request.body().isBlank() ? Map.of() : new JsonText(request.body()).object();
      this.how = stub.misbehaviour;
      String model = String.valueOf(body.get("model"));
      if (model.startsWith("fail-")) {
        how = Misbehaviour.valueOf(model.substring(5).toUpperCase(Locale.ROOT));
      }
    }

    /**
     * @return whether the connection can be used again
     */
    boolean answer() throws IOException, InterruptedException {
      switch (how) {
        case STATUS_401 -> {
          return refuse(401, "Incorrect API key provided: " + credential(), "invalid_api_key");
        }
        case STATUS_403 -> {
          return refuse(403, "Not allowed for " + credential(), "forbidden");
        }
        case STATUS_404 -> {
          return refuse(404, "The model does not exist", "model_not_found");
        }
        case STATUS_429 -> {
          return refuse(429, "Too many requests", "rate_limit_exceeded", "Retry-After: 7");
        }
        case QUOTA -> {
          return refuse(429, "You exceeded your current quota", "insufficient_quota");
        }
        case STATUS_400 -> {
          return refuse(400, "Too long for " + credential(), "context_length_exceeded");
        }
        case NO_CREDIT -> {
          return refuse(400, "Your credit balance is too low", "invalid_request_error");
        }
        case STRICT -> {
          return body.containsKey("stream_options")
              ? refuse(422, "stream_options: extra fields not permitted", "extra_forbidden")
              : route();
        }
        case STATUS_500 -> {
          return refuse(500, "Boom " + credential(), "server_error");
        }
        case STATUS_503 -> {
          return refuse(503, "Overloaded", "overloaded");
        }
        case REDIRECT_301, REDIRECT_302, REDIRECT_303, REDIRECT_307, REDIRECT_308 -> {
          int status = Integer.parseInt(how.name().substring(9));
          return whole(status, "text/plain", "", "Location: " + stub.redirectTo);
        }
        case HTML -> {
          return whole(200, "text/html", "<!doctype html><h1>It works " + credential() + "</h1>");
        }
        case OTHER_JSON -> {
          return whole(200, "application/json", "{\"hello\":\"world\"}");
        }
        case SILENT -> {
          hold();
          return false;
        }
        case LONG_HEADER -> {
          return whole(200, "application/json", "{}", "X-Long: " + "x".repeat(100_000));
        }
        case ENDLESS -> {
          return endless();
        }
        default -> {
          return route();
        }
      }
    }

    private boolean route() throws IOException, InterruptedException {
      return switch (request.method() + " " + request.path().split("\\?")[0]) {
        case "GET /v1/models" ->
            request.headers().containsKey("anthropic-version")
                ? guarded(() -> models("data", "id", ANTHROPIC_MODELS))
                : guarded(() -> models("data", "id", OPENAI_MODELS));
        case "GET /api/tags" -> guarded(() -> models("models", "name", OLLAMA_MODELS));
        case "GET /api/version" -> whole(200, "application/json", "{\"version\":\"0.6.4\"}");
        case "POST /v1/chat/completions" -> guarded(this::openAi);
        case "POST /v1/messages" -> guarded(this::anthropic);
        case "POST /api/chat" -> guarded(this::ollama);
        default -> whole(404, "text/plain", "404 page not found");
      };
    }

    private interface Answer {
      boolean give() throws IOException, InterruptedException;
    }

    private boolean guarded(Answer answer) throws IOException, InterruptedException {
      boolean ollama = request.path().startsWith("/api/");
      // Ollama has OpenAI's protocol as well, and wants no key there either.
      boolean ollamasOpenAi =
          request.path().equals("/v1/chat/completions")
              && !request.headers().containsKey("authorization")
              && OLLAMA_MODELS.contains(String.valueOf(body.get("model")));
      boolean needed = !(ollama || ollamasOpenAi) || stub.ollamaWantsKey;
      if (needed && !stub.expectedKey.equals(credential())) {
        return refuse(401, "Incorrect API key provided: " + credential(), "invalid_api_key");
      }
      if (request.path().equals("/v1/messages")
          && !request.headers().containsKey("anthropic-version")) {
        return refuse(400, "anthropic-version: header is required", "invalid_request_error");
      }
      return answer.give();
    }

    private String credential() {
      String bearer = request.headers().getOrDefault("authorization", "");
      return request
          .headers()
          .getOrDefault("x-api-key", bearer.startsWith("Bearer ") ? bearer.substring(7) : "");
    }

    private boolean models(String list, String member, List<String> ids) throws IOException {
      StringBuilder json = new StringBuilder("{\"object\":\"list\",\"" + list + "\":[");
      for (String id : stub.offered == null ? ids : stub.offered) {
        json.append(json.charAt(json.length() - 1) == '[' ? "" : ",");
        json.append("{\"").append(member).append("\":").append(quoted(id)).append('}');
      }
      return whole(200, "application/json", json + "]}");
    }

    /** A text as it is, or the texts of a list of blocks. */
    private static String textOf(Object content) {
      if (!(content instanceof List<?> blocks)) {
        return String.valueOf(content);
      }
      StringBuilder text = new StringBuilder();
      for (Object block : blocks) {
        if (block instanceof Map<?, ?> one && one.get("text") != null) {
          text.append(one.get("text"));
        }
      }
      return text.toString();
    }

    private String text() {
      if (stub.answer != null) {
        return stub.answer;
      }
      String last = "";
      String system = body.get("system") == null ? null : textOf(body.get("system"));
      if (body.get("messages") instanceof List<?> messages) {
        for (Object each : messages) {
          if (each instanceof Map<?, ?> message) {
            String content = textOf(message.get("content"));
            if ("system".equals(message.get("role"))) {
              system = content;
            } else {
              last = content;
            }
          }
        }
      }
      return "You said: " + last + (system == null ? "" : " (I was told: " + system + ")");
    }

    /** The answer in a few parts, none of which splits a character. */
    private List<String> parts() {
      List<String> parts = new ArrayList<>();
      int[] points = text().codePoints().toArray();
      int size = Math.max(1, points.length / 5);
      for (int i = 0; i < points.length; i += size) {
        parts.add(new String(points, i, Math.min(size, points.length - i)));
      }
      return parts;
    }

    private boolean isStreamed(boolean otherwise) {
      return body.get("stream") instanceof Boolean streamed ? streamed : otherwise;
    }

    private String model() {
      return String.valueOf(body.get("model"));
    }

    private boolean openAi() throws IOException, InterruptedException {
      String head =
          "{\"id\":\"chatcmpl-1\",\"created\":1,\"model\":"
              + quoted(model())
              + ",\"object\":\"chat.completion";
      String usage = "{\"prompt_tokens\":11,\"completion_tokens\":7,\"total_tokens\":18}";
      if (!isStreamed(false)) {
        return whole(
            200,
            "application/json",
            head
                + "\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":"
                + "{\"role\":\"assistant\",\"content\":"
                + quoted(text())
                + "}}],\"usage\":"
                + usage
                + "}");
      }
      boolean wantsUsage =
          body.get("stream_options") instanceof Map<?, ?> options
              && Boolean.TRUE.equals(options.get("include_usage"));
      String tail = wantsUsage ? ",\"usage\":null}" : "}";
      List<String> events = new ArrayList<>();
      events.add(chunk(head, "{\"role\":\"assistant\",\"content\":\"\"}", "null", tail));
      for (String part : parts()) {
        events.add(chunk(head, "{\"content\":" + quoted(part) + "}", "null", tail));
      }
      events.add(chunk(head, "{}", "\"stop\"", tail));
      if (wantsUsage) {
        events.add("data: " + head + ".chunk\",\"choices\":[],\"usage\":" + usage + "}\n\n");
      }
      events.add("data: [DONE]\n\n");
      return stream("text/event-stream", events, "data: {\"error\":{\"message\":\"Boom\"}}\n\n", 2);
    }

    private static String chunk(String head, String delta, String finish, String tail) {
      return "data: "
          + head
          + ".chunk\",\"choices\":[{\"index\":0,\"delta\":"
          + delta
          + ",\"finish_reason\":"
          + finish
          + "}]"
          + tail
          + "\n\n";
    }

    private boolean anthropic() throws IOException, InterruptedException {
      String start =
          "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
              + quoted(model());
      if (!isStreamed(false)) {
        return whole(
            200,
            "application/json",
            start
                + ",\"content\":[{\"type\":\"text\",\"text\":"
                + quoted(text())
                + "}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":11,\"output_tokens\":7}}");
      }
      List<String> events = new ArrayList<>();
      events.add(
          event(
              "message_start",
              "\"message\":"
                  + start
                  + ",\"content\":[],\"usage\":{\"input_tokens\":11,\"output_tokens\":1}}"));
      events.add(
          event(
              "content_block_start",
              "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"));
      events.add("event: ping\ndata: {\"type\":\"ping\"}\n\n");
      for (String part : parts()) {
        events.add(
            event(
                "content_block_delta",
                "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":" + quoted(part) + "}"));
      }
      events.add(event("content_block_stop", "\"index\":0"));
      events.add(
          event(
              "message_delta",
              "\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7}"));
      events.add("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
      String error =
          event("error", "\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}");
      return stream("text/event-stream", events, error, 4);
    }

    private static String event(String type, String members) {
      return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + members + "}\n\n";
    }

    private boolean ollama() throws IOException, InterruptedException {
      String head = "{\"model\":" + quoted(model()) + ",\"created_at\":\"2026-01-01T00:00:00Z\"";
      String tail =
          ",\"done\":true,\"done_reason\":\"stop\",\"total_duration\":1,"
              + "\"prompt_eval_count\":11,\"eval_count\":7}";
      if (!isStreamed(true)) {
        return whole(
            200,
            "application/json",
            head
                + ",\"message\":{\"role\":\"assistant\",\"content\":"
                + quoted(text())
                + "}"
                + tail);
      }
      List<String> lines = new ArrayList<>();
      for (String part : parts()) {
        lines.add(
            head
                + ",\"message\":{\"role\":\"assistant\",\"content\":"
                + quoted(part)
                + "},\"done\":false}\n");
      }
      lines.add(head + ",\"message\":{\"role\":\"assistant\",\"content\":\"\"}" + tail + "\n");
      return stream("application/x-ndjson", lines, "{\"error\":\"boom\"}\n", 1);
    }

    /**
     * @param firstText how many pieces there are before and with the first text
     */
    private boolean stream(String type, List<String> pieces, String error, int firstText)
        throws IOException, InterruptedException {
      write("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < pieces.size(); i++) {
        if (i == firstText) {
          switch (how) {
            case STALL -> {
              hold();
              if (socket.isClosed()) {
                return false;
              }
            }
            case CUT -> {
              // Else the client may find the end in the same read as the first parts, and drop
              // them.
              TimeUnit.MILLISECONDS.sleep(100);
              return false;
            }
            case ERROR_IN_STREAM -> {
              chunk(error);
              write("0\r\n\r\n");
              return true;
            }
            case LONG_EVENT ->
                chunk(pieces.get(i).replace("\n", "").strip() + "x".repeat(70_000) + "\n\n");
            case NOISE -> chunk("data: \u0007 noise {{{\n\n");
            default -> {
              // Behaves well.
            }
          }
        }
        if (how == Misbehaviour.SLOW) {
          TimeUnit.MILLISECONDS.sleep(150);
        }
        chunk(pieces.get(i));
      }
      write("0\r\n\r\n");
      return true;
    }

    private void chunk(String text) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      write(Integer.toHexString(bytes.length) + "\r\n");
      out.write(bytes);
      write("\r\n");
    }

    /** Waits to be released, or for the client to go away, which is written down. */
    private void hold() throws IOException, InterruptedException {
      CountDownLatch until = stub.release;
      socket.setSoTimeout(20);
      while (!until.await(1, TimeUnit.MILLISECONDS)) {
        try {
          if (in.read() < 0) {
            stub.departures.add(Instant.now());
            socket.close();
            return;
          }
        } catch (SocketTimeoutException e) {
          // Still there.
        } catch (IOException e) {
          stub.departures.add(Instant.now());
          socket.close();
          return;
        }
      }
      socket.setSoTimeout(0);
    }

    private boolean endless() throws IOException {
      write(
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
      String piece = "{\"padding\":\"" + "x".repeat(8000);
      while (true) {
        chunk(piece);
      }
    }

    private boolean refuse(int status, String message, String code, String... headers)
        throws IOException {
      String error =
          request.path().startsWith("/api/")
              ? "{\"error\":" + quoted(code + ": " + message) + "}"
              : request.headers().containsKey("anthropic-version")
                  ? "{\"type\":\"error\",\"error\":{\"type\":"
                      + quoted(code)
                      + ",\"message\":"
                      + quoted(message)
                      + "}}"
                  : "{\"error\":{\"message\":"
                      + quoted(message)
                      + ",\"type\":"
                      + quoted(code)
                      + ",\"param\":null,\"code\":"
                      + quoted(code)
                      + "}}";
      return whole(status, "application/json", error, headers);
    }

    private boolean whole(int status, String type, String text, String... headers)
        throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " X\r\n");
      head.append("Content-Type: ")
          .append(type)
          .append("\r\nContent-Length: ")
          .append(bytes.length);
      for (String header : headers) {
        head.append("\r\n").append(header);
      }
      write(head + "\r\n\r\n");
      out.write(bytes);
      out.flush();
      return true;
    }

    private void write(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    private static String quoted(String text) {
      StringBuilder json = new StringBuilder("\"");
      for (char c : text.toCharArray()) {
        switch (c) {
          case '"', '\\' -> json.append('\\').append(c);
          case '\n' -> json.append("\\n");
          default -> {
            if (c < 0x20) {
              json.append("\\u%04x".formatted((int) c));
            } else {
              json.append(c);
            }
          }
        }
      }
      return json.append('"').toString();
    }
  }

  /** Reads JSON into maps, lists, strings, numbers and booleans. */
  private static final class JsonText {

    private final String text;
    private int at;

    JsonText(String text) {
      this.text = text;
    }

    @SuppressWarnings("unchecked")
    Map<String, Object> object() {
      return (Map<String, Object>) value();
    }

    private Object value() {
      blanks();
      char c = text.charAt(at);
      return switch (c) {
        case '{' -> members();
        case '[' -> elements();
        case '"' -> string();
        default -> word();
      };
    }

    private void blanks() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    private Map<String, Object> members() {
      Map<String, Object> members = new LinkedHashMap<>();
      at++;
      blanks();
      while (text.charAt(at) != '}') {
        blanks();
        String name = string();
        blanks();
        at++;
        members.put(name, value());
        blanks();
        at += text.charAt(at) == ',' ? 1 : 0;
        blanks();
      }
      at++;
      return members;
    }

    private List<Object> elements() {
      List<Object> elements = new ArrayList<>();
      at++;
      blanks();
      while (text.charAt(at) != ']') {
        elements.add(value());
        blanks();
        at += text.charAt(at) == ',' ? 1 : 0;
        blanks();
      }
      at++;
      return elements;
    }

    private String string() {
      StringBuilder string = new StringBuilder();
      for (at++; text.charAt(at) != '"'; at++) {
        char c = text.charAt(at);
        if (c != '\\') {
          string.append(c);
          continue;
        }
        char escaped = text.charAt(++at);
        switch (escaped) {
          case 'n' -> string.append('\n');
          case 't' -> string.append('\t');
          case 'r' -> string.append('\r');
          case 'b' -> string.append('\b');
          case 'f' -> string.append('\f');
          case 'u' -> {
            string.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
            at += 4;
          }
          default -> string.append(escaped);
        }
      }
      at++;
      return string.toString();
    }

    private Object word() {
      int from = at;
      while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String word = text.substring(from, at);
      return switch (word) {
        case "true" -> true;
        case "false" -> false;
        case "null" -> null;
        default -> Double.valueOf(word);
      };
    }
  }
}
