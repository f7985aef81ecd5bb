import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.CookieManager;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The calls of the mixture; each answer is looked at to its end. */
final class SoakCalls {

  private static final int PIECES = 20;
  private static final String TEXT = Provider.text(PIECES);
  private static final Pattern CONTENT = Pattern.compile("\"content\":\"([^\"]*)\"");

  private final Mimir mimir;
  private final SoakTimes times;
  private final String cookies;
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong pieces = new AtomicLong();

  SoakCalls(Mimir mimir, SoakTimes times) throws Exception {
    this.mimir = mimir;
    this.times = times;
    cookies = signIn();
  }

  /** Calls of models that were answered in full. */
  long answered() {
    return answered.get();
  }

  /** Pieces of the answers to them. */
  long pieces() {
    return pieces.get();
  }

  private String signIn() throws Exception {
    CookieManager jar = new CookieManager();
    HttpClient browser = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).cookieHandler(jar).build();
    String form =
        "login=login&next=&signin=Sign+in&jakarta.faces.ViewState=stateless&username=%s&password=%s"
            .formatted(Mimir.USER, URLEncoder.encode(Mimir.PASSWORD, StandardCharsets.UTF_8));
    int status =
        browser
            .send(
                mimir.request("/login").header("Content-Type", "application/x-www-form-urlencoded").POST(BodyPublishers.ofString(form)).build(),
                BodyHandlers.discarding())
            .statusCode();
    if (status != 302) {
      throw new IllegalStateException("The sign-in was answered " + status);
    }
    return jar.getCookieStore().getCookies().stream()
        .map(cookie -> cookie.getName() + "=" + cookie.getValue())
        .collect(Collectors.joining("; "));
  }

  /**
   * @param number how many of this kind there were before: kinds with two addresses take turns
   * @param due when it should have begun, whose time counts
   */
  void call(char kind, long number, long due) {
    boolean even = number % 2 == 0;
    String name =
        switch (kind) {
          case 'S' -> "stream";
          case 'W' -> "whole answer";
          case 'A' -> even ? "API, keys" : "API, status";
          case 'P' -> even ? "page, sign-in" : "page, keys";
          default -> throw new IllegalArgumentException("No kind of call: " + kind);
        };
    try {
      String fault =
          switch (kind) {
            case 'S' -> stream(due);
            case 'W' -> whole();
            case 'A' -> even ? api("/api/v1/settings/api-keys", "\"" + Mimir.KEY_NAME + "\"") : api("/api/v1/status", "\"status\":\"ok\"");
            default -> even ? page("/login", null) : page("/settings/api-keys", cookies);
          };
      if (fault == null) {
        times.add(kind == 'S' ? "stream, to its end" : name, due, System.nanoTime() - due);
      } else {
        times.error(name + ": " + fault);
      }
    } catch (HttpTimeoutException e) {
      times.error(name + ": no answer within a minute");
    } catch (IOException e) {
      times.error(name + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What is wrong with the answer; null where nothing is. */
  private String stream(long due) throws IOException, InterruptedException {
    HttpResponse<InputStream> answer = mimir.http().send(mimir.question(PIECES, true), BodyHandlers.ofInputStream());
    StringBuilder text = new StringBuilder();
    String last = "";
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("data:")) {
          if (last.isEmpty()) {
            times.add("stream, first piece", due, System.nanoTime() - due);
          }
          Matcher content = CONTENT.matcher(line);
          text.append(content.find() ? content.group(1) : "");
          last = line;
        }
      }
    }
    if (answer.statusCode() != 200) {
      return "status " + answer.statusCode();
    }
    return last.equals("data: [DONE]") ? judged(text.toString()) : "ends with " + last;
  }

  private String whole() throws IOException, InterruptedException {
    HttpResponse<String> answer = mimir.http().send(mimir.question(PIECES, false), BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      return "status " + answer.statusCode();
    }
    Matcher content = CONTENT.matcher(answer.body());
    return judged(content.find() ? content.group(1) : "");
  }

  private String judged(String text) {
    answered.incrementAndGet();
    pieces.addAndGet(PIECES);
    return text.equals(TEXT) ? null : "another text";
  }

  private String api(String path, String expected) throws IOException, InterruptedException {
    return get(path, "Authorization", mimir.bearer(), "application/json", expected);
  }

  private String page(String path, String cookie) throws IOException, InterruptedException {
    return cookie == null
        ? get(path, "Accept", "text/html", "text/html", "</html>")
        : get(path, "Cookie", cookie, "text/html", Mimir.KEY_NAME);
  }

  private String get(String path, String header, String value, String type, String expected) throws IOException, InterruptedException {
    HttpResponse<String> answer = mimir.http().send(mimir.request(path).header(header, value).build(), BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      return "status " + answer.statusCode();
    }
    String got = answer.headers().firstValue("Content-Type").orElse("none");
    if (!got.startsWith(type)) {
      return "type " + got;
    }
    return answer.body().contains(expected) ? null : "without " + expected;
  }
}
