package io.mimir.plugin.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PluginFormTest {

  private static final int MANY = 100_000;
  private static final int MAX_SIGNATURE_BYTES = 64 * 1024;

  /** What the server would have read of a body. */
  private static final class Counted extends ServletInputStream {

    private final InputStream body;
    private long read;

    Counted(InputStream body) {
      this.body = body;
    }

    @Override
    public int read() throws IOException {
      int next = body.read();
      read += next < 0 ? 0 : 1;
      return next;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = body.read(target, offset, length);
      read += Math.max(count, 0);
      return count;
    }

    @Override
    public boolean isFinished() {
      return false;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new UnsupportedOperationException();
    }
  }

  private static String part(String head, String value) {
    return "--edge\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n".formatted(head, value);
  }

  private static Counted body(String... parts) {
    String form = String.join("", parts) + "--edge--\r\n";
    return new Counted(new ByteArrayInputStream(form.getBytes(StandardCharsets.UTF_8)));
  }

  private static PluginForm read(Counted body) {
    return read(body, -1);
  }

  /**
   * @param announced Content-Length, or negative without one
   */
  private static PluginForm read(Counted body, long announced) {
    HttpServletRequest request =
        (HttpServletRequest)
            Proxy.newProxyInstance(
                PluginFormTest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "getMethod" -> "POST";
                      case "getContentType" -> "multipart/form-data; boundary=edge";
                      case "getContentLength" -> (int) announced;
                      case "getContentLengthLong" -> announced;
                      case "getHeader" ->
                          announced >= 0 && "Content-Length".equalsIgnoreCase((String) arguments[0])
                              ? String.valueOf(announced)
                              : null;
                      case "getInputStream" -> body;
                      default -> null;
                    });
    return PluginForm.read(request, MAX_SIGNATURE_BYTES);
  }

  private static Problem refusal(Counted body) {
    return catchThrowableOfType(ProblemException.class, () -> read(body)).problem();
  }

  @Test
  void readsAFileAndWhatIsSentBesideItInAnyOrder() throws IOException {
    Counted body =
        body(
            part("name=\"description\"", "für alle"),
            part("name=\"file\"; filename=\"a.so\"", "ELF"),
            part("name=\"signature\"; filename=\"a.sig\"", "signed"));

    try (PluginForm form = read(body);
        InputStream content = form.content()) {
      assertThat(form.fileName()).isEqualTo("a.so");
      assertThat(content.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("ELF");
      assertThat(form.signature()).asString(StandardCharsets.UTF_8).isEqualTo("signed");
      assertThat(form.text("description")).isEqualTo("für alle");
      assertThat(form.text("name")).isNull();
    }
  }

  /** The server's own reader took four times as long for twice as many, and the memory of all. */
  @Test
  void readsNoFurtherThanTheFirstPartThatIsNotWanted() {
    Counted strange = body(part("name=\"x\"", "").repeat(MANY));
    Counted twice = body(part("name=\"name\"", "").repeat(MANY));
    Counted files = body(part("name=\"file\"; filename=\"a.so\"", "").repeat(MANY));

    assertThat(refusal(strange)).isEqualTo(Problem.UNKNOWN_FIELD);
    assertThat(refusal(twice)).isEqualTo(Problem.MALFORMED);
    assertThat(refusal(files)).isEqualTo(Problem.MALFORMED);
    assertThat(strange.read).isLessThan(16 * 1024);
    assertThat(twice.read).isLessThan(16 * 1024);
    assertThat(files.read).isLessThan(16 * 1024);
  }

  @Test
  void readsPartsWithoutANameOnce() {
    Counted body = body("--edge\r\nX: y\r\n\r\n\r\n".repeat(MANY), part("name=\"name\"", "n"));

    try (PluginForm form = read(body)) {
      assertThat(form.text("name")).isEqualTo("n");
      assertThat(form.hasFile()).isFalse();
    }
  }

  @Test
  void refusesTooMuchBeforeItIsReadAndWhereItEnds() {
    Counted announced = body(part("name=\"file\"", "ELF"));
    Counted endless =
        new Counted(
            new SequenceInputStream(
                new ByteArrayInputStream(
                    part("name=\"file\"", "").strip().concat("\r\n\r\n").getBytes()),
                new InputStream() {
                  @Override
                  public int read() {
                    return 'x';
                  }

                  @Override
                  public int read(byte[] target, int offset, int length) {
                    return length;
                  }
                }));

    assertThatThrownBy(() -> read(announced, 70_000_000))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.TOO_LARGE));
    assertThat(announced.read).isZero();
    assertThat(refusal(endless)).isEqualTo(Problem.TOO_LARGE);
    assertThat(refusal(body(part("name=\"name\"", "x".repeat(4097))))).isEqualTo(Problem.TOO_LARGE);
    assertThat(refusal(body(part("name=\"signature\"", "x".repeat(MAX_SIGNATURE_BYTES + 1)))))
        .isEqualTo(Problem.TOO_LARGE);
  }

  @Test
  void refusesWhatIsNoForm() {
    assertThat(refusal(new Counted(new ByteArrayInputStream("--edge\r\nX: y".getBytes()))))
        .isEqualTo(Problem.MALFORMED);
    assertThat(refusal(body(part("name=\"" + "x".repeat(5000) + "\"", ""))))
        .isEqualTo(Problem.TOO_LARGE);
    assertThat(refusal(body(part("name=\"file\"; filename=\"a\0b.so\"", "ELF"))))
        .isEqualTo(Problem.MALFORMED);
  }
}
