import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Kills the server while keys, tokens, accounts' conversations, questions and calls of the gateway
 * are made over REST, again and again on the same data. README.md beside this file says more.
 */
public final class ServerKills {

  private static final String FAULT = "KILL under mixed writes";
  private static final String WHERE = "server";
  private static final int WRITERS = 4;

  /** Usage is written each second, and has arrived after the next. */
  private static final long USAGE_WRITTEN_MS = 2_000;

  private final Path data = Path.of(System.getenv("MIMIR_DATA_DIR"));
  private final Path mimir;
  private final int port;
  private final int rounds;
  private final Results results;
  private final HttpServer provider;
  private final Random random = new Random(17);

  /** Questions to the database that have to be answered with 1, of all rounds. */
  private final List<Stored> stored = new ArrayList<>();

  private String token;

  /** Something that was answered as done. */
  private record Stored(String what, String question, String value) {}

  /** What the writers of one round got. */
  private static final class Round {
    final ConcurrentLinkedQueue<Stored> done = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Long> calls = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();
    final AtomicInteger callsAsked = new AtomicInteger();
    final AtomicBoolean over = new AtomicBoolean();
  }

  private ServerKills(Results results, Path mimir, int port, int rounds) throws IOException {
    this.results = results;
    this.mimir = mimir;
    this.port = port;
    this.rounds = rounds;
    provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    provider.createContext("/v1/chat/completions", ServerKills::answer);
    provider.setExecutor(
        Executors.newCachedThreadPool(
            work -> {
              Thread thread = new Thread(work);
              thread.setDaemon(true);
              return thread;
            }));
    provider.start();
  }

  /** {@code RESULTS MIMIR PORT KILLS}. */
  public static void main(String[] arguments) throws Exception {
    Results results = new Results(Path.of(arguments[0]));
    ServerKills kills =
        new ServerKills(
            results,
            Path.of(arguments[1]),
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]));
    kills.run();
    results.write();
    System.exit(0);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    byte[] said =
        "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}"
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, said.length);
    exchange.getResponseBody().write(said);
    exchange.close();
  }

  private void run() throws Exception {
    Server server = new Server(mimir, port, data, Map.of());
    prepare(server);
    for (int round = 1; round <= rounds; round++) {
      boolean agreed = round(server, round);
      server = new Server(mimir, port, data, Map.of());
      boolean writes = server.post("/api/v1/chat", "{\"title\":\"after " + round + "\"}").status() == 201;
      if (!writes) {
        results.wrong("kill " + round + " of the server: the next write fails");
      }
      results.count(FAULT, WHERE, agreed, writes);
      results.write();
      System.out.printf("  %d kills, %,d deeds were done%n", round, stored.size());
    }
    int code = server.stop();
    if (code != 0) {
      results.wrong("the server ended with " + code);
    }
    try (Checks checks = new Checks(data)) {
      areStored(checks, "at the end", stored);
    }
  }

  private void prepare(Server server) throws InterruptedException {
    String models =
        IntStream.rangeClosed(0, rounds)
            .mapToObj(i -> "\"m" + i + "\"")
            .collect(Collectors.joining(","));
    server
        .post(
            "/api/v1/settings/api-keys",
            "{\"provider\":\"custom\",\"name\":\"gateway\",\"key_value\":\"sk-kills-0123456789\",\"endpoint_url\":\"http://127.0.0.1:%d/v1\",\"metadata\":{\"available_models\":[%s]}}"
                .formatted(provider.getAddress().getPort(), models))
        .text("id");
    token =
        server
            .post("/api/v1/settings/tokens", "{\"name\":\"gateway\",\"scopes\":[\"gateway\"]}")
            .text("token");
  }

  private boolean round(Server server, int number) throws Exception {
    Round round = new Round();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      String writer = "r" + number + "w" + i;
      Thread thread = new Thread(() -> write(server, round, number, writer));
      thread.start();
      writers.add(thread);
    }
    TimeUnit.MILLISECONDS.sleep(USAGE_WRITTEN_MS + random.nextInt(2_500));
    while (round.done.size() < 10) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    long killedAt = System.nanoTime();
    round.over.set(true);
    server.kill();
    for (Thread writer : writers) {
      writer.join();
    }
    stored.addAll(round.done);
    boolean agreed = true;
    try (Checks checks = new Checks(data)) {
      agreed &= areStored(checks, "kill " + number, round.done);
      for (String refused : round.refused) {
        agreed = wrong(number, "without a fault: " + refused);
      }
      for (String fault : checks.faults()) {
        agreed = wrong(number, fault);
      }
      agreed &= isUsageThere(checks, round, number, killedAt);
    }
    return agreed;
  }

  /** Each call that ended two seconds before the kill is counted, and none that was not made. */
  private boolean isUsageThere(Checks checks, Round round, int number, long killedAt)
      throws SQLException {
    long counted =
        checks.number(
            "select ifnull(sum(requests), 0) from usage_hours where model = 'm" + number + "'");
    long due =
        round.calls.stream()
            .filter(at -> killedAt - at > TimeUnit.MILLISECONDS.toNanos(USAGE_WRITTEN_MS))
            .count();
    return counted >= due && counted <= round.callsAsked.get()
        || wrong(
            number,
            "%d calls are counted; %d had to be, %d were asked for"
                .formatted(counted, due, round.callsAsked.get()));
  }

  private boolean areStored(Checks checks, String when, Iterable<Stored> all) throws SQLException {
    boolean agreed = true;
    for (Stored each : all) {
      try (var statement = checks.connection().prepareStatement(each.question())) {
        statement.setString(1, each.value());
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          if (row.getLong(1) != 1) {
            results.wrong("%s of the server: %s is not stored".formatted(when, each));
            agreed = false;
          }
        }
      }
    }
    return agreed;
  }

  private boolean wrong(int number, String what) {
    results.wrong("kill " + number + " of the server: " + what);
    return false;
  }

  // --- The writers ----------------------------------------------------------------------------------

  private void write(Server server, Round round, int number, String writer) {
    Random choice = new Random(writer.hashCode());
    try {
      for (int i = 0; !round.over.get(); i++) {
        String name = writer + "-" + i;
        switch (choice.nextInt(6)) {
          case 0 -> key(server, round, name);
          case 1 -> token(server, round, name);
          case 2 -> conversation(server, round, name, "m" + number);
          default -> call(server, round, "m" + number);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A new key, changed, and deleted. */
  private void key(Server server, Round round, String name) throws InterruptedException {
    Server.Answer made =
        server.post(
            "/api/v1/settings/api-keys",
            "{\"provider\":\"openai\",\"name\":\"%s\",\"key_value\":\"sk-kills-0123456789\"}"
                .formatted(name));
    if (!isDone(round, made, 201)) {
      return;
    }
    String id = made.text("id");
    done(round, "key", "select count(*) from api_keys where id = ?", id);
    String path = "/api/v1/settings/api-keys/" + id;
    if (isDone(round, server.put(path, "{\"priority\":7}"), 200)) {
      done(round, "change of key", "select count(*) from api_keys where id = ? and priority = 7", id);
    }
    if (name.hashCode() % 2 == 0 && isDone(round, server.delete(path), 200)) {
      done(
          round,
          "deletion of key",
          "select count(*) from api_keys where id = ? and deleted_at is not null",
          id);
    }
  }

  /** A new token, taken back. */
  private void token(Server server, Round round, String name) throws InterruptedException {
    Server.Answer made =
        server.post(
            "/api/v1/settings/tokens",
            "{\"name\":\"%s\",\"scopes\":[\"gateway\"]}".formatted(name));
    if (!isDone(round, made, 201)) {
      return;
    }
    String id = made.text("id");
    done(round, "token", "select count(*) from access_tokens where id = ?", id);
    if (isDone(round, server.delete("/api/v1/settings/tokens/" + id), 200)) {
      done(
          round,
          "end of token",
          "select count(*) from access_tokens where id = ? and revoked_at is not null",
          id);
    }
  }

  /** A new conversation with a question and its answer. */
  private void conversation(Server server, Round round, String name, String model)
      throws InterruptedException {
    Server.Answer made = server.post("/api/v1/chat", "{\"title\":\"" + name + "\"}");
    if (!isDone(round, made, 201)) {
      return;
    }
    String id = made.text("id");
    done(round, "conversation", "select count(*) from conversations where id = ?", id);
    round.callsAsked.incrementAndGet();
    Server.Answer said =
        server.post(
            "/api/v1/chat/" + id + "/message",
            "{\"message\":\"Hi\",\"model_provider\":\"custom\",\"model_name\":\"%s\"}"
                .formatted(model));
    if (isDone(round, said, 200)) {
      round.calls.add(System.nanoTime());
      done(
          round,
          "question and answer",
          "select count(*) / 2 from messages where conversation_id = ?",
          id);
    }
  }

  private void call(Server server, Round round, String model) throws InterruptedException {
    round.callsAsked.incrementAndGet();
    Server.Answer said =
        server.post(
            "/v1/chat/completions",
            "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
                .formatted(model),
            token);
    if (isDone(round, said, 200)) {
      round.calls.add(System.nanoTime());
    }
  }

  private static void done(Round round, String what, String question, String value) {
    round.done.add(new Stored(what, question, value));
  }

  private static boolean isDone(Round round, Server.Answer answer, int wanted) {
    // No answer at all is what a kill leaves.
    if (answer.status() != 0 && answer.status() != wanted) {
      round.refused.add(answer.toString());
    }
    return answer.status() == wanted;
  }
}
